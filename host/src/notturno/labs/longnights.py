"""Rows of long tables become nights: movements and stages as the scorer takes them.

Many nights at once by numpy; what is not plain (stages that do not come in even steps, two at one
time, labels of two meanings) goes night by night through the functions that read a single list.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np

from notturno.errors import Phrase
from notturno.labs.longform import rows_of
from notturno.labs.longtimes import from_the_begin, numbers_of
from notturno.labs.night import LabNight, Note
from notturno.labs.readers.parts import other_notes, two_stages, unknown_notes
from notturno.scoring.movements.legs import BOTH, sides_of
from notturno.scoring.movements.stage_names import stage_name, stage_names
from notturno.scoring.staging import END, EPOCH_MAX_US

MOVEMENT, RESP, AROUSAL, GAP = "lm", "resp", "arousal", "gap"
MORPHOLOGY = {"1": True, "true": True, "0": False, "false": False}
FARTHEST_S = 1e9  # as `spans.to_us` takes it
FORMAT = "parquet"


def nights_of(plan: Any, first: int, after: int) -> tuple[list, list]:
    """Return (LabNights of the places first to after, [(person, night, reason)]).

    The reasons are of those whose rows cannot be read.
    """
    named = (plan.nights[place] for place in range(first, after))
    found = [LabNight(person, night, [], format=FORMAT) for person, night in named]
    sources = [set() for _ in found]
    for night in found:
        night.resp = [] if plan.resp else None
        night.arousals = [] if plan.arousals else None
    read, refused = from_the_begin(list(rows_of(plan, first, after)), found, first)
    for table, stages, places, columns in read:
        places = places - first
        for place in np.flatnonzero(np.bincount(places, minlength=len(found))).tolist():
            sources[place].add(table)
        put = _put_stages if stages else _put_movements
        for place, reason in put(found, places, columns):
            refused.setdefault(place, reason)
    for night, source in zip(found, sources, strict=True):
        night.source = "; ".join(sorted(source))
    kept = [night for place, night in enumerate(found) if place not in refused]
    told = [
        (found[p].source, found[p].person, found[p].night, refused[p]) for p in sorted(refused)
    ]
    return kept, told


# --- movements -----------------------------------------------------------------------------------


def _put_movements(
    found: list[LabNight], places: np.ndarray, columns: dict
) -> Iterator[tuple[int, str]]:
    """Put the rows into the nights; yield (place, reason) of a night that holds a bad one."""
    order = np.argsort(places, kind="stable")
    places = places[order]
    onset_s, duration_s = (numbers_of(columns[n])[order] for n in ("onset_s", "duration_s"))
    bad = ~(np.isfinite(onset_s) & np.isfinite(duration_s))
    bad |= (duration_s < 0) | (np.abs(onset_s) > FARTHEST_S) | (duration_s > FARTHEST_S)
    sides, side = _labels(columns["side"])
    side = side[order]
    known = [sides_of(text) for text in sides]
    bad |= np.array([value is None for value in known], dtype=bool)[side]
    kinds, kind = [MOVEMENT], np.zeros(len(places), dtype=np.int64)
    if "kind" in columns:
        kinds, kind = _labels(columns["kind"])
        kinds, kind = [text.strip().lower() or MOVEMENT for text in kinds], kind[order]
    morphology = [None] * len(places)
    if "morphology" in columns:
        morphology = [_truth(v) for v in columns["morphology"].to_numpy()[order].tolist()]
    for place, at in _firsts(places, bad):
        yield place, _why(onset_s[at], duration_s[at], sides[side[at]])
    onset_s, duration_s = np.where(bad, 0, onset_s), np.where(bad, 0, duration_s)
    # As `to_us` of one number: the product rounded, half to even.
    onset = np.rint(onset_s * 1e6).astype(np.int64)
    end = onset + np.rint(duration_s * 1e6).astype(np.int64)
    others: dict[int, Counter] = {}
    which = {MOVEMENT: None, RESP: "resp", AROUSAL: "arousals", GAP: "gaps"}
    for number, text in enumerate(kinds):
        mine = np.flatnonzero(kind == number) if len(kinds) > 1 else np.arange(len(places))
        if text not in which:
            for place, n in zip(*np.unique(places[mine], return_counts=True), strict=True):
                others.setdefault(int(place), Counter())[text] += int(n)
            continue
        edges = np.searchsorted(places[mine], np.arange(len(found) + 1)).tolist()
        spans = [onset[mine].tolist(), end[mine].tolist()]
        if text == MOVEMENT:
            one = [None if both is None else both[0] if len(both) == 1 else BOTH for both in known]
            spans.append([one[i] for i in side[mine].tolist()])
            spans.append([morphology[i] for i in mine.tolist()])
        rows = list(zip(*spans, strict=True))
        several = text == MOVEMENT and any(both and len(both) > 1 for both in known)
        for place, night in enumerate(found):
            own = rows[edges[place] : edges[place + 1]]
            if text == MOVEMENT:
                night.rows = night.rows + (_each_leg(own) if several else own)
            elif own:
                setattr(night, which[text], getattr(night, which[text]) + own)
    for place, counted in others.items():
        found[place].notes += other_notes(counted)


def _each_leg(rows: list) -> list:
    """Return movements of one leg: one of both legs is one of each."""
    return [
        (onset, end, leg, truth)
        for onset, end, side, truth in rows
        for leg in (("L", "R") if side == BOTH else (side,))
    ]


def _truth(value: Any) -> bool | None:
    """Return a cell of morphology: a number, a bool or its word; None where nobody said."""
    if isinstance(value, str):
        return MORPHOLOGY.get(value.strip().lower())
    return None if value is None or value != value else bool(value)


def _why(onset_s: Any, duration_s: Any, side: str) -> str:
    if sides_of(side) is None:
        return Phrase("The side of a movement is {side!r}, not L, R or empty.", side=side)
    if duration_s < 0:
        return Phrase(
            "The duration of the movement at {onset_s:g} s is negative.", onset_s=float(onset_s)
        )
    return Phrase("A movement has no onset or no duration, or one beyond any night.")


def _firsts(places: np.ndarray, bad: np.ndarray) -> list:
    """Return [(place, row)] of the first bad row of each place; places rise."""
    rows = np.flatnonzero(bad)
    _, first = np.unique(places[rows], return_index=True)
    return [(int(places[row]), int(row)) for row in rows[first].tolist()]


# --- stages --------------------------------------------------------------------------------------


def _put_stages(found: list[LabNight], places: np.ndarray, columns: dict):
    onset_s = numbers_of(columns["onset_s"])
    bad = ~np.isfinite(onset_s) | (np.abs(onset_s) > FARTHEST_S)
    onset = np.rint(np.where(bad, 0, onset_s) * 1e6).astype(np.int64)
    order = np.lexsort((onset, places))
    places, onset, bad = places[order], onset[order], bad[order]
    labels, label = _labels(columns["stage"])
    label = label[order]
    plain = _plain_labels(labels)
    names = [stage_name(text) for text in labels]
    yield from (
        (place, Phrase("A stage has no onset, or one beyond any night."))
        for place, _ in _firsts(places, bad)
    )
    here = np.flatnonzero(np.bincount(places, minlength=len(found)))
    edges = np.searchsorted(places, np.concatenate((here, [len(found)])))
    steps = np.diff(onset)
    changes = np.flatnonzero(np.diff(label)) + 1
    for at, place in enumerate(here.tolist()):
        low, high = int(edges[at]), int(edges[at + 1])
        own = steps[low : high - 1]
        even = len(own) and 0 < own[0] <= EPOCH_MAX_US and (own == own[0]).all()
        if not even or not plain[label[low:high]].all() or found[place].stages is not None:
            _put_list(found[place], onset[low:high].tolist(), [labels[i] for i in label[low:high]])
            continue
        inner = changes[np.searchsorted(changes, low + 1) : np.searchsorted(changes, high)]
        starts = [low, *inner.tolist()]
        rows = [(o, names[c]) for o, c in zip(onset[starts].tolist(), label[starts], strict=True)]
        # The end of the last epoch, as a Hypnogram finds it where all steps are equal.
        found[place].stages = [*rows, (int(onset[high - 1] + own[0]), END)]


def _put_list(night: LabNight, onsets: list[int], labels: list[str]) -> None:
    """Put one night's stages in, whatever their steps; two of one time are one unscored label."""
    names, unknown = stage_names(labels)
    stages, twice = {}, 0
    if night.stages is not None:
        twice += len(night.stages)
        night.notes.append(
            Note(
                "stages_twice",
                len(onsets),
                Phrase("A second table holds stages; the first is taken."),
            )
        )
        return
    for onset, name in zip(onsets, names, strict=True):
        if onset in stages and stages[onset] != name:
            twice += 1
            name = "?"
        stages[onset] = name
    if twice:
        night.notes.append(two_stages(twice))
    night.unknown = unknown
    night.notes += unknown_notes(unknown)
    night.stages = sorted(stages.items())


def _plain_labels(labels: list[str]) -> np.ndarray:
    """Return one bool a label: it has one meaning, whatever stands beside it."""
    return np.array(
        [stage_name(text) is not None and stage_names([text])[1] == Counter() for text in labels]
        or [False],
        dtype=bool,
    )


# --- columns -------------------------------------------------------------------------------------


def _labels(column: Any) -> tuple[list[str], np.ndarray]:
    """Return (distinct texts, the place in them of each row); nothing is the empty text."""
    import pyarrow

    if not pyarrow.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    joined = column.unify_dictionaries().combine_chunks()
    texts = ["" if value is None else str(value) for value in joined.dictionary.to_pylist()]
    texts.append("")
    codes = joined.indices.fill_null(len(texts) - 1).to_numpy(zero_copy_only=False)
    return texts, codes.astype(np.int64)
