"""Naming a recording's rows anew looks at few rows each, and finds what looking at all finds."""

import random

import pytest
from hand_rows import ODR_MHZ, burst, move, rhythm, turn
from notturno_core import names, wire


def span(kind, at, ms):
    """A context: awake, or the band not worn."""
    return move(ms, at) | {"kind": kind, "source": wire.SOURCE_CONTEXT}


def recording(seed, n=60):
    """Return rows of every kind, dense enough to bear on each other, in order of their ends."""
    rng, at, rows = random.Random(seed), rng_start(seed), []
    for _ in range(n):
        at += rng.choice((30, 300, 3000))
        mg = rng.choice((8, 12, 30, 200))
        made = rng.choice((burst, burst, move, turn, rhythm))
        ms = {burst: 80, move: 1500, turn: 2500, rhythm: 9000}[made]
        along = {"direction_q7": rng.choice(((0, 0, 127), (127, 0, 0)))}
        rows.append(made(ms, at, mg, **along))
    rows.append(span(wire.EVENT_AWAKE, rows[5]["onset_sample"], 20000))
    rows.append(span(wire.EVENT_NOT_WORN, rows[30]["onset_sample"] + 40, 8000))
    rows.sort(key=lambda row: row["onset_sample"] + row["duration_samples"])
    return rows


def rng_start(seed):
    """The first row of some recordings begins with them."""
    return 0 if seed % 2 else 5000


def looked_at_all(rows):
    """Return the rows named anew where each is held beside every other."""
    rows = [dict(row) for row in rows]
    for row in rows:
        names.name(row, ODR_MHZ)
    moves = [row for row in rows if row["source"] != wire.SOURCE_CONTEXT]
    heard, found = names.mattress_heard(moves), []
    for row in moves:
        flags, end = 0, row["onset_sample"] + row["duration_samples"]
        for other in rows:
            if other is row or row["kind"] == other["kind"] == wire.EVENT_LM:
                continue
            flags |= names.relate(row, other, ODR_MHZ)
            other_end = other["onset_sample"] + other["duration_samples"]
            if end >= other["onset_sample"] and row["onset_sample"] < other_end:
                if other["kind"] == wire.EVENT_AWAKE:
                    flags |= wire.FLAG_IN_AWAKE
                if other["kind"] == wire.EVENT_NOT_WORN:
                    flags |= wire.FLAG_VIBRATION
        flags |= names.crowd(row, moves, ODR_MHZ) | (names.by_mattress(row) if heard else 0)
        found.append((row, flags))
    for row, flags in found:
        row["flags"] |= flags
    # no movement goes on from one that was shaken, whatever told so
    lms = [row for row in moves if row["kind"] == wire.EVENT_LM]
    for row in lms:
        for other in lms:
            row["flags"] |= names.relate(row, other, ODR_MHZ)
    return rows


@pytest.mark.parametrize("seed", range(6))
def test_rows_looked_up_by_their_time_are_named_as_if_all_were_looked_at(seed):
    rows = recording(seed)
    assert names.rename(rows, ODR_MHZ) == looked_at_all(rows)


def test_the_recordings_hold_every_flag_that_a_row_has_from_others():
    flags = 0
    for seed in range(6):
        for row in looked_at_all(recording(seed)):
            flags |= row["flags"]
    by_others = wire.FLAG_IN_LM | wire.FLAG_IN_RHYTHM | wire.FLAG_VIBRATION
    by_others |= wire.FLAG_IN_AWAKE | wire.FLAG_POSTURE_CHANGED
    assert flags & by_others == by_others


@pytest.mark.parametrize("at", [0, 1, 3, 4])
@pytest.mark.parametrize("first", range(6))
def test_the_rows_of_a_span_are_those_that_begin_in_it_both_ends_included(at, first):
    rows = [{"onset_sample": k} for k in (at, at + 1, at + 1, 5, 9)]
    for last in range(first, 11):
        wanted = [row for row in rows if first <= row["onset_sample"] <= last]
        assert names._near(rows, first, last) == wanted


def test_a_row_lies_in_a_context_whose_first_sample_it_reaches_and_before_whose_end_it_begins():
    context = span(wire.EVENT_AWAKE, 1000, 500)
    within = [names._within(burst(80, at), context) for at in (919, 920, 1499, 1500)]
    assert within == [False, True, True, False]
