"""How long a band waits for what, and how much it keeps: each number with its reason.

A wait's length can be told only by waiting, and a night has few that a test could sit through.
"""

import importlib

import pytest
from fakes.night import Night
from fakes.worlds import StillWorld

NUMBERS = {
    # a sensor that is lost is looked for all night, a night loses a quarter of a minute at most
    "recorder.RETRY_MS": (500, 1000, 2000, 5000, 10_000),
    "recorder.TELL_EVERY_TRIES": 60,  # ten minutes
    "recorder.SILENCE_MS": 5000,  # two FIFOs of silence
    "recorder.HANDLING_MS": 10_000,
    "recorder.DRAIN_MARGIN_MS": 5,
    "records.SPARE_FOR_THE_END": 4096,  # one block of the flash
    "records.MOST_OWED": 12,
    "findings.SNIPPETS_LEAVE_BYTES": 400_000,  # a week of nights without waveforms
    "band.LIVE_DRAIN_MS": 500,  # what moves is told within two seconds
    "band.LONG_SLEEP_MS": 60_000,
    "band.SLICE_MS": 4000,  # half of the watchdog's
    "band.BATTERY_EVERY_MS": 60_000,
    "button.HOLD_MS": 1500,
    "button.LONG_MS": 5000,
    "power.BATTERY_READINGS": 8,
    "power.SLOW_HZ": 80_000_000,
    "power.FAST_HZ": 160_000_000,
    "supervisor.WATCHDOG_MS": 8000,
    "supervisor.PROMPT_MS": 3_600_000,
    "supervisor.ROW_BEFORE_PAUSES": 8,
    "aftermath.QUIET_MS": 60_000,
    "day.LATE_MS": 1_200_000,
    "asked.RTC_ERROR_MS": 1000,
    "main_pause.PAUSE_MS": 5000,
    "backup.BYTES": 2048,  # RTC memory of the port
    "backup.ROWS": 6,
    "parcels.SPARE_BYTES": 65_536,
    "settings.MAX_BYTES": 4096,
    "slots.TRIES": 3,
    "rom.BLOCK": 4096,
    "rom.PIECE": 512,
    "beacon.PROMISED": 16,
    "beacon.SINCE_UTC_S": 1_577_836_800,  # 2020-01-01
    "beacon.LEAST": 100,  # bthome-ble takes any counter below it for a new beginning
    "beacon.MOST_BY_DATE": 0xF0000000,
    "beacon.LOOK_BACK": 8192,
    "beacon.MOST_ONSETS": 2048,
    "beacon.SHARE_EVERY": 8,
    "beacon.BAND_MS": 4000,
    "beacon.BEACON_MS": 1000,
    "beacon.LOOK_MS": 250,
    "beacon.REFRESH_MS": 600_000,
    "beacon.RETRY_MS": 60_000,
    "notturno_core.snippets.MARGIN_MS": 500,
    "notturno_core.snippets.SHORTEST_MS": 1000,
    "notturno_core.snippets.LONGEST_MS": 4000,
    "notturno_core.snippets.FIRST": 3,
    "notturno_core.snippets.STRONGEST": 8,
    "notturno_core.snippets.NIGHT_MIN": 540,
    "notturno_core.snippets.AT_ONCE_PCT": 25,
    "notturno_core.snippets.RESERVE_BYTES": 1500,
    "notturno_core.snippets.NEW_NIGHT_MS": 10_800_000,
    "notturno_core.snippets.USUAL_AN_HOUR": 12,
    "notturno_core.snippets.WEIGHT_MIN": 10,
    "notturno_core.rawring.RING_SAMPLES": 832,  # 8 s at 104 Hz
    "notturno_core.rawring.BLOCK": 16,
    "notturno_core.eventlog.SEGMENT_BYTES": 65_536,
    "notturno_core.eventlog.BUFFER_BYTES": 2048,
    "notturno_core.eventlog.SPARE_BYTES": 16_384,
    "notturno_core.eventlog.RESERVED_SEQS": 256,
    "notturno_core.eventlog.ENOSPC": 28,
    "notturno_core.logsegment.READ_BYTES": 840,  # four of the longest frames
}


@pytest.fixture(autouse=True)
def device(monkeypatch):
    from fakes import device_modules, micropython_asyncio

    device_modules.install(monkeypatch)
    micropython_asyncio.install()


@pytest.mark.parametrize("path", [path for path in NUMBERS if not path.startswith("main_")])
def test_a_number_is_what_its_reason_says(path):
    module, _, name = path.rpartition(".")
    assert getattr(importlib.import_module(module), name) == NUMBERS[path]


def test_a_program_that_ended_starts_again_after_five_seconds():
    """Stage 0 runs when it is imported, so its text is read."""
    import ast
    from pathlib import Path

    import slots

    body = ast.parse((Path(slots.__file__).parent / "main.py").read_text(encoding="utf-8")).body
    found = {node.targets[0].id: node.value.value for node in body if isinstance(node, ast.Assign)}
    assert found == {"PAUSE_MS": NUMBERS["main_pause.PAUSE_MS"]}


def test_a_sensor_that_refuses_is_asked_less_and_less_often():
    recorder = Night(StillWorld()).recorder
    waits_ms = []
    for tries in range(1, 9):
        recorder._start_tries = tries
        waits_ms.append(recorder.retry_ms())
    assert waits_ms == [500, 1000, 2000, 5000, 10_000, 10_000, 10_000, 10_000]


@pytest.mark.parametrize(("silent_ms", "revived"), [(4999, 0), (5000, 0), (5001, 1)])
def test_a_sensor_is_begun_anew_behind_five_seconds_of_silence(silent_ms, revived):
    night = Night(StillWorld())
    recorder = night.recorder
    recorder.start()
    recorder._drain_all = lambda: None  # it answers, and gives nothing
    begun = []
    recorder._revive = lambda: begun.append(1)
    recorder._heard_ms = night.now_ms() - silent_ms
    recorder.drain()
    assert len(begun) == revived


def test_a_board_need_not_say_what_most_have():
    from boards import Board

    said = {name: value for name, value in vars(Board).items() if type(value) is int}
    assert said == {"LED_ON": 1, "VBAT_RATIO_PERMILLE": 2000}
