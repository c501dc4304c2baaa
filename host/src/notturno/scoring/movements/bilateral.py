"""Movements of two legs that are one movement.

I join monolateral LM by WASM 2016 (overlap, or less than 0.5 s from the end of one to the onset
of the other) and by AASM v3 (onsets less than 5 s apart). Units: microseconds. Pure.

A leg that is not named ("") is a leg of its own: its movements join with those of a named leg,
never with one another.
"""

from itertools import pairwise
from typing import Any

from notturno.scoring.movements.legs import BOTH, Movement

LINK_US = 500_000  # strictly less than this, end to onset (WASM 2016, bilateral LM, appendix 1)
AASM_LINK_US = 5_000_000  # strictly less than this, onset to onset (AASM v3, VII.1, PLM, note)


def combine_wasm(
    movements: list[Movement], chain: str = "running_end", link: str = "under_0_5_s"
) -> list[Movement]:
    """Return the movements after joining legs; `movements` are of `leg_movements`.

    Two movements of different legs are linked when they overlap or the later starts strictly
    less than 0.5 s after the end of the earlier; everything linked, also through a third, is one
    movement. Two movements of the same leg join only through the other leg. With chain
    "running_end", a movement that already holds both legs also takes up the next one, of either
    leg, that starts less than 0.5 s after its latest end; with "linked" it does not. With
    "any_leg" every movement joins the one before that ends less than 0.5 s before it, of whatever
    leg; where the list holds one leg alone, none does. With link "up_to_0_5_s" 0.5 s is near
    enough too.
    """
    link_us = LINK_US if link == "under_0_5_s" else LINK_US + 1
    if chain == "any_leg":
        one_leg = len({movement.side for movement in movements}) < 2
        return movements if one_leg else _as_they_follow(movements, link_us)
    by_side = {}  # side -> indices in order of onset; one side's ends rise as its onsets do
    starts = []  # index of the first member of every group so far
    reach_us = None  # before this instant the next movement may link with one that was
    for i, movement in enumerate(movements):
        starts.append(i)
        if reach_us is None or movement.onset_us >= reach_us:
            by_side = {movement.side: [i]}
            reach_us = movement.end_us + link_us
            continue
        reach_us = max(reach_us, movement.end_us + link_us)
        first = i
        for side, indices in by_side.items():
            if side == movement.side:
                continue
            for j in reversed(indices):
                if movements[j].end_us + link_us <= movement.onset_us:
                    break
                if j < first:
                    first = j
        # What lies between two linked movements is linked to one of them, because an LM lasts
        # at least as long as the link reaches: so a group is a run in order of onset.
        while starts[-1] > first:
            starts.pop()
        by_side.setdefault(movement.side, []).append(i)
    if len(starts) == len(movements):
        return movements
    starts.append(len(movements))
    groups = [movements[a:b] for a, b in pairwise(starts)]
    if chain == "running_end":
        groups = _join_after_both_legs(groups, link_us)
    return [_as_one(group) for group in groups]


def _as_they_follow(movements: list[Movement], link_us: int) -> list[Movement]:
    groups, latest_us = [], None
    for movement in movements:
        if latest_us is not None and movement.onset_us < latest_us + link_us:
            groups[-1].append(movement)
            latest_us = max(latest_us, movement.end_us)
        else:
            groups.append([movement])
            latest_us = movement.end_us
    return [_as_one(group) for group in groups]


def _join_after_both_legs(groups: list[list[Movement]], link_us: int) -> list[list[Movement]]:
    joined = [groups[0]]
    for group in groups[1:]:
        before = joined[-1]
        latest_end = max(m.end_us for m in before)
        if len(before) > 1 and group[0].onset_us < latest_end + link_us:
            joined[-1] = before + group
        else:
            joined.append(group)
    return joined


def combine_aasm(movements: list[Movement]) -> list[Any | Movement]:
    """Return the movements after AASM's joining: both legs, onsets less than 5 s apart.

    The first movement that is not yet taken opens a group: it and all that begin less than 5 s
    after it are one movement where they are of more than one leg; else it stands alone, and the
    next opens. So the order of the legs within the 5 s does not matter, movements of one leg
    never join without the other, and a group cannot go on for ever: the period to the next LM is
    measured from its first onset.
    """
    groups, first = [], 0
    while first < len(movements):
        opener, end, alone = movements[first], first + 1, True
        while end < len(movements) and movements[end].onset_us - opener.onset_us < AASM_LINK_US:
            alone = alone and movements[end].side == opener.side
            end += 1
        if alone:
            end = first + 1
        groups.append(movements[first:end])
        first = end
    return [_as_one(group) for group in groups]


def _as_one(group: list[Movement]) -> Movement:
    if len(group) == 1:
        return group[0]
    return Movement(
        group[0].onset_us,
        max(m.end_us for m in group),
        BOTH if len({m.side for m in group}) > 1 else group[0].side,
        sum(m.parts for m in group),
        max(m.longest_part_us for m in group),
    )
