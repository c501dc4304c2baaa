"""Whatever breaks, wherever: each record is on the host once, or still on the band.

The firmware's service, the log, the conversation and the store are the real ones; only the air
between them is made up.
"""

import asyncio
import errno
import fcntl
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from whole import whole_or

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
import proven
from air import DEVICE_ID, KEYS, UTC_MS, AirRadio, Band, HostKilled
from memory_storage import MemoryStorage
from nights_by_hand import Pen
from notturno.errors import UserError
from notturno.link import Found, LinkLost
from notturno.onlyone import only_one
from notturno.store import Store
from notturno.sync import sync
from notturno_core import wire

DEVICE = DEVICE_ID.hex()


def night_records(minutes=120):
    pen = Pen()
    pen.night(2000, minutes, [(i * 0.9 + 0.1, {}) for i in range(minutes)])
    return [(f[4], f[6:-4]) for f in pen.frames]


RECORDS = night_records()


async def no_wait(_):
    await asyncio.sleep(0)


def synced(band, folder, fate=lambda *_: None, **options):
    """Run one sync; return (result, radio). The store is opened and closed as a process would."""

    async def whole():
        radio = AirRadio(band, fate, options.pop("utc_ms", UTC_MS), options.pop("mtu", 247))
        keys = options.pop("keys", KEYS)
        async with band.awake():
            with Store.open(folder) as store:
                (result,) = await sync(
                    radio, store, "Europe/Rome", keys=keys, sleep=no_wait, **options
                )
                return result, radio

    return asyncio.run(whole())


def stored_frames(folder, log_id=0xABCD):
    with Store.open(folder) as store:
        return list(store.frames(DEVICE, log_id, 0, 1 << 32))


def check_nothing_lost(band, folder, written):
    """Every record ever written is on the host or on the band, and the host has none twice."""
    on_host = stored_frames(folder)
    assert len(on_host) == len(set(on_host))
    assert set(written) <= set(on_host) | set(band.frames())
    confirmed = [f for f in written if int.from_bytes(f[:4], "little") < band.log.committed_seq]
    assert set(confirmed) <= set(on_host)


def test_a_night_comes_over_record_for_record_and_a_second_sync_adds_nothing(tmp_path):
    band = Band(RECORDS)
    result, _ = synced(band, tmp_path)
    assert stored_frames(tmp_path) == band.frames()
    assert result.new_records == len(RECORDS) + 1  # and the time that was set
    assert result.new_events == 120
    assert result.nights == ["2026-01-13"] or result.nights == ["2026-01-12"]
    assert band.log.committed_seq == band.log.next_seq == result.committed_seq
    assert result.warnings == []
    again, _ = synced(band, tmp_path)
    assert (again.new_records, again.new_events, again.nights) == (0, 0, [])
    assert again.total_records == result.total_records
    assert stored_frames(tmp_path) == band.frames()


def test_what_the_band_says_of_itself_is_kept_also_when_nothing_is_new(tmp_path, one_now):
    band = Band(RECORDS)
    synced(band, tmp_path)
    with Store.open(tmp_path, create=False) as store:
        (first,) = store.bands()
    assert first["next_seq"] == band.log.next_seq - 1  # said before its clock was set
    assert first["waiting"] == 0
    assert first["firmware"] and first["battery_mv"] and first["state_names"] is not None
    one_now.utc_ms += 2
    assert synced(band, tmp_path)[0].new_records == 0
    with Store.open(tmp_path, create=False) as store:
        (again,) = store.bands()
    assert again["seen_utc_ms"] == first["seen_utc_ms"] + 2
    assert again["next_seq"] == band.log.next_seq


