"""Exceptions, hangs and a reset without a clock chip, in the real VM: what each costs a night."""

import json
import shutil

import pytest
from notturno.checks import complaint_text
from notturno.store import Store
from notturno.virtualband import processor
from notturno.virtualband.chips.lsm6dsox import DEFAULTS
from notturno.virtualband.world import Timeline
from notturno_core import wire
from virtual_kit import FIRMWARE, HANG_S, SOON_HUNG_CPU_S, START_UTC_S, make_band

HOURS = 0.25
MOST_LOST_S = 15.0
FAULTS = '''

_drain = Recorder.drain
_drains = 0


def _faulty(self):
    """A fault in the drain that the plan names, once: then the plan goes on."""
    global _drains
    _drains += 1
    with open("/plan") as file:
        plan = file.read().split()
    wait_ms = _drain(self)
    if plan and int(plan[0]) == _drains:
        with open("/plan", "w") as file:
            file.write(" ".join(plan[2:]))
        if plan[1] == "memory":
            raise MemoryError("memory allocation failed, allocating 8480 bytes")
        if plan[1] == "spin":
            import time
            while True:
                time.ticks_ms()
        while plan[1] == "stuck":
            pass
    return wait_ms


Recorder.drain = _faulty
'''


class Sleeper:
    """A limb that twitches every 20 s, 300 mg."""

    def accel_mg(self, first_s, step_s, n):
        import numpy as np

        t = first_s + step_s * np.arange(n)
        since = t % 20.0
        out = np.tile([0.0, 0.0, 1000.0], (n, 1))
        out[:, 0] += np.where(since < 0.15, 300 * np.sin(2 * np.pi * 9 * since), 0.0)
        out[:, 1] += 6 * np.sin(2 * np.pi * t / 5)
        return out


def lived(folder, plan, **kwargs):
    """Let a night with faults pass; return the records of its log as (kind, values)."""
    program = folder / "program"
    shutil.copytree(FIRMWARE, program, ignore=shutil.ignore_patterns("__pycache__"))
    with open(program / "recorder.py", "a") as file:
        file.write(FAULTS)
    (folder / "flash").mkdir()
    (folder / "flash" / "plan").write_text(plan)
    world = Timeline([Sleeper()], hours=HOURS)
    with make_band(folder, world, firmware=program, **kwargs) as band:
        band.wait_nights(timeout_s=HANG_S)
        printed = band.output().decode()
    return frames(folder / "flash" / "log"), printed


def frames(log_folder):
    out = []
    for path in sorted(log_folder.glob("log-*.bin")):
        data = path.read_bytes()
        at = 0
        while at < len(data):
            seq, kind, start, n = wire.frame_at(data, at, len(data))
            payload = data[start : at + n - wire.CRC_LEN]
            out.append((data[at : at + n], kind, wire.unpack_record(kind, payload)))
            at += n
    return out


def logbook(folder, records):
    """Return (sessions, night, gaps) as the host has them."""
    folder.mkdir()
    with Store.open(folder) as store:
        store.add(store.begin_sync("5642" + "00" * 6, 7, "UTC", "0.1.0"), [r[0] for r in records])
        return store.sessions(), store.nights()


@pytest.mark.parametrize(
    "how, cause, drains",
    [
        ("memory", wire.START_CRASH, (60, 45, 130)),
        ("spin", wire.START_HANG, (60,)),  # a hang computes until it is taken for one
        ("stuck", wire.START_HANG, (60, 130)),
    ],
)
def test_a_fault_costs_seconds_and_the_night_goes_on(tmp_path, monkeypatch, how, cause, drains):
    monkeypatch.setattr(processor, "HANG_CPU_S", SOON_HUNG_CPU_S)
    records, printed = lived(tmp_path, " ".join(f"{drain} {how}" for drain in drains))
    starts = [v for _, kind, v in records if kind == wire.REC_START]
    faults = len(drains)
    assert [v["cause"] for v in starts] == [wire.START_POWER_ON] + [cause] * faults, printed
    ends = [v["reason"] for _, kind, v in records if kind == wire.REC_END]
    assert ends == [wire.END_CRASHED] * faults + [wire.END_DOCKED]
    if how == "memory":
        assert {v["what"][:11] for v in starts[1:]} == {b"MemoryError"}
        assert all(v["where"].startswith(b"recorder.py") and v["line"] for v in starts[1:])
    sessions, (night,) = logbook(tmp_path / "book", records)
    spans = sorted((s["start_utc_ms"], s["end_utc_ms"]) for s in sessions)
    lost_s = [(b[0] - a[1]) / 1000 for a, b in zip(spans, spans[1:], strict=False)]
    # a clock chip is read to the second, so one start may seem to begin before the other ends
    assert len(lost_s) == faults and all(-1.1 < s <= MOST_LOST_S for s in lost_s), lost_s
    recorded_s = sum(s["recorded_s"] for s in sessions)
    whole_s = (spans[-1][1] - spans[0][0]) / 1000
    assert recorded_s + sum(lost_s) == pytest.approx(whole_s, abs=2.0), (
        "each second is one or other"
    )
    assert whole_s == pytest.approx(HOURS * 3600, abs=20.0)
    # a twitch every 20 s, but for those that fell into the gaps or onto their edges
    jerks = sum(v["kind"] == wire.EVENT_JERK for _, kind, v in records if kind == wire.REC_EVENT)
    assert whole_s / 20 - 8 <= jerks <= whole_s / 20 + 1


