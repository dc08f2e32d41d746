"""Every answer of `decode()` and every tunnel has words."""

from __future__ import annotations

from dissectors.net import codes
from dissectors.net.codes import REASONS, TUNNELS, reason

OTHERS = ("TUNNEL_", "NOTE_")


def test_every_code_has_a_number_and_words_of_its_own() -> None:
    numbers = [
        value
        for name, value in vars(codes).items()
        if isinstance(value, int) and name.isupper() and not name.startswith(OTHERS)
    ] + [codes.TUNNEL_PAYLOAD]
    assert sorted(numbers) == sorted(REASONS)
    assert len(set(REASONS.values())) == len(REASONS)


def test_every_tunnel_has_a_name() -> None:
    numbers = [value for name, value in vars(codes).items() if name.startswith("TUNNEL_") and name != "TUNNEL_PAYLOAD"]
    assert sorted(numbers) == sorted(TUNNELS)
    assert len(set(TUNNELS.values())) == len(TUNNELS)


def test_words_can_be_formed_for_any_detail() -> None:
    for code in REASONS:
        for detail in (0, 1, 17, 0x88CC, 0xFFFFFFFFFF):
            assert "{" not in reason(code, detail)
    assert reason(codes.LINK_TYPE, 147) == "link type 147 is not known"
    assert reason(codes.IP_VERSION, 5) == "IP version 5"
    assert reason(999) == "code 999"
