"""Compares what was found with what happened: pure, lists of dicts in, figures out.

Touches nothing. Speaks seconds, mg, Hz, hours. A truth and an event are dicts with kind, onset_s,
duration_s, peak_mg, rhythm_hz. Rules, alike for every detector compared:

- one event may explain one truth, and the other way round; they belong together if they overlap
  or if their onsets are at most 0.5 s apart (the arousal rule's distance); nearest onsets first;
- an event that does not count in a night (notturno.nights.counts) does not count here: it is
  neither found nor false, but left out by its kind and reason;
- where the truth says `awake` it does not say what the limb did: movements, postures and rhythms
  found there are left out, but a jerk found there is false.
"""

from bisect import bisect_left, bisect_right
from statistics import median

from notturno.detect.named import left_out, of_kind

TOLERANCE_S = 0.5
KINDS = ("jerk", "lm", "posture", "rhythm")
BANDS = (("8-20", 8.0, 20.0), ("20+", 20.0, float("inf")))  # mg at the sensor


def match(truths, events, tolerance_s=TOLERANCE_S):
    """Return pairs (index of truth, index of event), one to one, nearest onsets first."""
    order = sorted(range(len(events)), key=lambda j: events[j]["onset_s"])
    onsets = [events[j]["onset_s"] for j in order]
    longest_s = max((event["duration_s"] for event in events), default=0.0)
    near = []
    for i, truth in enumerate(truths):
        begin, end = truth["onset_s"], truth["onset_s"] + truth["duration_s"]
        first = bisect_left(onsets, begin - max(longest_s, tolerance_s))
        for j in order[first : bisect_right(onsets, max(end, begin + tolerance_s))]:
            event = events[j]
            apart_s = abs(event["onset_s"] - begin)
            overlap = event["onset_s"] <= end and event["onset_s"] + event["duration_s"] >= begin
            if overlap or apart_s <= tolerance_s:
                near.append((apart_s, i, j))
    used_truths, used_events, pairs = set(), set(), []
    for _, i, j in sorted(near):
        if i not in used_truths and j not in used_events:
            used_truths.add(i)
            used_events.add(j)
            pairs.append((i, j))
    return sorted(pairs)


def tally(truths, events, hours):
    """Return what one night gives, in counts and lists that can be summed over nights."""
    awake = [(t["onset_s"], t["onset_s"] + t["duration_s"]) for t in of_kind(truths, "awake")]
    awake_s = sum(event["duration_s"] for event in of_kind(events, "awake"))
    not_counted = left_out(events)
    events = [
        event
        for kind in KINDS
        for event in of_kind(events, kind)
        if kind == "jerk" or not any(a <= event["onset_s"] <= b for a, b in awake)
    ]
    truths = [truth for kind in KINDS for truth in of_kind(truths, kind)]
    pairs = _pairs_by_kind(truths, events)
    found = {i for i, _ in pairs}
    night = {
        "hours": hours,
        "awake_h": awake_s / 3600,
        "left_out": not_counted,
        "confusion": _confusion(truths, events, pairs),
        "truths": {kind: len(of_kind(truths, kind)) for kind in KINDS},
        "events": {kind: len(of_kind(events, kind)) for kind in KINDS},
        "hits": {kind: sum(truths[i]["kind"] == kind for i in found) for kind in KINDS},
        "bands": {
            name: [
                sum(i in found and low <= t["peak_mg"] < high for i, t in jerks),
                sum(low <= t["peak_mg"] < high for i, t in jerks),
            ]
            for name, low, high in BANDS
            for jerks in [[(i, t) for i, t in enumerate(truths) if t["kind"] == "jerk"]]
        },
        "onset_error_s": {"jerk": [], "lm": []},
        "lm_duration_error_s": [],
        "rhythm_error_hz": [],
    }
    for i, j in pairs:
        truth, event = truths[i], events[j]
        if truth["kind"] in night["onset_error_s"]:
            night["onset_error_s"][truth["kind"]].append(abs(event["onset_s"] - truth["onset_s"]))
        if truth["kind"] == "lm":
            error_s = abs(event["duration_s"] - truth["duration_s"])
            night["lm_duration_error_s"].append(error_s)
        if truth["kind"] == "rhythm" and event.get("rhythm_hz"):
            night["rhythm_error_hz"].append(abs(event["rhythm_hz"] - truth["rhythm_hz"]))
    return night


