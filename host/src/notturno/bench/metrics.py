"""Compares what was found with what happened: pure, lists of dicts in, figures out.

Touches nothing. Speaks seconds, mg, Hz, hours. A truth and an event are dicts with kind, onset_s,
duration_s, peak_mg, rhythm_hz. Rules, alike for every detector compared:

- which event explains which truth: `matching`;
- an event that does not count in a night (notturno.nights.counts) does not count here: it is
  neither found nor false, but left out by its kind and reason;
- where the truth says `awake` it does not say what the limb did: movements, postures and rhythms
  found there are left out, but a jerk found there is false.
"""

from collections.abc import Sequence
from statistics import median
from typing import Any

from notturno.bench import matching
from notturno.detect.named import left_out, of_kind

KINDS = ("jerk", "lm", "posture", "rhythm")
BANDS = (  # of a jerk's peak at the sensor, mg
    ("4-8", 4.0, 8.0),
    ("8-20", 8.0, 20.0),
    ("20-60", 20.0, 60.0),
    ("60-200", 60.0, 200.0),
    ("200+", 200.0, float("inf")),
)
STRONG_MG = 60.0
SWITCHED = ("tone", "noise")


def tally(
    truths: list[dict], events: list[dict], hours: float, others: Sequence = ()
) -> dict[str, Any]:
    """Return what one night gives, in counts and lists that can be summed over nights.

    others: rows of what shook the band and was not its limb.
    """
    awake = [(t["onset_s"], t["onset_s"] + t["duration_s"]) for t in of_kind(truths, "awake")]
    awake_s = sum(event["duration_s"] for event in of_kind(events, "awake"))
    not_counted, waits = left_out(events), _waits(events)
    events = [
        event
        for kind in KINDS
        for event in of_kind(events, kind)
        if kind == "jerk" or not any(a <= event["onset_s"] <= b for a, b in awake)
    ]
    truths = [truth for kind in KINDS for truth in of_kind(truths, kind)]
    pairs = matching.pairs_by_kind(truths, events, KINDS)
    found = {i for i, _ in pairs}
    jerks = [(i in found, t) for i, t in enumerate(truths) if t["kind"] == "jerk"]
    confusion, false = matching.confusion(truths, events, pairs)
    night = {
        "hours": hours,
        "awake_h": awake_s / 3600,
        "left_out": not_counted,
        "confusion": confusion,
        "false_from": matching.sources(events, false, others),
        "truths": {kind: len(of_kind(truths, kind)) for kind in KINDS},
        "events": {kind: len(of_kind(events, kind)) for kind in KINDS},
        "hits": {kind: sum(truths[i]["kind"] == kind for i in found) for kind in KINDS},
        "bands": {
            name: _found([hit for hit, t in jerks if low <= t["peak_mg"] < high])
            for name, low, high in BANDS
        },
        "switched": _found([hit for hit, t in jerks if _during(t, others)]),
        "onset_error_s": {"jerk": [], "lm": []},
        "lm_duration_error_s": [],
        "rhythm_error_hz": [],
    }
    for i, j in pairs:
        _errors(truths[i], events[j], night)
    return night | waits


def _found(hits: list[bool]) -> list[int]:
    return [sum(hits), len(hits)]


def _during(truth: dict, others: Sequence) -> bool:
    """Say whether a strong jerk happened while a tone or a noise was on."""
    return truth["peak_mg"] >= STRONG_MG and any(
        row["onset_s"] <= truth["onset_s"] <= row["onset_s"] + row["duration_s"]
        for row in others
        if row["kind"] in SWITCHED
    )


def _errors(truth: dict, event: dict, night: dict) -> None:
    if truth["kind"] in night["onset_error_s"]:
        night["onset_error_s"][truth["kind"]].append(abs(event["onset_s"] - truth["onset_s"]))
    if truth["kind"] == "lm":
        error_s = abs(event["duration_s"] - truth["duration_s"])
        night["lm_duration_error_s"].append(error_s)
    if event.get("rhythm_hz"):  # of a rhythm: truth and event are of one kind
        night["rhythm_error_hz"].append(abs(event["rhythm_hz"] - truth["rhythm_hz"]))


