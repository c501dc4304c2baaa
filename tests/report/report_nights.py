"""Weeks of made-up nights in a folder, with what a person says of them; for the doctor's report.

Touches the folder given. Drawn at random from a seed: jerks by chance around a level that halves
with the phase `clonazepam`, limb movements in series, rhythms, sleep starts.
"""

import random
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.nights.calendar import parse_date
from notturno.store import Store
from notturno_core import detector, wire

EVENING_MS = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
FIRST = "2026-01-12"
DAY_MS = 86_400_000
ROME = "Europe/Rome"
RIGHT = b"VB\0\0\0\0\0\2".hex()
MINUTES = 420
SERIES_S = 25
RATE_PER_H, SERIES = 6.0, 16


def date_of(number: int) -> str:
    """Return the ISO date of the evening of night `number`, from 0."""
    from datetime import date, timedelta

    return parse_date((date.fromisoformat(FIRST) + timedelta(days=number)).isoformat())


def events_of(draw, rate_per_h, series, rhythms=True):
    """Return a night's events as (minute, fields): jerks, series of LM, rhythms."""
    found = []
    at = 0.0
    while (at := at + draw.expovariate(rate_per_h / 60)) < MINUTES:
        found.append((at, {"peak_mg": round(draw.lognormvariate(4, 0.8))}))
    for _ in range(draw.randint(0, 3)):
        found.append((draw.uniform(12, 22), {"peak_mg": 150}))
    for _ in range(series):
        at = draw.uniform(30, MINUTES - 30)
        for k in range(draw.randint(4, 12)):
            lm = {"kind": wire.EVENT_LM, "duration_samples": 200}
            found.append((at + k * SERIES_S / 60, lm))
    for low in (True, False) if rhythms else ():
        if draw.random() < 0.4:
            hz = 1600 if low else 4500
            fields = {"kind": wire.EVENT_RHYTHM, "duration_samples": 1500, "rhythm_mhz": hz}
            fields["flags"] = 0 if low else wire.FLAG_CLONIC_BAND
            found.append((draw.uniform(30, MINUTES - 30), fields | {"beats": 12}))
    return found


def restless_evening():
    """Return the fields of the minutes before sleep."""
    return {minute: {"tilt_max_deg": 30} for minute in range(1, 19)}


def fill(folder, nights=30, device=DEVICE, seed=1, said=True, spread_min=40, dated=True):
    """Store so many nights of a band; with `said`, what a person says of them too.

    spread_min: by how much they begin earlier or later; dated: False for a clock never set.
    """
    draw = random.Random(seed)
    pen = Pen()
    with Store.open(folder) as store:
        store._db.execute("pragma synchronous = off")
        for number in range(nights):
            pen.boot_id = 1 + number
            offset_min = draw.randint(-spread_min, spread_min)
            start_ms = EVENING_MS + number * DAY_MS + offset_min * 60_000
            if dated:
                pen.time(1000, start_ms)
            level = RATE_PER_H * draw.lognormvariate(0, 0.35)
            later = number >= nights * 0.6
            wrong = number % 13 == 7
            pen.night(
                61_000,
                MINUTES,
                events_of(draw, level * (0.45 if later else 1), SERIES // 2 if later else SERIES),
                minutes_as=restless_evening()
                | ({m: {"flags": wire.MINUTE_NOT_WORN} for m in range(90, 300)} if wrong else {}),
                detector_version=detector.VERSION,
            )
            store.add(store.begin_sync(device, LOG_ID, ROME, "0.1.0", start_ms), pen.frames)
            pen.frames = []
        if said:
            say(store, device, nights)


def say(store, device, nights):
    """Keep a name, a phase, a diary, an exclusion and labels."""
    store.name_band(device, "calf-left", limb="calf", side="L")
    begin = int(nights * 0.6)
    store.add_tag("clonazepam", date_of(begin), None)
    if nights > 5:
        store.edit(date_of(3), None, {"exclude": "flu"})
    for number in range(0, nights, 2):
        store.add_diary(
            {"night": date_of(number), "what": "caffeine", "amount": 1 + number % 3, "unit": "cup"}
            | {"at": "16:00", "note": "with Maria"}
        )
    for number in range(begin, nights):
        store.add_diary(
            {"night": date_of(number), "what": "clonazepam", "amount": 0.5, "unit": "mg"}
            | {"at": "22:10", "note": ""}
        )
    for number in range(0, nights, 3):
        for k, event in enumerate(store.events(date_of(number), device, ["jerk"])[:12]):
            word = "not_me" if k % 6 == 5 else "me"
            store.label(device, event["log_id"], event["seq"], word)


def fill_both_legs(folder, nights=6):
    """Store nights of one person with a band at each calf."""
    fill(folder, nights, seed=3, said=False, spread_min=0)
    fill(folder, nights, device=RIGHT, seed=4, said=False, spread_min=0)
    with Store.open(folder) as store:
        store.name_band(DEVICE, "calf-left", limb="calf", side="L")
        store.name_band(RIGHT, "calf-right", limb="calf", side="R")


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]))
