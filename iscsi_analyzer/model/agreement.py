"""From an offer and its answer to the value in force: the result functions of RFC 7143 section 13, one per form of key.

Pure functions over text as it was sent. An answer that the function does not allow has a result, too: what both sides
compute from it, with a remark.
"""

from __future__ import annotations

from dissectors.iscsi import keytable as table
from dissectors.iscsi.keytable import Key
from dissectors.iscsi.values import RESERVED_ANSWERS, parse_boolean, parse_list, parse_number, parse_range


def agree(key: Key, offered: str, answered: str) -> tuple[str | None, str]:
    """The result of a negotiated key (None if there cannot be one), and a remark if the answer is not one that the
    offer allows."""
    if key.form == table.BOOLEAN:
        return _boolean(key, offered, answered)
    if key.form == table.NUMBER:
        return _number(key, offered, answered)
    if key.form == table.RANGE:
        return _range(offered, answered)
    if answered not in parse_list(offered):
        return answered, f"{answered} was not offered"
    return answered, ""


def value_problem(key: Key, value: str) -> str:
    """Why the standard does not allow this value for the key; empty if it does, or leaves it open."""
    if value in RESERVED_ANSWERS:
        return ""
    if key.form == table.NUMBER:
        number = parse_number(value)
        if number is None:
            return f"{value[:40]!r} is no number"
        if number < key.low or (key.high and number > key.high):
            return f"{value} is outside of {key.low} to {key.high}"
    elif key.form == table.BOOLEAN and parse_boolean(value) is None:
        return f"{value[:40]!r} is neither Yes nor No"
    elif key.form == table.CHOICE and value not in key.choices:
        return f"{value[:40]!r} is none of {', '.join(key.choices)}"
    return ""


def _boolean(key: Key, offered: str, answered: str) -> tuple[str | None, str]:
    offer, answer = parse_boolean(offered), parse_boolean(answered)
    if answer is None:
        return None, ""
    if offer is None:
        return answered, ""
    result = (offer or answer) if key.result == table.OR else (offer and answer)
    remark = "" if result == answer else f"the answer should be {'Yes' if result else 'No'}"
    return "Yes" if result else "No", remark


def _number(key: Key, offered: str, answered: str) -> tuple[str | None, str]:
    offer, answer = parse_number(offered), parse_number(answered)
    if answer is None:
        return None, ""
    if offer is None:
        return str(answer), ""
    if key.result == table.MAXIMUM:
        return str(max(offer, answer)), "" if answer >= offer else "the answer is smaller than the offer"
    return str(min(offer, answer)), "" if answer <= offer else "the answer is larger than the offer"


def _range(offered: str, answered: str) -> tuple[str | None, str]:
    bounds, answer = parse_range(offered), parse_number(answered)
    if answer is None:
        return None, ""
    if bounds is not None and not bounds[0] <= answer <= bounds[1]:
        return answered, f"the answer is outside of {offered}"
    return answered, ""
