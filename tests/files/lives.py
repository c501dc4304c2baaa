"""Data folders of made-up lives for the tests of the room `files`. Simulated, all of it.

A life: nights of two bands over the change of clocks in March, a nap, a journey to another zone,
an undated night, waveforms, and everything that a person can say.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen, frame
from notturno.store import Store, diary
from notturno_core import wire
from raw_traces import payloads, ringing

OTHER = "564200000000000f"
ROME, NEW_YORK, AZORES = "Europe/Rome", "America/New_York", "Atlantic/Azores"
HOUR_MS = 3_600_000
TRACE = ringing(208, 52)
NOTE = 'two, "strong"; and = one\nüber Nacht'


def utc_ms(*moment) -> int:
    """Return a moment of UTC in ms."""
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1000)


# 2026-03-28 22:00 in Rome; clocks go forward at 01:00 UTC of the 29th.
EVENING = utc_ms(2026, 3, 28, 21)
NIGHT, NEXT, AWAY = "2026-03-28", "2026-03-29", "2026-03-30"


def nights(zone_nights=2, hours=7, start=EVENING):
    """Return frames of nights with jerks, limb movements, a mark and two waveforms each."""
    pen = Pen()
    pen.time(1000, start)
    for day in range(zone_nights):
        tick = 2000 + day * 24 * HOUR_MS
        pen.session(tick)
        pen.segment(0, tick)
        for minute in range(1, hours * 60 + 1):
            if minute % 7 == 3:
                onset = minute * 6240 - 3000
                number = minute // 7
                if number in (4, 30):
                    for payload in payloads(TRACE, onset - 52, number, wire.SNIPPET_RANDOM):
                        pen.put(wire.REC_SNIPPET, payload)
                kind = wire.EVENT_LM if minute % 5 == 0 else wire.EVENT_JERK
                lasts = 180 if kind == wire.EVENT_LM else 13
                pen.event(onset, layout=2, number=number, kind=kind, duration_samples=lasts)
            pen.minute(minute * 6240, tick + minute * 60_000, gravity_mg=(minute % 50, -20, 990))
        mark = {"sample": 6240 * 90, "tick_ms": tick + 90 * 60_000}
        pen.put(wire.REC_MARK, wire.pack(wire.MARK_FIELDS, mark))
        pen.end(hours * 60 * 6240, tick + hours * HOUR_MS)
    return pen


def live(folder) -> Path:
    """Make a whole life in a folder and return it."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with Store.open(folder) as store:
        pen = nights()
        pen.night(2000 + 40 * HOUR_MS, 40, [(9.5, {})])  # a nap, the afternoon of the 30th
        store.add(
            store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0", EVENING + 44 * HOUR_MS), pen.frames
        )
        away = Pen(first_seq=pen.seq, boot_id=2)  # the band was restarted, far from home
        away.time(1000, utc_ms(2026, 3, 31, 3))
        away.night(2000, 300, [(30.0 + 10 * i, {}) for i in range(20)])
        sync = store.begin_sync(DEVICE, LOG_ID, NEW_YORK, "0.2.0", EVENING + 70 * HOUR_MS)
        store.add(sync, away.frames)
        store.add(sync, [frame(5, wire.REC_MARK, b"12345678")])  # contradicts what is stored
        store.note_absent(DEVICE, LOG_ID, [(9000, 9003)])
        lost = Pen(boot_id=7)  # nobody ever set this clock
        lost.night(2000, 120, [(20.0, {})])
        store.add(
            store.begin_sync(OTHER, 0x77, ROME, "0.1.0", EVENING + 44 * HOUR_MS), lost.frames
        )
        say(store)
    return folder


def say(store) -> None:
    """Let a person say everything of a life."""
    store.name_band(DEVICE, "calf-left", limb="calf", side="L", utc_ms=EVENING)
    store.name_band(DEVICE, "calf-left", side="R", utc_ms=EVENING + 50 * HOUR_MS)
    store.edit(NIGHT, None, {"bed": "22:10", "wake": "05:30"})
    store.edit(NEXT, None, {"exclude": "flu"})
    store.undo_edit(NEXT, None)
    store.add_tag("before", "2026-03-01", NIGHT)
    store.add_tag("clonazepam", NEXT)
    for amount in ("1", "1"):  # two coffees
        store.add_diary(diary.checked(NIGHT, "coffee", amount, "cup", "21:15"))
    store.add_diary(diary.checked(NEXT, "clonazepam", "0,5", "mg", "22:10", NOTE))
    event = next(event for event in store.events(NIGHT) if event["number"] == 4)
    store.label(DEVICE, LOG_ID, event["seq"], "not_me")
    row = {"utc_ms": EVENING + HOUR_MS, "onset_us": HOUR_MS * 1000, "kind": "door"}
    store.keep_stimuli(NIGHT, "sounds.csv", [row])
    sleep = {"source": "elsewhere", "file": "s.csv", "zone": ROME}
    store.add_sleeps([sleep | {"start_utc_ms": EVENING, "end_utc_ms": EVENING + 7 * HOUR_MS}])
    store.add_lab_list(
        NIGHT,
        {"kind": "events", "source": "lab.txt", "format": "remlogic", "sha256": "0" * 64}
        | {"start_local": "2026-03-28T22:00:00", "rows": [[12.5, 1.5, "PLM-LM", "L"]]},
    )


def figures(folder) -> list[dict]:
    """Return the rows of all nights and naps of a folder, as of one moment."""
    with Store.open(folder, create=False) as store:
        names = store.night_names()
        return [row for night in names for row in store.nights(night=night, now_ms=0)]
