"""Made-up weeks and years of nights of one or two legs, put into a logbook through the store.

Touches the folder given. Nothing here came from a limb or a detector: counts, hours and lengths
are drawn from one number (the seed), so that pages, reports and files have something to show. A
night costs the store what a real one does. `python tests/morning/months.py FOLDER [NIGHTS]` makes
a folder by hand.
"""

import math
import random
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
import raw_traces
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import Store
from notturno.views.events import numbered
from notturno_core import wire

RIGHT = b"VB\0\0\0\0\0\2".hex()
ZONE = "Europe/Rome"
LAST = "2026-02-03"  # the evening of the last night
RATE_HZ = 104.0
NIGHTS_A_BOOT = 40  # the band's ticks are 32 bits wide: 49 days
FACTS = {"source": 0, "slow_peak_mg": 20, "cycles": 2, "effective_ms": 90, "morph_ms": 90}
TREATED_SHARE = 0.55  # of the rate before


def evening_utc_ms(day: str, zone: str = ZONE, hour: int = 22, minute: int = 30) -> int:
    """Return the UTC of a clock time of an evening."""
    at = datetime.combine(date.fromisoformat(day), datetime.min.time(), ZoneInfo(zone))
    return round(at.replace(hour=hour, minute=minute).astimezone(UTC).timestamp() * 1000)


def dates(nights: int, last: str = LAST) -> list[str]:
    """Return the dates of so many evenings, the last one given."""
    end = date.fromisoformat(last)
    return [(end - timedelta(days=nights - 1 - i)).isoformat() for i in range(nights)]


def one_night(pen, day, booted_utc_ms, rng, jerks, minutes=480, snippets=True):
    """Write a night: jerks mostly in its first hours, periodic movements, turns, an awake span."""
    start_ms = evening_utc_ms(day, minute=rng.randrange(0, 59))
    tick_ms = start_ms - booted_utc_ms
    pen.time(tick_ms - 1000, start_ms - 1000)
    pen.session(tick_ms, detector_version=1)
    pen.segment(0, tick_ms)
    planned = []
    for _ in range(jerks):
        at = minutes * rng.betavariate(1.2, 2.2)
        planned.append((at, wire.EVENT_JERK, _jerk(rng)))
    for _ in range(rng.randrange(0, 3)):  # series of periodic movements
        at = rng.uniform(20, max(21, minutes - 40))
        for _ in range(rng.randrange(4, 12)):
            at += rng.uniform(18, 40) / 60
            planned.append((at, wire.EVENT_LM, _lm(rng)))
    for _ in range(rng.randrange(2, 9)):
        at = rng.uniform(5, minutes - 5)
        planned.append((at, wire.EVENT_POSTURE, {"duration_samples": 300, "peak_mg": 400}))
    if rng.random() < 0.5:
        rhythm = {"rhythm_mhz": 1600, "beats": 11, "duration_samples": 700, "peak_mg": 150}
        planned.append((rng.uniform(30, minutes - 10), wire.EVENT_RHYTHM, rhythm))
    if rng.random() < 0.4 and minutes > 120:
        lasts = rng.randrange(4, 25)
        span = {"duration_samples": round(lasts * 60 * RATE_HZ), "peak_mg": 900}
        planned.append((rng.uniform(60, minutes - 40), wire.EVENT_AWAKE, span))
    planned = sorted((item for item in planned if item[0] < minutes - 1), key=lambda i: i[0])
    number, kept = 0, 0
    for minute in range(1, minutes + 1):
        moved = 40
        while planned and planned[0][0] < minute:
            at, kind, values = planned.pop(0)
            onset = round(at * 60 * RATE_HZ)
            moved += values["peak_mg"] // 8
            wave = snippets and kind == wire.EVENT_JERK and values["peak_mg"] > 150 and kept < 12
            if wave:
                _snippet(pen, onset, number, wire.SNIPPET_STRONG if kept else 1)
                kept += 1
                more = {"number": number, "quick_peak_mg": values["peak_mg"], "flags": 0}
                pen.event(onset, kind, 2, **(FACTS | values | more))
            else:
                pen.event(onset, kind, **values)
            number += 1
        flags = wire.MINUTE_STILL if moved == 40 else 0
        drifted = minute / 90
        lies = (round(800 * math.sin(drifted)), round(800 * math.cos(drifted)), 600)
        pen.minute(
            round(minute * 60 * RATE_HZ),
            tick_ms + minute * 60_000,
            activity_q4_mg=moved,
            flags=flags,
            gravity_mg=lies,
            battery_mv=4100 - minute // 4,
        )
    pen.end(round(minutes * 60 * RATE_HZ), tick_ms + minutes * 60_000)
    pen.time(tick_ms + minutes * 60_000 + 5000, start_ms + minutes * 60_000 + 5000)


