"""Laws of the session and key records."""

from __future__ import annotations

from iscsi_analyzer.analysis.study import Study
from iscsi_analyzer.export.session_record import key_records, session_record
from tests.support.command import analysed
from tests.support.samples import SAMPLES


def test_connections_of_one_session_are_told_together() -> None:
    study = Study(analysed(SAMPLES / "k20_mcs_two_connections.pcap.zst").store)
    (session,) = map(session_record, study.sessions)
    assert session.connections == [1, 2]
    assert session.session_type == "Normal"


def test_a_session_names_the_one_whose_place_it_took() -> None:
    study = Study(analysed(SAMPLES / "k26_tcp_killed_session_reinstated.pcap.zst").store)
    first, second = map(session_record, study.sessions)
    assert (first.followed_by, second.follows) == (2, 1)
    assert second.away_ns is not None and 2_000_000_000 < second.away_ns < 2_100_000_000


def test_secrets_of_the_login_are_left_out() -> None:
    study = Study(analysed(SAMPLES / "u05_chap_ok.pcap.zst").store)
    keys = [record for found in study.keys for record in key_records(found)]
    responses = [record.offered or "" for record in keys if record.key == "CHAP_R"]
    assert responses and all("redacted" in text for text in responses)
