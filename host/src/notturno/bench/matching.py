"""Which event explains which truth: pure, lists of dicts in, pairs of indices out.

Touches nothing. One event may explain one truth, and the other way round; they belong together if
they overlap or if their onsets are at most 0.5 s apart (the arousal rule's distance); nearest
onsets first.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from notturno.nights.spans import nearest_pairs

TOLERANCE_S = 0.5


def match(
    truths: list[dict], events: list[dict], tolerance_s: float = TOLERANCE_S
) -> list[tuple[int, int]]:
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
    return nearest_pairs(near)


def pairs_by_kind(
    truths: list[dict], events: list[dict], kinds: tuple[str, ...]
) -> list[tuple[int, int]]:
    """Return the pairs of truths and events of the same kind."""
    pairs = []
    for kind in kinds:
        here = [i for i, t in enumerate(truths) if t["kind"] == kind]
        there = [j for j, e in enumerate(events) if e["kind"] == kind]
        found = match([truths[i] for i in here], [events[j] for j in there])
        pairs += [(here[a], there[b]) for a, b in found]
    return pairs


def confusion(
    truths: list[dict], events: list[dict], pairs: list[tuple[int, int]]
) -> tuple[dict, list[int]]:
    """Return ({truth kind: {event kind: count}}, indices of events that explain nothing).

    `missed` and `false` stand for no partner. What found its own kind is paired first (`pairs`);
    the rest may pair with another kind.
    """
    table = {}

    def count(row: str, column: str) -> None:
        table.setdefault(row, {}).setdefault(column, 0)
        table[row][column] += 1

    for i, _ in pairs:
        count(truths[i]["kind"], truths[i]["kind"])
    paired_truths, paired_events = ({pair[side] for pair in pairs} for side in (0, 1))
    here = [i for i in range(len(truths)) if i not in paired_truths]
    there = [j for j in range(len(events)) if j not in paired_events]
    others = match([truths[i] for i in here], [events[j] for j in there])
    for a, b in others:
        count(truths[here[a]]["kind"], events[there[b]]["kind"])
    for a in set(range(len(here))) - {a for a, _ in others}:
        count(truths[here[a]]["kind"], "missed")
    nothing = sorted(set(range(len(there))) - {b for _, b in others})
    for b in nothing:
        count("false", events[there[b]]["kind"])
    return table, [there[b] for b in nothing]


def sources(events: list[dict], false: list[int], others: Sequence) -> dict[str, dict[str, int]]:
    """Return {what shook the band, or `nothing`: {event kind: count}} of the false events.

    false: indices; others: rows of what was not the limb. The first that overlaps is named.
    """
    order = sorted(others, key=lambda row: row["onset_s"])
    onsets = [row["onset_s"] for row in order]
    longest_s = max((row["duration_s"] for row in others), default=0.0)
    table = {}
    for j in false:
        begin, end = events[j]["onset_s"], events[j]["onset_s"] + events[j]["duration_s"]
        first = bisect_left(onsets, begin - longest_s - TOLERANCE_S)
        near = order[first : bisect_right(onsets, end)]
        here = (row for row in near if row["onset_s"] + row["duration_s"] + TOLERANCE_S >= begin)
        row = next(here, None)
        columns = table.setdefault(row["kind"] if row else "nothing", {})
        columns[events[j]["kind"]] = columns.get(events[j]["kind"], 0) + 1
    return table
