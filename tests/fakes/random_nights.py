"""Random nights as a band could write them: gaps, wakefulness, time not worn, all clocks.

Touches nothing. A night comes from one number (its seed). Events keep a second away from every
border, so that a millisecond of a clock moves none of them across one.
"""

import random
from dataclasses import dataclass

from nights_by_hand import DEVICE
from notturno_core import wire
from whole_nights import H_S, JERK, LM, OTHER, Band

KINDS = (JERK, LM, LM, LM, JERK, wire.EVENT_RHYTHM, wire.EVENT_POSTURE)
# Flags that keep an event out, and some that do not.
FLAGS = (wire.FLAG_TRUNCATED, wire.FLAG_VIBRATION, wire.FLAG_IN_AWAKE, wire.FLAG_IN_RHYTHM) + (
    wire.FLAG_IN_LM,
    wire.FLAG_SMALL,
    wire.FLAG_SLOW,
    wire.FLAG_POSTURE_CHANGED,
    wire.FLAG_CLIPPED,
    wire.FLAG_AFTER_GAP,
    wire.FLAG_CLONIC_BAND,
)
# From one onset to the next, and how long they last: clear of each bound of the rules by 5 %.
STEPS_S = (3.0, 7.0, 12.0, 20.0, 20.0, 25.0, 30.0, 45.0, 60.0, 80.0, 110.0, 400.0)
LASTS_S = {LM: (0.3, 0.7, 1.0, 2.0, 4.0, 8.0, 13.0), JERK: (0.1, 0.2, 0.4)}
MARGIN_S = 1.5


@dataclass
class Written:
    """What one band wrote, and what is known of it beside the records.

    drift: of its ticks; settings: how often its clock was set; frames: those that came; whole:
    whether these are all; next_seq, state: what the band said of itself, None where it did not.
    """

    band: Band
    settings: int
    frames: list
    whole: bool
    next_seq: int | None
    state: int | None
    side: str = ""
    bed_s: float | None = None
    wake_s: float | None = None


def random_night(seed: int) -> list[Written]:
    """Return what one band, or two, wrote in a night."""
    rng = random.Random(seed)
    two = rng.random() < 0.35
    devices = (DEVICE, OTHER) if two else (DEVICE,)
    sides = rng.choice((("L", "R"), ("L", "R"), ("", ""))) if two else ("",)
    told = rng.choice((0, 1, 2, 2, 2, 2))
    return [_band(rng, device, side, told) for device, side in zip(devices, sides, strict=True)]


def _band(rng, device, side, settings):
    drift = rng.choice((0.0, rng.uniform(-0.001, 0.001), rng.uniform(-0.049, 0.049)))
    band = Band(device=device, drift=drift, log_id=rng.randrange(1, 1 << 30))
    at_s, every = rng.uniform(0, 600), []
    began_s = at_s
    if settings:
        band.set_clock(-30)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        lasts_s = rng.choice((rng.uniform(0.45, 0.8), rng.uniform(0.4, 4.5))) * H_S
        plan = _recording(rng, lasts_s)
        every += [at_s + event["at_s"] for event in plan["events"]]
        band.record(at_s, lasts_s, **plan, end=rng.random() > 0.1)
        ended_s = at_s + lasts_s
        at_s += lasts_s + rng.choice((60, 600, 5000))
    if settings == 2:
        band.set_clock(at_s)
    frames, next_seq, state = band.frames, None, None
    if rng.random() < 0.2:
        frames = frames[: rng.randint(5, len(frames))]
    if rng.random() < 0.9:
        next_seq, state = band.seq, rng.choice((0, 0, 0, wire.STATE_RECORDING))
    bed_s = wake_s = None
    if settings and rng.random() < 0.25:
        bed_s = _whole_minute(began_s + rng.uniform(-0.3, 0.3) * (ended_s - began_s), every)
        wake_s = _whole_minute(ended_s - rng.uniform(-0.2, 0.3) * (ended_s - began_s), every)
    whole = len(frames) == len(band.frames)
    return Written(band, settings, frames, whole, next_seq, state, side, bed_s, wake_s)


def _whole_minute(at_s, events_s):
    """Return the minute near a moment (people say times so) that no event begins at."""
    at_s = at_s // 60 * 60
    while any(abs(at_s - event_s) < MARGIN_S for event_s in events_s):
        at_s += 60
    return at_s


def _recording(rng, lasts_s):
    gaps = _spans(rng, lasts_s, rng.choice((0, 0, 1, 2)), (20, 1500))
    gaps = [(a, b - a, rng.choice(("segment", "both"))) for a, b in gaps]
    awake = _spans(rng, lasts_s, rng.choice((0, 0, 1, 3)), (60, 3000))
    minutes = {n: {} for n in range(int(lasts_s // 60) + 1)}
    for n in _runs(rng, len(minutes), rng.choice((0, 0, 1, 2)), (1, 45)):
        minutes[n]["flags"] = wire.MINUTE_NOT_WORN
    for n in _runs(rng, len(minutes), rng.choice((0, 2, 6, 40)), (1, 9)):
        minutes[n]["tilt_max_deg"] = rng.choice((5, 6, 40))
    borders = [0, lasts_s]
    borders += [edge for at, length, _ in gaps for edge in (at, at + length)]
    borders += [edge for span in awake for edge in span]
    events = [{"at_s": a, "lasts_s": b - a, "kind": wire.EVENT_AWAKE} for a, b in awake]
    events += _events(rng, lasts_s, borders, [(a, n) for a, n, _ in gaps])
    return {"events": events, "gaps": gaps, "minutes": minutes}


def _spans(rng, lasts_s, count, lengths):
    """Return disjoint spans, away from both ends of the recording and from one another."""
    found = []
    for _ in range(count):
        a = rng.uniform(70, lasts_s)
        b = a + rng.uniform(*lengths)
        if b < lasts_s - 70 and all(b + 130 < c or d + 130 < a for c, d in found):
            found.append((a, b))
    return sorted(found)


def _runs(rng, n, count, lengths):
    for _ in range(count):
        first = rng.randrange(n)
        yield from range(first, min(n, first + rng.randint(*lengths)))


def _events(rng, lasts_s, borders, lost):
    events, at_s = [], rng.uniform(2, 200)
    dense = rng.choice((1, 1, 1, 12))
    while True:
        at_s += rng.choice(STEPS_S) * dense + rng.uniform(0, 0.1)
        if at_s > lasts_s - 15:
            return events
        kind = rng.choice(KINDS)
        event_s = rng.choice(LASTS_S.get(kind, (5.0,)))
        recorded = at_s - sum(min(max(at_s - a, 0), n) for a, n in lost)
        near = any(abs(at_s - edge) < MARGIN_S for edge in borders)
        in_gap = any(a <= at_s < a + n for a, n in lost)
        if near or in_gap or not MARGIN_S < recorded % 60 < 60 - MARGIN_S:
            continue
        values = {"at_s": at_s, "lasts_s": event_s, "kind": kind, "peak_mg": rng.randint(20, 900)}
        if kind == wire.EVENT_RHYTHM:
            values |= {"rhythm_mhz": 1500, "beats": 9}
        if rng.random() < 0.25:
            values["flags"] = rng.choice(FLAGS)
        events.append(values)
