"""From the numbers of all captures to their record: rules, requirements, chapters, parties."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from iscsi_analyzer import build_info
from iscsi_analyzer.conformance.parties import ROLES, Party
from iscsi_analyzer.conformance.record import (
    BROKEN,
    HELD,
    NOT_EXERCISED,
    UNDECIDABLE,
    VERSION,
    ConformanceRecord,
    Counts,
    PartyName,
    PartyStanding,
    RequirementStanding,
    RuleOfParty,
    RuleStanding,
    SectionStanding,
    State,
)
from iscsi_analyzer.conformance.requirements import requirements, standard, why_unwatched
from iscsi_analyzer.conformance.sections import CHAPTERS, Section, chapter_of, order_of, sections_of
from iscsi_analyzer.conformance.tally import Count, Tally
from iscsi_analyzer.rules.catalogue import divided, explanation
from iscsi_analyzer.rules.desk import CAPTURE
from iscsi_analyzer.rules.plugin import Plugin


def state_of(held: int, broken: int, undecidable: int) -> State:
    """What the numbers come to."""
    if broken:
        return BROKEN
    if held:
        return HELD
    return UNDECIDABLE if undecidable else NOT_EXERCISED


def parties_called(tally: Tally, name: str) -> list[Party]:
    """The parties with that name, or else with it in their names."""
    found = [party for party in tally.parties if party.name == name]
    return found or [party for party in tally.parties if name.lower() in party.name.lower()]


def conformance(
    tally: Tally, *, party: str | None = None, chosen: Sequence[Party] = (), plugins: Iterable[Plugin] = ()
) -> ConformanceRecord:
    """The record of everything that was counted; with `party`, of the parties `chosen` for that name only, and of what
    those could break."""
    wanted = None if party is None else set(chosen)
    rules = [*_rules(tally, wanted, tuple(plugins))]
    by_name = {rule.rule: rule for rule in rules}
    return ConformanceRecord(
        version=VERSION,
        analyzer=build_info.__version__,
        captures=tally.captures,
        party=party,
        parties=_parties(tally, wanted, rules),
        rules=rules,
        requirements=_requirements(by_name, tally.rules),
        sections=_sections(rules),
    )


def _named(party: Party) -> PartyName:
    return PartyName(role=party.role, name=party.name)  # type: ignore[arg-type]


def _rules(tally: Tally, wanted: set[Party] | None, plugins: tuple[Plugin, ...]) -> Iterable[RuleStanding]:
    roles = None if wanted is None else {"either", *(party.role for party in wanted)}
    for name, (rule, severity) in tally.rules.items():
        if roles is not None and rule.party not in roles:
            continue
        if rule.party == CAPTURE and name not in tally.counts:
            continue  # a fault of the analyzer is worth a line only if there was one
        found = tally.counts.get(name, {})
        counts = {party: count for party, count in found.items() if wanted is None or party in wanted}
        of_parties = [_of_party(party, counts[party]) for party in sorted(counts, key=_order)]
        held, broken = (sum(getattr(each, what) for each in of_parties) for what in ("held", "broken"))
        undecidable = sum(each.undecidable for each in of_parties)
        try:
            summary = " ".join(divided(explanation(name, plugins))[""].split())
        except KeyError:
            summary = ""
        yield RuleStanding(
            rule=name,
            severity=severity,
            reference=rule.reference,
            summary=summary,
            occasion=rule.occasion,
            state=state_of(held, broken, undecidable),
            held=held,
            broken=broken,
            undecidable=undecidable,
            parties=[each for each in of_parties if each.state != NOT_EXERCISED],
        )


def _order(party: Party) -> tuple[int, str]:
    return ROLES.index(party.role), party.name


def _of_party(party: Party, count: Count) -> RuleOfParty:
    undecidable = count.undecidable.total()
    return RuleOfParty(
        party=_named(party),
        state=state_of(count.held, count.broken, undecidable),
        held=count.held,
        broken=count.broken,
        undecidable=undecidable,
        reasons=dict(count.undecidable.most_common()),
        places=count.places,
    )


def _parties(tally: Tally, wanted: set[Party] | None, rules: Iterable[RuleStanding]) -> list[PartyStanding]:
    states: dict[PartyName, Counter[State]] = {}
    for rule in rules:
        for each in rule.parties:
            states.setdefault(each.party, Counter())[each.state] += 1
    found = []
    for party in sorted(tally.parties, key=_order):
        if wanted is None or party in wanted:
            present, fared = tally.parties[party], states.get(_named(party), Counter())
            found.append(
                PartyStanding(
                    party=_named(party),
                    addresses=list(present.addresses),
                    connections=present.connections,
                    pdus=present.pdus,
                    held=fared[HELD],
                    broken=fared[BROKEN],
                    undecidable=fared[UNDECIDABLE],
                )
            )
    return found


def _requirements(rules: Mapping[str, RuleStanding], known: Mapping[str, object]) -> list[RequirementStanding]:
    found = []
    for requirement in requirements():
        watching = [rules[name] for name in requirement.watched_by(rules)]
        if not watching and requirement.watched_by(known):
            continue  # it is about others than the party that was asked for
        counts = together(watching)
        found.append(
            RequirementStanding(
                requirement=requirement.name,
                standard=standard(),
                section=requirement.section,
                kind=requirement.kind,  # type: ignore[arg-type]
                times=requirement.times,
                asks=requirement.asks,
                rules=[rule.rule for rule in watching],
                partly=requirement.partly,
                why="" if watching else why_unwatched(requirement),
                state=counts.state,
                held=counts.held,
                broken=counts.broken,
                undecidable=counts.undecidable,
            )
        )
    return found


def together(rules: Iterable[Counts]) -> Counts:
    """What several rules say of one requirement. Their occasions are mostly the same ones: those of the rule with most
    count. Their breaches differ: all count."""
    held = broken = undecidable = 0
    for rule in rules:
        held, broken = max(held, rule.held), broken + rule.broken
        undecidable = max(undecidable, rule.undecidable)
    return Counts(state=state_of(held, broken, undecidable), held=held, broken=broken, undecidable=undecidable)


def _sections(rules: Iterable[RuleStanding]) -> list[SectionStanding]:
    chapters: dict[Section, list[RuleStanding]] = {}
    for rule in rules:
        for chapter in dict.fromkeys(map(chapter_of, sections_of(rule.reference))):
            chapters.setdefault(chapter, []).append(rule)
    found = []
    for chapter in sorted(chapters, key=order_of):
        here = chapters[chapter]
        fared = Counter(rule.state for rule in here)
        found.append(
            SectionStanding(
                standard=chapter.standard,
                section=chapter.number,
                about=CHAPTERS.get(chapter, ""),
                rules=len(here),
                held=fared[HELD],
                broken=fared[BROKEN],
                undecidable=fared[UNDECIDABLE],
                not_exercised=fared[NOT_EXERCISED],
                occasions=sum(rule.held for rule in here),
                breaches=sum(rule.broken for rule in here),
            )
        )
    return found
