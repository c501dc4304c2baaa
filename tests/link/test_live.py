"""The command `live`: rows as they come, what became of each, and how it ends.

The firmware's service is the real one; the air is made up, but for the virtual band's below.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from air import KEYS, NAME, UTC_MS, AirRadio, Band
from nights_by_hand import Pen
from notturno import link, live
from notturno.cli import cli
from notturno.errors import UserError
from notturno.keys import KeyRing, keep_virtual
from notturno.store import Store
from notturno.sync import sync
from notturno.virtualband import VirtualBand
from notturno.virtualband.world import StillSource, Timeline
from notturno_core import wire

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
PROGRAM = Path(__file__).parent / "programs" / "rows" / "main.py"
MAIN = "from notturno.cli import main; main()"


def row(number=7, kind=wire.EVENT_JERK, **values):
    given = {"kind": kind, "number": number, "peak_mg": 90, "duration_samples": 26}
    return wire.pack_event(given | values)


def provisional(*args, **values):
    return lambda band: band.service.provisional(row(*args, **values))


def final(*args, **values):
    return lambda band: band.log.append(wire.REC_EVENT, row(*args, **values))


def logged(record, fields, /, **values):
    return lambda band: band.log.append(record, wire.pack(fields, values))


BEGIN = logged(wire.REC_SESSION, wire.SESSION_FIELDS, odr_mhz=52_000)


class Watched:
    """A band with a host that watches it; `do` lets things happen on the band in turn."""

    def __init__(self, *do, fate=lambda number, kind: None, state=wire.STATE_RECORDING):
        self.do = do
        self.band = Band()
        info = self.band.info
        self.band.service._answers._info = lambda: info() | {"state": state}
        self.radio = AirRadio(self.band, fate)

    @asynccontextmanager
    async def open_radio(self, _virtual=None):
        async with self.band.awake():
            self.happens = asyncio.create_task(self._happen())
            try:
                yield self.radio
            finally:
                self.happens.cancel()

    async def _happen(self):
        while not self.band.service._live._on:
            await asyncio.sleep(0.001)
        for one in self.do:
            one(self.band)
            await asyncio.sleep(0.005)

    def told(self):
        """Follow until all has happened; return what was told."""
        found = []

        async def whole():
            async with self.open_radio() as radio:
                following = asyncio.create_task(
                    live.follow(
                        radio,
                        lambda told, utc_ms: found.append((told, utc_ms)),
                        lambda name, info: None,
                        KEYS,
                    )
                )
                await self.happens
                for _ in range(50):  # turns of the loop: a busy machine may give no more in 0.1 s
                    if not following.done():
                        await asyncio.sleep(0.002)
                following.cancel()
                try:
                    await following
                except asyncio.CancelledError:
                    pass

        asyncio.run(whole())
        return found

    def command(self, monkeypatch, *arguments):
        monkeypatch.setattr(link, "open_radio", self.open_radio)
        monkeypatch.setattr(KeyRing, "all", lambda ring: KEYS)
        return CliRunner().invoke(cli, ["live", "--for", "1", *arguments])


def test_a_row_comes_at_once_and_is_final_under_the_same_number():
    told = Watched(provisional(7), provisional(8), final(7), final(8)).told()
    assert [(one.state, one.values["number"]) for one, _ in told] == [
        (live.PROVISIONAL, 7),
        (live.PROVISIONAL, 8),
        (live.FINAL, 7),
        (live.FINAL, 8),
    ]
    assert {utc_ms for _, utc_ms in told} == {UTC_MS}
    assert all(one.change == "" for one, _ in told)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        ({}, {"flags": wire.FLAG_IN_RHYTHM}, "jerk -> in a rhythm"),
        ({"flags": wire.FLAG_IN_LM}, {}, "in a longer movement -> jerk"),
        ({}, {"kind": wire.EVENT_LM}, "jerk -> lm"),
        ({}, {"kind": wire.EVENT_LM, "flags": wire.FLAG_IN_AWAKE}, "jerk -> lm while awake"),
        ({}, {"flags": wire.FLAG_CLIPPED, "peak_mg": 91}, ""),
        ({"flags": wire.FLAG_SMALL}, {"flags": wire.FLAG_SMALL | wire.FLAG_SLOW}, ""),
    ],
)
def test_a_row_is_revised_where_its_kind_or_its_counting_changes(before, after, change):
    ((_, _), (one, _)) = Watched(provisional(**before), final(**after)).told()
    assert one.change == change
    assert one.state == (live.REVISED if change else live.FINAL)


def test_a_final_row_without_a_provisional_one_and_one_of_the_first_layout_are_final():
    old = logged(wire.REC_EVENT, wire.EVENT_FIELDS_V1, kind=wire.EVENT_LM)
    told = [one for one, _ in Watched(final(3), old, old).told()]
    assert [(one.state, one.values["number"], one.was) for one in told] == [
        (live.FINAL, 3, None),
        (live.FINAL, None, None),
        (live.FINAL, None, None),
    ]


def test_numbers_begin_anew_with_a_recording_and_its_rate_gives_lengths():
    told = Watched(
        provisional(7, kind=wire.EVENT_LM),
        logged(wire.REC_END, wire.END_FIELDS, reason=wire.END_DOCKED),
        BEGIN,
        final(7),
    ).told()
    (first, _), (ends, _), (begins, _), (last, _) = told
    assert (ends, begins) == (live.Recording("ends", wire.END_DOCKED), live.Recording("begins"))
    assert first.duration_s is None and last.duration_s == 0.5
    assert last.state == live.FINAL and last.was is None


def test_two_minutes_on_end_tell_the_rate_where_the_beginning_was_missed():
    minutes = [
        logged(wire.REC_MINUTE, wire.MINUTE_FIELDS, sample=n * 3120, tick_ms=500 + n * 60_000)
        for n in (5, 6)
    ]
    told = Watched(minutes[0], final(1), minutes[1], final(2)).told()
    assert [one.duration_s for one, _ in told] == [None, 0.5]


def test_a_row_says_how_late_it_is_told_once_its_place_is_known():
    """At 52 a second: sample 520 at tick 29 990 000 ms, the row ends 2 s later, at 29 992 000."""
    place = logged(wire.REC_MINUTE, wire.MINUTE_FIELDS, sample=520, tick_ms=29_990_000)
    row = {"onset_sample": 520 + 91, "duration_samples": 13}
    told = Watched(final(1, **row), BEGIN, final(2, **row), place, final(3, **row)).told()
    rows = [one for one, _ in told if isinstance(one, live.Row)]
    assert [one.late_s for one in rows] == [None, None, 8.0]  # the band's tick is 30 000 000


def test_what_changes_on_the_way_or_is_of_no_known_layout_says_nothing():
    rows = []

    def fate(number, kind):
        rows.append(kind)
        return "change" if kind == "live" and rows.count("live") == 1 else None

    cut = logged(wire.REC_EVENT, wire.EVENT_FIELDS_V1[:3], kind=wire.EVENT_LM)
    told = Watched(final(1), cut, final(2), fate=fate).told()
    assert [one.values["number"] for one, _ in told] == [2]


def test_people_read_one_line_a_row_and_what_became_of_it(monkeypatch):
    watched = Watched(
        BEGIN,
        provisional(7),
        final(7, flags=wire.FLAG_IN_RHYTHM),
        final(8, kind=wire.EVENT_LM, flags=wire.FLAG_SMALL),
        logged(wire.REC_END, wire.END_FIELDS, reason=wire.END_DOCKED),
    )
    result = watched.command(monkeypatch)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith(f"Watching the band {NAME} (5642303030303031)")
    assert [line.split("  ", 1)[1].strip() for line in lines[1:6]] == [
        "the recording begins",
        "#7  jerk        0.50 s     90 mg  provisional",
        "#7  jerk        0.50 s     90 mg  revised: jerk -> in a rhythm",
        "#8  lm          0.50 s     90 mg  final, not counted: too small to be told from the "
        "pulse or the mattress",
        "the recording ends (docked)",
    ]
    assert lines[-1].startswith("Stopped after 2 final rows, 1 of them revised")


def test_programs_read_one_document_a_line(monkeypatch):
    watched = Watched(provisional(7), final(7, flags=wire.FLAG_IN_RHYTHM, source=1), state=0)
    result = watched.command(monkeypatch, "--json")
    band, first, last = (json.loads(line) for line in result.stdout.splitlines())
    assert {line["schema"] for line in (band, first, last)} == {"live-1"}
    assert (band["type"], band["recording"]) == ("band", False)
    assert {name for name, _ in wire.EVENT_FIELDS} <= set(last)
    assert (first["state"], first["flag_names"], first["was"]) == (
        "provisional",
        ["provisional"],
        None,
    )
    assert (last["state"], last["kind"], last["left_out"]) == ("revised", "jerk", "in_rhythm")
    assert last["was"] == {"kind": "jerk", "left_out": None}
    assert (last["number"], last["source"], last["utc_ms"]) == (7, "burst", UTC_MS)


def test_a_band_on_its_charger_is_said_to_record_nothing(monkeypatch):
    result = Watched(state=wire.STATE_DOCKED).command(monkeypatch)
    assert "take it off its charger" in result.stdout and result.exit_code == 0


def test_a_lost_link_says_what_to_do():
    def fate(number, kind):
        return "drop" if kind == "live" else None

    watched = Watched(final(1), fate=fate)
    with pytest.raises(UserError, match=r"bring it nearer and begin again.*notturno sync"):
        watched.told()
    assert watched.radio.connections == 1  # what began is not begun again unasked


def test_a_link_lost_before_anything_began_is_tried_again(monkeypatch):
    monkeypatch.setattr(live, "WAITS_S", (0.0, 0.0))
    dropped = []

    def fate(number, kind):
        if kind == "write" and len(dropped) < 2:
            dropped.append(number)
            return "drop"
        return None

    watched = Watched(final(1), fate=fate)
    assert [row.state for row, _ in watched.told()] == ["final"]
    assert watched.radio.connections == 3


def test_and_no_more_than_three_times(monkeypatch):
    monkeypatch.setattr(live, "WAITS_S", (0.0, 0.0))
    watched = Watched(fate=lambda number, kind: "drop")

    async def whole():
        async with watched.open_radio() as radio:
            await live.follow(radio, None, None, KEYS)

    with pytest.raises(UserError, match="bring it nearer and begin again"):
        asyncio.run(whole())
    assert watched.radio.connections == 3


def test_watching_confirms_and_changes_nothing_on_the_band():
    watched = Watched(provisional(1), final(1))
    watched.told()
    log = watched.band.log
    assert log.committed_seq == log.first_seq and log.next_seq == log.first_seq + 1


def test_a_provisional_row_among_the_records_of_a_sync_is_refused_and_never_stored(tmp_path):
    """As a broken firmware might send it: the records before it are kept, and it is not."""
    pen = Pen()
    pen.night(2000, 5)
    band = Band([(f[4], f[6:-4]) for f in pen.frames])
    buf = bytearray(wire.MAX_FRAME_LEN)
    n = wire.pack_frame_into(buf, 0, wire.SEQ_PROVISIONAL, wire.REC_EVENT, row())
    frames_from = band.log.frames_from
    band.log.frames_from = lambda seq: iter([*map(bytes, frames_from(seq)), bytes(buf[:n])])

    async def no_wait(_):
        await asyncio.sleep(0)

    async def whole():
        async with band.awake():
            with Store.open(tmp_path) as store:
                return await sync(AirRadio(band), store, "Europe/Rome", keys=KEYS, sleep=no_wait)

    (result,) = asyncio.run(whole())
    assert result.new_records == band.log.next_seq - 1 == band.log.committed_seq - 1
    with Store.open(tmp_path) as store:
        assert store.next_seq("5642303030303031", 0xABCD) == band.log.next_seq


def frame(kind, payload, seq=9):
    buf = bytearray(wire.MAX_FRAME_LEN)
    return bytes(buf[: wire.pack_frame_into(buf, 0, seq, kind, payload)])


def minute(sample, tick_ms, kind=wire.REC_MINUTE, fields=wire.MINUTE_FIELDS):
    return frame(kind, wire.pack(fields, {"sample": sample, "tick_ms": tick_ms}))


@pytest.mark.parametrize(
    ("sample", "tick_ms", "on_end", "ends_at_ms"),
    [
        (1000 + 1040, 5000 + 20_000, True, 25_000 + 10_000),  # 52 a second are learned
        (1000 + 1040, 5000 + 19_999, True, None),
        (1000 + 1040, 5000 + 20_000, False, None),
        (1000 + 2080, 5000 + 80_000, True, 85_000 - 20_000),  # 26 a second
    ],
)
def test_a_rate_is_learned_of_20_s_on_end(sample, tick_ms, on_end, ends_at_ms):
    follower = live.Follower()
    assert follower.take(minute(1000, 5000)) is None
    if on_end:
        follower.take(minute(sample, tick_ms))
    else:  # what stands behind a gap
        follower.take(minute(sample, tick_ms, wire.REC_SEGMENT, wire.SEGMENT_FIELDS))
    told = follower.take(frame(wire.REC_EVENT, row(onset_sample=2534, duration_samples=26), seq=9))
    assert told.end_tick_ms == ends_at_ms
    assert told.state == live.FINAL and told.was is None


def test_the_named_rate_holds_until_another_is_learned_and_0_is_none():
    follower = live.Follower()
    for odr_mhz, rate_hz in ((104_000, 104.0), (12_500, 12.5), (0, None)):
        begins = wire.pack(wire.SESSION_FIELDS, {"odr_mhz": odr_mhz})
        assert follower.take(frame(wire.REC_SESSION, begins)) == live.Recording("begins")
        assert follower.take(frame(wire.REC_EVENT, row())).rate_hz == rate_hz


@pytest.mark.parametrize(
    ("end_tick_ms", "utc_ms", "late_s"),
    [
        (1000, 70_000, 20.0),
        (3500, 70_000, 17.5),
        (1000, 50_040, 0.0),
        (9000, 50_000, 0.0),
        (None, 70_000, None),
    ],
)
def test_how_late_a_row_is_told_is_from_its_end_by_the_bands_tick(end_tick_ms, utc_ms, late_s):
    """At tick 1000 it was 50 000."""
    told = live.told_late(
        live.Row(live.FINAL, {}, end_tick_ms=end_tick_ms), (1000, 50_000), utc_ms
    )
    assert told.late_s == late_s


def test_live_rows_are_switched_on_by_a_one_and_what_is_known_is_told_once(monkeypatch):
    asked, begun = [], []

    class Connection:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            return None

        async def subscribe_live(self):
            asked.append("subscribed")

    class Radio:
        def connect(self, band):
            return Connection()

        async def utc_now_ms(self):
            return 50_000

    async def prove(connection, keys):
        return "link"

    async def ask_info(link):
        return {"tick_ms": 1000}

    async def ask(link, op, fields, **values):
        asked.append((link, op, values))

    async def listen(link, radio, tell, now):
        asked.append(now)

    for name, stand_in in (("prove", prove), ("ask_info", ask_info), ("ask", ask)):
        monkeypatch.setattr(live, name, stand_in)
    monkeypatch.setattr(live, "_listen", listen)
    found = SimpleNamespace(name="NT-1")
    asyncio.run(live._watch(Radio(), found, None, lambda *told: begun.append(told), {}, None))
    assert asked == ["subscribed", ("link", 6, {"on": 1}), (1000, 50_000)]
    assert begun == [("NT-1", {"tick_ms": 1000})]


# --- over the virtual band: the real VM, the real Bluetooth stack -------------------------------


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    program = tmp_path_factory.mktemp("program")
    shutil.copytree(FIRMWARE, program, dirs_exist_ok=True)
    shutil.copyfile(PROGRAM, program / "main.py")
    world = Timeline([StillSource()], hours=0.02)
    folder = tmp_path_factory.mktemp("band")
    prepare = keep_virtual(folder)
    with VirtualBand(folder / "band", world, firmware=program, prepare=prepare) as band:
        band.wait_nights()
        yield band, folder


def watch(band, *arguments, **how):
    band, folder = band
    code = [sys.executable, "-c", MAIN, "live", "--virtual", band.hci, *arguments]
    code += ["--data-dir", str(folder)]
    return subprocess.Popen(code, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **how)


def test_rows_of_a_virtual_band_come_live_and_ctrl_c_ends_it_cleanly(band):
    process = watch(band, "--for", "60")  # should it hang, it ends all the same
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "the recording ends (docked)" in line:
            break
    os.kill(process.pid, signal.SIGINT)
    rest, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    rows = [line.split()[1:] for line in lines if "#" in line]
    assert [(line[0], line[6]) for line in rows] == [
        ("#0", "provisional"),
        ("#0", "final"),
        ("#1", "provisional"),
        ("#1", "revised:"),
        ("#2", "provisional"),
        ("#2", "final"),
    ]
    assert "Stopped after 3 final rows, 1 of them revised" in rest


def test_a_watch_of_a_virtual_band_stops_by_itself(band):
    process = watch(band, "--for", "0.5", "--json")
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert json.loads(out.splitlines()[0])["type"] == "band"