def test_the_clock_is_set_again_after_an_hour_or_when_it_is_wrong(tmp_path):
    band = Band(RECORDS[:5])
    synced(band, tmp_path)
    band.tick += 1_800_000
    assert synced(band, tmp_path, utc_ms=UTC_MS + 1_800_000)[0].new_records == 0
    assert synced(band, tmp_path, utc_ms=UTC_MS + 1_900_000)[0].new_records == 1
    band.tick += 3_700_000
    assert synced(band, tmp_path, utc_ms=UTC_MS + 5_600_000)[0].new_records == 1


@pytest.mark.parametrize(
    ("off_ms", "says"),
    [
        (0, None),
        (60_000, None),  # a tick may drift by 2 % in 10 h
        (3_600_000, "is 1.0 h ahead of what the band makes of its last setting by this computer"),
        (-3_600_000, "is 1.0 h behind what"),
        (3 * 86_400_000, "is 3.0 days ahead of"),
    ],
)
def test_a_computer_whose_clock_jumped_is_named_before_it_sets_the_time(tmp_path, off_ms, says):
    band = Band(RECORDS[:5])
    assert synced(band, tmp_path, host_id=7)[0].warnings == []
    band.tick += 36_000_000
    warnings = synced(band, tmp_path, utc_ms=UTC_MS + 36_000_000 + off_ms, host_id=7)[0].warnings
    if says is None:
        assert warnings == []
    else:
        assert len(warnings) == 1 and says in warnings[0]
    band.tick += 36_000_000
    other = synced(band, tmp_path, utc_ms=UTC_MS + 72_000_000 + 7_200_000, host_id=0xABC)[0]
    assert any("its last setting by another computer" in w or "this" in w for w in other.warnings)


@settings(max_examples=whole_or(40, 16), deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.sampled_from(["drop", "lose", "change"])), max_size=3
    )
)
def test_a_link_that_breaks_anywhere_costs_nothing(tmp_path_factory, faults):
    folder = tmp_path_factory.mktemp("drop")
    band = Band(RECORDS)
    written = band.frames()
    fates = dict(faults)
    result, _ = synced(band, folder, lambda number, kind: fates.get(number))
    check_nothing_lost(band, folder, written)
    assert stored_frames(folder) == band.frames()
    assert result.committed_seq == band.log.next_seq
    assert synced(band, folder)[0].new_records == 0


@settings(max_examples=whole_or(40, 16), deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=3))
def test_a_host_killed_anywhere_has_everything_after_the_next_sync(tmp_path_factory, kills):
    folder = tmp_path_factory.mktemp("kill")
    band = Band(RECORDS)
    written = band.frames()
    for kill in kills:
        try:
            synced(
                band, folder, lambda number, kind, kill=kill: "kill" if number == kill else None
            )
        except HostKilled:
            pass
        check_nothing_lost(band, folder, written)
    synced(band, folder)
    check_nothing_lost(band, folder, written)
    assert stored_frames(folder) == band.frames()
    assert synced(band, folder)[0].new_records == 0


@pytest.mark.parametrize("before", [True, False])
def test_a_host_killed_around_the_stores_own_commit_has_everything_after_the_next(
    tmp_path, monkeypatch, before
):
    band = Band(RECORDS)
    written = band.frames()
    real = Store.add

    def deadly(store, pen, frames):
        if before:
            raise HostKilled
        real(store, pen, frames)
        raise HostKilled

    monkeypatch.setattr(Store, "add", deadly)
    with pytest.raises(HostKilled):
        synced(band, tmp_path)
    monkeypatch.setattr(Store, "add", real)
    check_nothing_lost(band, tmp_path, written)
    assert band.log.committed_seq == 1
    synced(band, tmp_path)
    assert stored_frames(tmp_path) == band.frames()


def test_nothing_is_confirmed_before_it_is_stored(tmp_path, monkeypatch):
    band = Band(RECORDS)
    real = band.log.commit
    seen = []

    def watched(through_seq):
        with Store.open(tmp_path) as store:
            seen.append(store.next_seq(DEVICE, 0xABCD) > through_seq)
        real(through_seq)

    band.log.commit = watched
    synced(band, tmp_path)
    assert seen == [True]