def _waits(events: list[dict]) -> dict[str, list[float]]:
    """Seconds from a movement's end to its rows, and how many were named anew by the final one.

    Events of a detector that does not say when it gave them have none.
    """
    out = {"provisional_s": [], "final_s": [], "revised": [0, 0]}
    for event in events:
        if event["kind"] not in KINDS:
            continue
        end_s = event["onset_s"] + event["duration_s"]
        for name in ("provisional_s", "final_s"):
            if event.get(name) is not None:
                out[name].append(event[name] - end_s)
        if event.get("provisional_kind") is not None:
            out["revised"][0] += event["provisional_kind"] != event["kind"]
            out["revised"][1] += 1
    return out


def figures(nights: list[dict]) -> dict[str, Any]:
    """Return the figures over nights (tallies); None where there was nothing to measure."""

    def total(field: str, kind: str) -> int:
        return sum(night[field][kind] for night in nights)

    def gathered(field: str) -> list[float]:
        return [value for night in nights for value in night[field]]

    hours = sum(night["hours"] for night in nights)
    hits, truths, events = (
        {kind: total(field, kind) for kind in KINDS} for field in ("hits", "truths", "events")
    )
    f1 = {k: ratio(2 * hits[k], truths[k] + events[k]) for k in KINDS}
    known = [value for value in f1.values() if value is not None]
    onsets = {
        k: [e for night in nights for e in night["onset_error_s"][k]] for k in ("jerk", "lm")
    }
    return {
        "hours": hours,
        "awake_h": sum(night["awake_h"] for night in nights),
        "nights": len(nights),
        "truths": truths,
        "events": events,
        "hits": hits,
        "sensitivity": {k: ratio(hits[k], truths[k]) for k in KINDS},
        "ppv": {k: ratio(hits[k], events[k]) for k in KINDS},
        "false_per_h": {k: ratio(events[k] - hits[k], hours) for k in KINDS},
        "f1": f1,
        "macro_f1": sum(known) / len(known) if known else None,
        "bands": {name: _pair([n["bands"][name] for n in nights]) for name, _, _ in BANDS},
        "switched": _pair([night["switched"] for night in nights]),
        "onset_error_ms": {k: _median_of(v, 1000) for k, v in onsets.items()},
        "onset_error_all_ms": _median_of(onsets["jerk"] + onsets["lm"], 1000),
        "lm_duration_error_ms": _median_of(gathered("lm_duration_error_s"), 1000),
        "rhythm_error_hz": _median_of(gathered("rhythm_error_hz"), 1),
        "lm_rate_error_pct": _lm_rate_error(nights),
        "provisional_s_p95": percentile(gathered("provisional_s"), 95),
        "final_s_p95": percentile(gathered("final_s"), 95),
        "revised": _pair([night["revised"] for night in nights]),
        "left_out": summed([night["left_out"] for night in nights]),
        "confusion": summed([night["confusion"] for night in nights]),
        "false_from": summed([night["false_from"] for night in nights]),
    }


def found_in(figures: dict, *names: str) -> float | None:
    """Return the share of the jerks of these bands that was found; None without any."""
    part, whole = _pair([figures["bands"][name] for name in names])
    return ratio(part, whole)


def ratio(part: int, whole: float) -> float | None:
    """Return part / whole; None without a whole."""
    return part / whole if whole else None


def percentile(values: list[float], percent: int) -> float | None:
    """Return the smallest value that `percent` of the values do not exceed; None without any."""
    if not values:
        return None
    order = sorted(values)
    return order[max(0, -(-len(order) * percent // 100) - 1)]


def _pair(pairs: list[list[int]]) -> list[int]:
    return [sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)]


def _median_of(values: list[float], scale: int) -> float | None:
    return median(values) * scale if values else None


def _lm_rate_error(nights: list[dict]) -> float | None:
    """Return the mean over nights of |LM/h found - LM/h true| / LM/h true, percent."""
    errors = [
        abs(night["events"]["lm"] - night["truths"]["lm"]) / night["truths"]["lm"] * 100
        for night in nights
        if night["truths"]["lm"]
    ]
    return sum(errors) / len(errors) if errors else None


def summed(tables: list[dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    """Return the sum of tables {row: {column: count}}."""
    out = {}
    for table in tables:
        for row, columns in table.items():
            for column, n in columns.items():
                out.setdefault(row, {}).setdefault(column, 0)
                out[row][column] += n
    return out