def test_a_reset_keeps_the_date_on_a_board_without_a_clock_chip(tmp_path):
    """A host gave the time in the evening; the reset comes in the night."""
    given = tmp_path / "program-date"
    program = given
    shutil.copytree(FIRMWARE, program, ignore=shutil.ignore_patterns("__pycache__"))
    with open(program / "recorder.py", "a") as file:
        file.write(FAULTS)
    band_file = program / "band.py"
    utc_ms = int(START_UTC_S * 1000)
    text = band_file.read_text()
    marker = "        self._trust_rtc()\n"
    assert marker in text
    band_file.write_text(
        text.replace(
            marker,
            f"        if not self._backup.date:\n            self.set_time({utc_ms} + "
            "self._clock.now_ms(), 40, 7)\n",
        )
    )
    (tmp_path / "flash").mkdir()
    (tmp_path / "flash" / "plan").write_text("300 memory")
    world = Timeline([Sleeper()], hours=HOURS)
    with make_band(tmp_path, world, firmware=program, clock_chip=False, tick_error=0.02) as band:
        band.wait_nights(timeout_s=HANG_S)
    records = frames(tmp_path / "flash" / "log")
    first, second = [v for _, kind, v in records if kind == wire.REC_TIME]
    assert (first["carried_s"], first["boot_id"], second["boot_id"]) == (0, 1, 2)
    assert second["host_id"] == 7
    sessions, _ = logbook(tmp_path / "book", records)
    crash_s = 300 * 2.35
    assert second["carried_s"] == pytest.approx(crash_s, rel=0.1)
    true_utc_ms = utc_ms + second["carried_s"] * 1000 / 1.02
    late = sessions[-1]
    assert late["start_utc_ms"] is not None
    off_ms = abs(late["start_utc_ms"] - true_utc_ms)
    assert off_ms < late["clock_error_ms"], "the stated error holds the truth"
    assert late["clock_error_ms"] > 0.05 * crash_s * 1000 * 0.5


def test_the_clock_begins_a_night_out_of_deep_sleep(tmp_path):
    """Off the dock for a while; the settings say that the night begins after an hour."""
    evening_min = int(START_UTC_S // 60 + 60) % 1440
    (tmp_path / "flash").mkdir()
    wanted = {"form": 1, "settings": {"START": ["clock"], "NIGHT_UTC_MIN": evening_min}}
    (tmp_path / "flash" / "settings.json").write_text(json.dumps(wanted))
    world = Timeline([Sleeper()], hours=1.25)
    with make_band(tmp_path, world, firmware=FIRMWARE) as band:
        band.wait_nights(timeout_s=HANG_S)
        slept_s = band.ledger.rows()["deep_sleep_s"]
    records = frames(tmp_path / "flash" / "log")
    begun = [v for _, kind, v in records if kind == wire.REC_SESSION]
    dates = [v for _, kind, v in records if kind == wire.REC_TIME]
    assert len(begun) == 1 and 3300 < slept_s < 3600
    date = next(v for v in dates if v["boot_id"] == begun[0]["boot_id"])
    at_s = (date["utc_ms"] + begun[0]["tick_ms"] - date["tick_ms"]) / 1000
    assert at_s % 86_400 == pytest.approx(evening_min * 60, abs=30)


@pytest.mark.parametrize("who_am_i", [0x6A, 0x69])
def test_another_chip_is_told_from_the_first_night_on(tmp_path, monkeypatch, who_am_i):
    """0x6A is an LSM6DS3TR-C by its name, and by its registers none; 0x69 nobody drives."""
    monkeypatch.setitem(DEFAULTS, 0x0F, who_am_i)
    world = Timeline([Sleeper()], hours=0.1)
    with make_band(tmp_path, world, firmware=FIRMWARE) as band:
        band.wait_nights(timeout_s=HANG_S)
    records = frames(tmp_path / "flash" / "log")
    folder = tmp_path / "book"
    folder.mkdir()
    device = "5642" + "00" * 6
    with Store.open(folder) as store:
        store.add(store.begin_sync(device, 7, "UTC", "0.1.0"), [r[0] for r in records])
        said = [complaint_text(row) for row in store.complaints(device)]
    assert said and any("sensor" in text or "chip" in text for text in said), said
    faults = [v for _, kind, v in records if kind == wire.REC_FAULT]
    assert 1 <= len(faults) < 8, "told from time to time, not at each try"
