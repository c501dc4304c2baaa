"""A night counted again from its raw records, slow and plain, to hold against every surface.

Written from the definitions alone (NIGHT.md, the issue's words) and in another way: one list of
borders, one look at the middle of every piece between two of them. It shares no code with
`notturno.nights` or `notturno.scoring`. Milliseconds on the true time line, floats.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from notturno_core import wire

sys.path.append(str(Path(__file__).resolve().parents[1] / "scoring_movements"))
import brute_force

H_MS = 3_600_000
OF_ALL = {
    wire.FLAG_TRUNCATED: "truncated",
    wire.FLAG_VIBRATION: "vibration",
    wire.FLAG_IN_AWAKE: "in_awake",
}
IN_RHYTHM = {wire.FLAG_IN_RHYTHM: "in_rhythm"}
IN_LM = {wire.FLAG_IN_LM: "in_lm"}
SMALL = {wire.FLAG_SMALL: "small"}
OF_KIND = {
    wire.EVENT_JERK: IN_RHYTHM | IN_LM | SMALL | {wire.FLAG_SLOW: "slow"},
    wire.EVENT_LM: IN_RHYTHM | IN_LM | {wire.FLAG_POSTURE_CHANGED: "posture_changed"} | SMALL,
    wire.EVENT_RHYTHM: IN_RHYTHM | IN_LM | SMALL,
}
COUNTED = {wire.EVENT_JERK: "jerks", wire.EVENT_LM: "lms", wire.EVENT_RHYTHM: "rhythms"}


@dataclass
class Recording:
    """One recording: runs (first sample, its ms, last sample), minutes and events in ms."""

    runs: list
    minutes: list
    events: list
    end_reason: int | None
    ms_per_sample: float = 0.0


def records(frames):
    """Yield (kind, values) of record frames."""
    for frame in frames:
        _, kind, start, n = wire.frame_at(frame, 0, len(frame))
        values = wire.unpack_record(kind, bytes(frame[start : n - wire.CRC_LEN]))
        if values is not None:
            yield kind, values


def recordings(frames, ms_of_tick, ms_per_sample):
    """Return the Recordings of a log; ms_of_tick: the true moment of a tick."""
    found, raw = [], []
    for kind, values in records(frames):
        if kind == wire.REC_SESSION:
            raw.append({"segments": [], "minutes": [], "events": [], "end": None, **values})
        elif raw and kind == wire.REC_SEGMENT:
            raw[-1]["segments"].append(values)
        elif raw and kind == wire.REC_MINUTE:
            raw[-1]["minutes"].append(values)
        elif raw and kind == wire.REC_EVENT:
            raw[-1]["events"].append(values)
        elif raw and kind == wire.REC_END:
            raw[-1]["end"] = values
    for one in raw:
        begins = [(s["sample"], ms_of_tick(s["tick_ms"])) for s in one["segments"]]
        begins = begins or [(0, ms_of_tick(one["tick_ms"]))]
        known = [begins[-1][0]] + [m["sample"] for m in one["minutes"]]
        known += [e["onset_sample"] for e in one["events"]]
        last = max(known) if one["end"] is None else one["end"]["sample"]
        until = [sample for sample, _ in begins[1:]] + [last]
        runs = [(a, ms, b) for (a, ms), b in zip(begins, until, strict=True)]

        def ms_of(sample, at_end=False, runs=runs):
            for a, ms, b in runs:
                if sample < b or (at_end and sample == b):
                    return ms + (sample - a) * ms_per_sample
            a, ms, _ = runs[-1]
            return ms + (sample - a) * ms_per_sample

        minutes, before = [], runs[0][1]
        for minute in one["minutes"]:
            end = ms_of(minute["sample"], at_end=True)
            minutes.append((before, end, minute))
            before = end
        events = [
            (ms_of(e["onset_sample"]), e["duration_samples"] * ms_per_sample, e)
            for e in one["events"]
        ]
        reason = None if one["end"] is None else one["end"]["reason"]
        found.append(Recording(runs, minutes, events, reason, ms_per_sample))
    return found


def within(at, spans):
    return any(a <= at < b for a, b in spans)


def pieces(spans_of):
    """Return [(start, end, {name: whether in it})] between all borders of {name: spans}."""
    borders = sorted({edge for spans in spans_of.values() for span in spans for edge in span})
    return [
        (a, b, {name: within((a + b) / 2, spans) for name, spans in spans_of.items()})
        for a, b in zip(borders, borders[1:], strict=False)
    ]


def hours(parts, holds):
    return sum(b - a for a, b, told in parts if holds(told)) / H_MS


def counted_spans(parts):
    """Return the spans in which something can count, joined where they touch."""
    found = []
    for a, b, told in parts:
        if told["recorded"] and told["bed"] and not told["not_worn"] and not told["awake"]:
            if found and found[-1][1] == a:
                found[-1] = (found[-1][0], b)
            else:
                found.append((a, b))
    return found


def left_out(event, at, spans_of):
    """Return why an event does not count, or None."""
    reasons = OF_ALL | OF_KIND[event["kind"]]
    for flag, reason in reasons.items():
        if event["flags"] & flag:
            return reason
    for name in ("not_worn", "awake"):
        if within(at, spans_of[name]):
            return name
    low, high = spans_of["bed"][0]
    if not low <= at < high and not (at == high and at in spans_of["ends"]):
        return "out_of_bed"
    # What begins with the last sample of a recording belongs to it.
    recorded = within(at, spans_of["recorded"]) or at in spans_of["ends"]
    return None if recorded else "not_recorded"


def asleep_spans(found, in_bed):
    """Return the spans of sleep after van Hees 2015 and 2018 from minutes, or None for too few.

    in_bed: the person's own words, which stand in the place of the estimated window.
    """
    everything = [m for one in found for m in one.minutes]
    usable = [
        m for m in everything if not m[2]["flags"] & (wire.MINUTE_NOT_WORN | wire.MINUTE_GAP)
    ]
    if len(usable) < 30:
        return None
    runs = []
    for minute in usable:
        if runs and minute[0] - runs[-1][-1][1] < 30_000:
            runs[-1].append(minute)
        else:
            runs.append([minute])
    still, blocks = [], []
    for run in runs:
        tilts = [m[2]["tilt_max_deg"] for m in run]
        for i, minute in enumerate(run):
            first = last = i
            while first > 0 and tilts[first - 1] <= 5:
                first -= 1
            while last + 1 < len(run) and tilts[last + 1] <= 5:
                last += 1
            if tilts[i] <= 5 and last - first + 1 >= 5:
                still.append((minute[0], minute[1]))
            if median(tilts[max(0, i - 2) : i + 3]) <= 5:
                if blocks and blocks[-1][2] == id(run) and blocks[-1][3] == i - 1:
                    blocks[-1] = (blocks[-1][0], minute[1], id(run), i)
                else:
                    blocks.append((minute[0], minute[1], id(run), i))
    windows = []
    for a, b, *_ in blocks:
        if round((b - a) / 60_000) > 30:
            if windows and round((a - windows[-1][1]) / 60_000) < 60:
                windows[-1] = (windows[-1][0], b)
            else:
                windows.append((a, b))
    if in_bed is not None:
        windows = [in_bed]
    if not windows:
        return []
    low, high = max(windows, key=lambda w: w[1] - w[0])
    return [(max(a, low), min(b, high)) for a, b in still if a < high and b > low]


def recount(found, in_bed_ms=(None, None)):
    """Return the figures of one night of one band from its Recordings.

    in_bed_ms: when the person says to have lain down and risen, each None where nothing was said.
    """
    spans_of = {
        "recorded": [
            (ms, ms + (b - a) * one.ms_per_sample) for one in found for a, ms, b in one.runs
        ],
        "not_worn": [
            (a, b) for one in found for a, b, m in one.minutes if m["flags"] & wire.MINUTE_NOT_WORN
        ],
        "awake": [
            (at, at + lasts)
            for one in found
            for at, lasts, e in one.events
            if e["kind"] == wire.EVENT_AWAKE
        ],
    }
    parts_of = dict(spans_of)
    spans_of["ends"] = {
        ms + (b - a) * one.ms_per_sample for one in found for a, ms, b in one.runs[-1:]
    }
    start = min(a for a, _ in spans_of["recorded"])
    end = max(b for _, b in spans_of["recorded"])
    low, high = (
        edge if said is None else said for said, edge in zip(in_bed_ms, (start, end), strict=True)
    )
    spans_of["bed"] = parts_of["bed"] = [(low, high)]
    asleep = asleep_spans(found, None if in_bed_ms == (None, None) else (low, high))
    parts_of["asleep"] = asleep or []
    parts = pieces(parts_of)
    countable = counted_spans(parts)
    told = {
        "recorded_h": hours(parts, lambda p: p["recorded"]),
        "worn_h": hours(parts, lambda p: p["recorded"] and not p["not_worn"]),
        "awake_h": hours(parts, lambda p: p["recorded"] and p["awake"]),
        "not_worn_h": hours(parts, lambda p: p["recorded"] and p["not_worn"]),
        "countable_h": sum(b - a for a, b in countable) / H_MS,
        "gap_h": (end - start) / H_MS - hours(parts, lambda p: p["recorded"]),
        "asleep_h": None
        if asleep is None
        else sum(max(0, min(b, d) - max(a, c)) for a, b in countable for c, d in asleep) / H_MS,
    }
    told["_in_bed"] = {
        "span_h": max(0, min(end, high) - max(start, low)) / H_MS,
        "recorded_h": hours(parts, lambda p: p["recorded"] and p["bed"]),
        "not_worn_h": hours(parts, lambda p: p["recorded"] and p["bed"] and p["not_worn"]),
    }
    rows = []
    for kind, key in COUNTED.items():
        events = [(at, n, e) for one in found for at, n, e in one.events if e["kind"] == kind]
        reasons = [left_out(event, at, spans_of) for at, _, event in events]
        told[key] = reasons.count(None)
        told[f"{key}_left_out"] = {r: reasons.count(r) for r in set(reasons) - {None}}
        told[f"{key}_all"] = len(events)
        if kind == wire.EVENT_LM:
            rows = [
                (round((at - start) * 1000), round((at - start + lasts) * 1000))
                for (at, lasts, _), reason in zip(events, reasons, strict=True)
                if reason is None
            ]
    told |= by_the_rules([(a, b, "") for a, b in rows], countable, asleep, start, (start, end))
    told["_countable"], told["_rows"], told["_start"], told["_asleep"] = (
        countable,
        rows,
        start,
        asleep,
    )
    return told


def by_the_rules(rows, countable, asleep, origin, span):
    """Return PLM of both rule sets by brute force; rows in us from `origin`, the rest in ms."""
    holes, at = [], span[0]
    for a, b in [*countable, (span[1], span[1])]:
        if a > at:
            holes.append((round((at - origin) * 1000), round((a - origin) * 1000)))
        at = b
    sleep = [(round((a - origin) * 1000), round((b - origin) * 1000)) for a, b in asleep or []]

    def asleep_part(a, b):
        return asleep is None or any(c < b and d > a for c, d in sleep)

    movements = brute_force.legs(rows)
    wasm = brute_force.wasm(movements, holes, [], lambda onset: within(onset, sleep))
    aasm = brute_force.aasm(movements, holes, [], asleep_part)
    return {
        "clm_wasm2016": wasm["clm"],
        "plm_wasm2016": len(wasm["plm"]),
        "plms_wasm2016": None if asleep is None else wasm["plms"],
        "plm_aasm3": len(aasm["plm"]),
    }


def verdict(told, whole):
    """Return the code of the refusal of a night, or None; `whole`: whether it is complete."""
    if not whole:
        return "not_complete"
    span_h, recorded_h, not_worn_h = told["_in_bed"].values()
    if span_h and (span_h - recorded_h) / span_h > 0.2:
        return "too_many_gaps"
    if recorded_h and not_worn_h / recorded_h > 0.2:
        return "not_worn"
    return "too_short" if told["countable_h"] < 0.5 else None
