"""The grammar: what binds how strongly, what each operator means, and mistakes named where they are."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iscsi_analyzer.query import syntax as s
from iscsi_analyzer.query.errors import QueryError
from iscsi_analyzer.query.parser import KEYWORDS, MAX_DEPTH, parse


def shown(node: s.Node | s.Operand) -> str:
    """A tree in brackets."""
    if isinstance(node, s.Word):
        return node.token.text
    if isinstance(node, s.Masked):
        return f"({shown(node.inner)}&{shown(node.mask)})"
    if isinstance(node, s.Call):
        return f"{node.function}({shown(node.inner)})"
    if isinstance(node, s.Sliced):
        return f"{shown(node.inner)}{[(part.start, part.end) for part in node.parts]}"
    if isinstance(node, s.Present):
        return f"?{shown(node.operand)}"
    if isinstance(node, s.Compare):
        return f"{node.quantifier}({shown(node.left)}{node.operator}{shown(node.right)})"
    if isinstance(node, s.In):
        entries = [shown(e.low) + (f"..{shown(e.high)}" if e.high else "") for e in node.entries]
        return f"{node.quantifier}({shown(node.operand)} in {','.join(entries)})"
    if isinstance(node, s.Not):
        return f"!{shown(node.inner)}"
    if isinstance(node, s.Everything):
        return "everything"
    sign = {s.And: "&&", s.Or: "||", s.Xor: "^^"}[type(node)]
    return f"({sign.join(map(shown, node.parts))})"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", "everything"),
        ("a", "?a"),
        ("a == 1 || b && !c", "(any(a==1)||(?b&&!?c))"),
        ("a or b xor c and not d", "(?a||(?b^^(?c&&!?d)))"),
        ("a && b && c", "(?a&&?b&&?c)"),
        ("(a || b) && c", "((?a||?b)&&?c)"),
        ("!a == 1", "!any(a==1)"),
        ("!!a", "!!?a"),
        ("a & 0x80", "?(a&0x80)"),
        ("a & 0x80 == 0x80", "any((a&0x80)==0x80)"),
        ("(a & 0x80) == 0x80", "any((a&0x80)==0x80)"),
        ("((a)) == 1", "any(a==1)"),
        ("(a) in {1}", "any(a in 1)"),
        ("1 < a <= 5", "(any(1<a)&&any(a<=5))"),
        ("a in {1, 2, 5..9}", "any(a in 1,2,5..9)"),
        ("a not in {1}", "!any(a in 1)"),
        ("all a in {1}", "all(a in 1)"),
        ("any a != 1", "any(a!=1)"),
        ("all a == 1", "all(a==1)"),
        ('a contains "x" or a matches r"^y"', "(any(acontainsx)||any(amatches^y))"),
        ("lower(a) contains x", "any(lower(a)containsx)"),
        ("len(a[0:3]) > 2", "any(len(a[(0, 3)])>2)"),
        ("a[1-3,5,-2:,:4,7:] == b", "any(a[(1, 4), (5, 6), (-2, None), (0, 4), (7, None)]==b)"),
        ("a[-1] == b", "any(a[(-1, None)]==b)"),
        ("lower == 1", "any(lower==1)"),
    ],
)
def test_the_tree_of_a_filter(text: str, tree: str) -> None:
    assert shown(parse(text)) == tree


@pytest.mark.parametrize(
    ("operators", "meaning"),
    [
        (("==", "eq", "any_eq"), "any(a==1)"),
        (("===", "all_eq"), "all(a==1)"),
        (("!=", "ne", "all_ne"), "all(a!=1)"),
        (("!==", "~=", "any_ne"), "any(a!=1)"),
        (("<", "lt"), "any(a<1)"),
        (("<=", "le"), "any(a<=1)"),
        ((">", "gt"), "any(a>1)"),
        ((">=", "ge"), "any(a>=1)"),
        (("matches", "~"), "any(amatches1)"),
    ],
)
def test_operators_have_more_than_one_name(operators: tuple[str, ...], meaning: str) -> None:
    assert {shown(parse(f"a {operator} 1")) for operator in operators} == {meaning}


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("a ==", 4, "too early"),
        ("a = 1", 2, "== compares"),
        ("a | b", 2, "||"),
        ("(a", 2, ")"),
        ("a)", 1, "not expected"),
        ("a in {1 2}", 8, "}"),
        ("a in 1", 5, "{"),
        ("a in {}", 6, "not expected"),
        ("a b", 2, "not expected"),
        ("&& a", 0, "not expected"),
        ("a && && b", 5, "not expected"),
        ("a == and", 5, "not expected"),
        ("any a", 0, "wants a comparison"),
        ("a[x]", 2, "slice"),
        ("a[3-1]", 2, "slice"),
        ("a[1:0]", 2, "slice"),
        ("a[]", 2, "not expected"),
        ("a == 5..9", 6, "not expected"),
        ('a "b"', 2, "a string"),
    ],
)
def test_a_mistake_is_named_where_it_is(text: str, position: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.position == position
    assert words in caught.value.message


@pytest.mark.parametrize("text", ["(" * 500 + "a" + ")" * 500, "!" * 500 + "a", "lower(" * 500 + "a" + ")" * 500])
def test_depth_is_bounded(text: str) -> None:
    with pytest.raises(QueryError, match=str(MAX_DEPTH)):
        parse(text)


def test_many_parts_beside_each_other_are_no_depth() -> None:
    node = parse(" || ".join(["a"] * 5000))
    assert isinstance(node, s.Or) and len(node.parts) == 5000


def test_every_node_knows_where_it_stands() -> None:
    text = 'a == 1 && !(b in {2, "x"}) || lower(c[0]) contains d'
    waiting: list[s.Node] = [parse(text)]
    while waiting:
        node = waiting.pop()
        assert 0 <= node.span.position < node.span.position + node.span.length <= len(text)
        waiting += getattr(node, "parts", ())
        waiting += [node.inner] if isinstance(node, s.Not) else []


PIECES = ["a", "iscsi.opcode", "1", '"x"', "==", "!=", "&&", "||", "!", "not", "(", ")", "{", "}", "[", "]", ",", ".."]


@given(st.lists(st.sampled_from([*PIECES, *sorted(KEYWORDS), "&", "0:3", "lower"]), max_size=14))
def test_any_sequence_of_tokens_is_a_tree_or_a_mistake(pieces: list[str]) -> None:
    with suppress(QueryError):
        parse(" ".join(pieces))