def _pairs_by_kind(truths, events):
    pairs = []
    for kind in KINDS:
        here = [i for i, t in enumerate(truths) if t["kind"] == kind]
        there = [j for j, e in enumerate(events) if e["kind"] == kind]
        found = match([truths[i] for i in here], [events[j] for j in there])
        pairs += [(here[a], there[b]) for a, b in found]
    return pairs


def _confusion(truths, events, pairs):
    """Return {truth kind: {event kind: count}}; `missed` and `false` stand for no partner.

    What found its own kind is paired first; the rest may pair with another kind.
    """
    table = {}

    def count(row, column, n=1):
        table.setdefault(row, {}).setdefault(column, 0)
        table[row][column] += n

    for i, _ in pairs:
        count(truths[i]["kind"], truths[i]["kind"])
    here = [i for i in range(len(truths)) if i not in {i for i, _ in pairs}]
    there = [j for j in range(len(events)) if j not in {j for _, j in pairs}]
    others = match([truths[i] for i in here], [events[j] for j in there])
    for a, b in others:
        count(truths[here[a]]["kind"], events[there[b]]["kind"])
    for a in set(range(len(here))) - {a for a, _ in others}:
        count(truths[here[a]]["kind"], "missed")
    for b in set(range(len(there))) - {b for _, b in others}:
        count("false", events[there[b]]["kind"])
    return table


def figures(nights):
    """Return the figures over nights (tallies); None where there was nothing to measure."""

    def total(field, kind):
        return sum(night[field][kind] for night in nights)

    hours = sum(night["hours"] for night in nights)
    hits = {kind: total("hits", kind) for kind in KINDS}
    truths = {kind: total("truths", kind) for kind in KINDS}
    events = {kind: total("events", kind) for kind in KINDS}
    f1 = {k: ratio(2 * hits[k], truths[k] + events[k]) for k in KINDS}
    known = [value for value in f1.values() if value is not None]
    bands = {
        name: [sum(night["bands"][name][i] for night in nights) for i in (0, 1)]
        for name, _, _ in BANDS
    }
    onsets = {
        k: [e for night in nights for e in night["onset_error_s"][k]] for k in ("jerk", "lm")
    }
    return {
        "hours": hours,
        "awake_h": sum(night["awake_h"] for night in nights),
        "nights": len(nights),
        "truths": truths,
        "events": events,
        "sensitivity": {k: ratio(hits[k], truths[k]) for k in KINDS},
        "ppv": {k: ratio(hits[k], events[k]) for k in KINDS},
        "false_per_h": {k: ratio(events[k] - hits[k], hours) for k in KINDS},
        "f1": f1,
        "macro_f1": sum(known) / len(known) if known else None,
        "band_sensitivity": {name: ratio(*pair) for name, pair in bands.items()},
        "band_jerks": {name: pair[1] for name, pair in bands.items()},
        "onset_error_ms": {k: _median_of(v, 1000) for k, v in onsets.items()},
        "onset_error_all_ms": _median_of(onsets["jerk"] + onsets["lm"], 1000),
        "lm_duration_error_ms": _median_of(
            [e for night in nights for e in night["lm_duration_error_s"]], 1000
        ),
        "rhythm_error_hz": _median_of([e for n in nights for e in n["rhythm_error_hz"]], 1),
        "lm_rate_error_pct": _lm_rate_error(nights),
        "left_out": _summed([night["left_out"] for night in nights]),
        "confusion": _summed([night["confusion"] for night in nights]),
    }


def ratio(part, whole):
    """Return part / whole; None without a whole."""
    return part / whole if whole else None


def _median_of(values, scale):
    return median(values) * scale if values else None


def _lm_rate_error(nights):
    """Return the mean over nights of |LM/h found - LM/h true| / LM/h true, percent."""
    errors = [
        abs(night["events"]["lm"] - night["truths"]["lm"]) / night["truths"]["lm"] * 100
        for night in nights
        if night["truths"]["lm"]
    ]
    return sum(errors) / len(errors) if errors else None


def _summed(tables):
    out = {}
    for table in tables:
        for row, columns in table.items():
            for column, n in columns.items():
                out.setdefault(row, {}).setdefault(column, 0)
                out[row][column] += n
    return out