def test_a_link_lost_for_good_is_one_sentence_and_keeps_what_came(tmp_path):
    band = Band(RECORDS)
    with pytest.raises(UserError, match="lost again and again.*stored"):
        synced(band, tmp_path, lambda number, kind: "drop" if kind == "data" else None)
    check_nothing_lost(band, tmp_path, band.frames())


def test_a_link_that_always_breaks_before_a_checkpoint_still_gets_on(tmp_path):
    band = Band(RECORDS)
    count = [0]

    def fate(number, kind):
        count[0] = 0 if kind == "write" else count[0] + 1
        return "drop" if count[0] == 8 else None

    result, radio = synced(band, tmp_path, fate)
    assert radio.connections > 3
    assert stored_frames(tmp_path) == band.frames()


def test_a_damaged_record_is_skipped_and_named_and_the_rest_is_kept_and_confirmed(tmp_path):
    band = Band(RECORDS)
    name = band.log._starts[0]
    file = band.storage.files[f"log-{name:08x}.bin"]
    offset = sum(len(frame) for frame in band.frames()[:49])
    file[offset + 8] ^= 0x40
    result, _ = synced(band, tmp_path)
    assert result.warnings == [
        "Record 50 is damaged on the band and could not be read; the rest is safe."
    ]
    assert len(stored_frames(tmp_path)) == len(RECORDS)
    assert band.log.committed_seq == band.log.next_seq


def test_a_record_that_rots_after_it_was_fetched_does_not_block_the_confirmation(tmp_path):
    band = Band(RECORDS)
    with pytest.raises(HostKilled):
        commits = []

        def fate(number, kind):
            commits.append(kind)
            return "kill" if commits.count("write") == 7 else None

        synced(band, tmp_path, fate)
    assert band.log.committed_seq == 1
    file = band.storage.files[f"log-{band.log._starts[0]:08x}.bin"]
    file[30] ^= 1
    result, _ = synced(band, tmp_path)
    assert band.log.committed_seq == band.log.next_seq
    assert len(stored_frames(tmp_path)) == len(RECORDS) + 1
    assert result.warnings == []


def test_numbers_left_out_after_a_power_cut_are_no_damage(tmp_path):
    storage = MemoryStorage()
    Band(RECORDS[:30], storage=storage)
    band = Band(RECORDS[:30], storage=storage)  # boots again on the same flash
    frames = band.frames()
    numbers = [int.from_bytes(frame[:4], "little") for frame in frames]
    assert numbers[30] > 31
    for i, (kind, payload) in enumerate(RECORDS[:1]):
        assert kind == wire.REC_SESSION and i == 0
        assert payload[:4] == (1).to_bytes(4, "little")
    result, _ = synced(band, tmp_path)
    assert stored_frames(tmp_path) == band.frames()
    # The made-up session of the second boot names the first one: that hole must be warned of.
    assert len(result.warnings) == 1
    other = Band(storage=MemoryStorage())
    for boot in (1, 2):
        session = wire.pack(wire.SESSION_FIELDS, {"boot_id": boot, "odr_mhz": 104_000})
        other.log.append(wire.REC_SESSION, session)
        other.log.next_seq += 200
    other.log.next_seq -= 200
    other.log.flush()
    (tmp_path / "other").mkdir()
    result, _ = synced(other, tmp_path / "other")
    assert result.warnings == []
    assert len(stored_frames(tmp_path / "other")) == 3


@pytest.mark.parametrize(("said", "advice"), [(7, "update notturno"), (1, "by cable")])
def test_another_protocol_version_is_said_with_both_numbers(tmp_path, said, advice):
    band = Band(RECORDS[:3])
    real = band.ble.gatts_write
    band.ble.gatts_write = lambda handle, data, *rest: real(handle, bytes((said,)), *rest)
    with pytest.raises(UserError, match=f"{said}.*{advice}"):
        synced(band, tmp_path)


