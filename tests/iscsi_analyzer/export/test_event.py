"""A storm of events is told by its first ones and a sum; nothing gets lost in it."""

from __future__ import annotations

from iscsi_analyzer.export.event import AT_ONCE, LOOK, PERIOD_NS, Calm, Event


def event(at: int, kind: str = "slow", connection: int = 1) -> Event:
    return Event(at, kind, 1, connection, f"at {at}", LOOK)


def test_the_first_ones_pass_and_the_rest_is_counted() -> None:
    calm = Calm()
    many = [event(at) for at in range(AT_ONCE + 5)]
    assert list(calm.pass_on(many, 100)) == many[:AT_ONCE]
    assert [each.text for each in calm.end()] == ["... and 5 more within a second"]
    assert list(calm.end()) == []


def test_the_sum_comes_when_the_storm_is_over() -> None:
    calm = Calm()
    list(calm.pass_on([event(at) for at in range(AT_ONCE + 1)], 100))
    [total] = calm.pass_on([], PERIOD_NS)
    assert total.text == "... and 1 more within a second"
    assert (total.kind, total.session, total.connection) == ("slow", 1, 1)


def test_kinds_and_connections_do_not_share_a_storm() -> None:
    calm = Calm()
    many = [event(at, kind, connection) for at in range(AT_ONCE) for kind in "ab" for connection in (1, 2)]
    assert list(calm.pass_on(many, 100)) == many


def test_events_far_from_each_other_are_no_storm() -> None:
    calm = Calm()
    many = [event(at * PERIOD_NS) for at in range(3 * AT_ONCE)]
    assert list(calm.pass_on(many, many[-1].at_ns)) == many


def test_an_event_that_would_only_be_counted_need_not_be_made() -> None:
    calm = Calm()
    made = [at for at in range(AT_ONCE + 7) if not calm.silent("slow", 1, at)]
    assert len(list(calm.pass_on([event(at) for at in made], 100))) == AT_ONCE
    assert [each.text for each in calm.end()] == ["... and 7 more within a second"]
