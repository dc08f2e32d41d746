"""User data becomes zeros, digests stay as good as they were, and what tells of the conversation stays."""

from __future__ import annotations

from dissectors.iscsi.digest import data_digest
from iscsi_analyzer.redaction.addresses import Addresses
from iscsi_analyzer.redaction.plans import Plans, telling, wrong_as_before
from iscsi_analyzer.redaction.pseudonyms import Pseudonyms
from iscsi_analyzer.redaction.texts import Texts
from iscsi_analyzer.redaction.what import What
from iscsi_analyzer.run import Analysis
from iscsi_analyzer.store.store import Store
from tests.support.command import analysed
from tests.support.samples import sample


def plans_of(store: Store, what: What | None = None) -> Plans:
    pseudonyms = Pseudonyms()
    what = what or What()
    return Plans(store, what, pseudonyms, Texts(what, pseudonyms, Addresses(pseudonyms)))


def test_data_of_reads_and_writes_goes_and_nothing_else() -> None:
    store = analysed(sample("m30_write_initialr2t_yes_immediate_yes")).store
    plans = plans_of(store)
    changed = {store.row(number).opcode for number in range(1, len(store) + 1) if plans.of(number)}
    assert changed == {0x01, 0x05}
    for number in range(1, len(store) + 1):
        for change in plans.of(number):
            assert change.data is None
            assert change.end - change.start == store.row(number).data_segment_length


def test_a_good_digest_is_good_again() -> None:
    checked = 0
    with Analysis([sample("m21_both_digests")], random_access=True) as analysis:
        store = analysis.run().store
        plans = plans_of(store)
        for number in range(1, len(store) + 1):
            if changes := plans.of(number):
                assert store.row(number).data_digest == "ok"
                data, digest = changes
                assert digest.data == data_digest(bytes(digest.start - data.start))
                checked += 1
    assert checked


def test_data_that_describes_a_device_stays_unless_it_tells_it_from_others() -> None:
    with Analysis([sample("k02_login_scan_logout")], random_access=True) as analysis:
        store = analysis.run().store
        plain, private = plans_of(store), plans_of(store, What(serials=True))
        cdbs = {
            store.row(row.request).header[32]
            for number, row in enumerate(store.rows(), 1)
            if plain.of(number) != private.of(number)
        }
        assert cdbs == {0x12}
        assert not any(plain.of(number) for number, row in enumerate(store.rows(), 1) if row.opcode in (0x03, 0x23))


def test_a_bad_digest_is_bad_in_the_same_way() -> None:
    old, new, pad = b"abcdefg", bytes(7), b"\0"
    assert wrong_as_before(data_digest(old + pad)[::-1], old, new, pad) == data_digest(new + pad)[::-1]
    assert wrong_as_before(data_digest(old), old, new, pad) == data_digest(new)
    good = data_digest(new + pad)
    flipped = bytes([data_digest(old + pad)[0] ^ 0x40]) + data_digest(old + pad)[1:]
    assert wrong_as_before(flipped, old, new, pad) == bytes([good[0] ^ 0x40]) + good[1:]


def test_sense_data_and_rejected_headers_stay_and_what_follows_them_goes() -> None:
    assert telling(0x21, b"\0\x12" + bytes(18) + b"more") == 20
    assert telling(0x21, b"\xff\xff" + bytes(18)) == 20
    assert telling(0x21, b"") == 0
    assert telling(0x3F, bytes(4) + b"\2" + bytes(43) + bytes(8) + b"data") == 56
    assert telling(0x3F, b"abc") == 3