def test_a_wiped_band_is_not_mistaken_for_the_old_one(tmp_path):
    synced(Band(RECORDS[:50]), tmp_path)
    wiped = Band()
    wiped.log.log_id = 0x77
    wiped.log.append(*RECORDS[0])
    wiped.log.flush()
    assert synced(wiped, tmp_path)[0].new_records == 2
    assert len(stored_frames(tmp_path, 0x77)) == 2
    assert len(stored_frames(tmp_path)) == 51


def test_a_second_computer_gets_everything_too(tmp_path):
    band = Band(RECORDS)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        synced(band, tmp_path / name)
    assert stored_frames(tmp_path / "b") == band.frames()


class Near:
    """A radio with these bands in reach, none of which answers."""

    def __init__(self, *found):
        self.found = list(found)
        self.tried = []

    async def scan(self, timeout_s, enough=None):
        return self.found

    def connect(self, band):
        self.tried.append(band.name)
        raise LinkLost("out of reach")

    async def utc_now_ms(self):
        return UTC_MS


def ask(folder, radio, name=None, keys=KEYS):
    with Store.open(folder) as store:
        asyncio.run(sync(radio, store, "UTC", keys=keys, name=name, sleep=no_wait))


def test_no_band_and_no_key_and_a_wrong_name_are_said_with_advice(tmp_path):
    with pytest.raises(UserError, match="No band was found: put it on its charger"):
        ask(tmp_path, Near())
    with pytest.raises(UserError, match="holds no band's key.*key add"):
        ask(tmp_path, Near(), keys={})
    two = [Found("left", "01", None), Found("right", "02", None)]
    with pytest.raises(UserError, match="No band leg is near.*left.*right"):
        ask(tmp_path, Near(*two), name="leg")


def test_a_stranger_beside_a_silent_band_is_not_taken_for_it(tmp_path):
    """It is out of reach, or another program holds it: that is said before the stranger."""
    other = Band(RECORDS[:3], key=bytes(32))
    keys = {"5642024e54000009": proven.KEY}
    with pytest.raises(UserError, match="notturno-0009 was not heard.*another program.*no key"):
        synced(other, tmp_path, keys=keys)
    with pytest.raises(UserError) as said:
        synced(other, tmp_path)  # the one that was heard bears the name
    assert "was not heard" not in str(said.value)


def test_each_band_in_reach_is_tried_and_one_by_name_alone(tmp_path):
    two = Near(Found("left", "01", None), Found("right", "02", None))
    with pytest.raises(UserError, match="lost again and again"):
        ask(tmp_path, two)
    assert two.tried == ["left", "right"] * 4
    one = Near(*two.found)
    with pytest.raises(UserError, match="lost again and again"):
        ask(tmp_path, one, name="02")
    assert one.tried == ["right"] * 4


def test_two_syncs_of_one_folder_at_once_are_refused(tmp_path):
    with only_one(tmp_path / "sync.lock", "busy"):
        with pytest.raises(UserError, match="busy"):
            with only_one(tmp_path / "sync.lock", "busy"):
                raise AssertionError("both ran")
    with only_one(tmp_path / "sync.lock", "busy"):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_share_without_locks_is_not_taken_for_another_sync(tmp_path, monkeypatch, number):
    def refuse(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(UserError, match="knows no locks.*--data-dir"):
        with only_one(tmp_path / "sync.lock", "busy"):
            raise AssertionError("it ran without a lock")


def test_progress_ends_at_the_number_expected(tmp_path):
    seen = []
    synced(
        Band(RECORDS), tmp_path, progress=lambda stored, expected: seen.append((stored, expected))
    )
    assert seen[-1][0] == seen[-1][1] == len(RECORDS) + 1
    assert [stored for stored, _ in seen] == sorted(stored for stored, _ in seen)