def _jerk(rng):
    peak_mg = min(3500, max(12, round(rng.lognormvariate(4.6, 0.9))))
    flags = rng.choice((0, 0, 0, 0, 0, wire.FLAG_IN_LM, wire.FLAG_SMALL, wire.FLAG_IN_RHYTHM))
    lasts = rng.randrange(8, 40)
    return {"peak_mg": peak_mg, "flags": flags, "duration_samples": lasts, "confidence_pct": 70}


def _lm(rng):
    lasts = round(rng.uniform(0.6, 4.0) * RATE_HZ)
    return {"peak_mg": rng.randrange(40, 500), "duration_samples": lasts, "confidence_pct": 80}


def _snippet(pen, onset, number, why):
    trace = raw_traces.ringing(208, 52)
    for payload in raw_traces.payloads(trace, onset - 52, number, why):
        pen.put(wire.REC_SNIPPET, payload)


def fill(folder, nights=30, seed=1, legs=2, last=LAST, per_night=24, treated_from=None, **more):
    """Put nights into the logbook of a folder; return their dates.

    treated_from: from this night of the list on (a number) there are fewer jerks. One night in 17
    is only 20 minutes long and may not be read as a rate, one in 13 was not recorded.
    """
    rng = random.Random(seed)
    wanted = dates(nights, last)
    pens = {DEVICE: Pen(), RIGHT: Pen()}
    recorded = []
    with Store.open(folder) as store:
        store._db.execute("pragma synchronous = off")
        for i, day in enumerate(wanted):
            if i % 13 == 7 and nights > 20:
                continue
            recorded.append(day)
            share = TREATED_SHARE if treated_from is not None and i >= treated_from else 1.0
            for device in list(pens)[:legs]:
                pen = pens[device]
                pen.frames.clear()
                pen.boot_id = 1 + i // NIGHTS_A_BOOT
                jerks = max(0, round(rng.gauss(per_night, per_night / 4) * share))
                given = {"minutes": 20 if i % 17 == 11 else rng.randrange(380, 500)} | more
                boot_day = wanted[i - i % NIGHTS_A_BOOT]
                one_night(pen, day, evening_utc_ms(boot_day, hour=12), rng, jerks, **given)
                log_id = LOG_ID if device == DEVICE else LOG_ID + 1
                pen_of = store.begin_sync(device, log_id, ZONE, "0.1.0", evening_utc_ms(day))
                store.add(pen_of, pen.frames)
    return recorded


def a_month(folder, nights=30, seed=1, **given):
    """Fill a folder with a month of both legs and with what a person says of it."""
    treated = nights * 2 // 3
    days = fill(folder, nights, seed, treated_from=treated, **given)
    every = dates(nights, given.get("last", LAST))
    with Store.open(folder) as store:
        store.name_band(DEVICE, "calf-left", limb="calf", side="L")
        if len(store.bands()) > 1:
            store.name_band(RIGHT, "calf-right", limb="calf", side="R")
        store.add_tag("before", every[0], every[treated - 1])
        store.add_tag("clonazepam", every[treated])
        say(store, days, every[treated:])
    return days


def say(store, days, treated):
    """Keep a diary, an exclusion and some labels."""
    from notturno.store.diary import checked

    for day in days[::3]:
        store.add_diary(checked(day, "caffeine", "2", "cups", "15:30"))
    for day in treated:
        store.add_diary(checked(day, "clonazepam", "0.5", "mg", "22:10"))
    store.add_diary(checked(days[1], "alcohol", "1", "glass", "20:30", "with <b>friends</b>"))
    store.edit(days[2], None, {"exclude": "fever"})
    store.edit(days[-3], None, {"bed": "22:55", "wake": "06:10"})
    for day in days[-4:]:
        for event in numbered(store, day):
            if event["kind"] == "jerk" and event["no"] % 3 == 0:
                said = "not_me" if event["no"] % 5 == 0 else "me"
                store.label(event["device_id"], event["log_id"], event["seq"], said)


def ten_years(folder, nights=3650, per_night=274, seed=1):
    """Fill a folder with ten years of one leg: about a million events. Takes many minutes."""
    return fill(folder, nights, seed, legs=1, per_night=per_night, snippets=False)


if __name__ == "__main__":
    where, *more = sys.argv[1:]
    count = int(more[0]) if more else 30
    Path(where).mkdir(parents=True, exist_ok=True)
    (a_month if count < 400 else ten_years)(Path(where), count)
