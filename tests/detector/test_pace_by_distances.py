"""Which pace is told of a rhythm by the counts of its beats' distances, by hand and in words.

A count stands for the distances from one edge to the next: the pace that is told is the middle of
one of them, and is looked for here by the number of that place.
"""

import itertools
import random

import pytest
from hand_rows import ODR_MHZ
from notturno_core import names, rhythms


def counted(counts, of_beats=1000):
    """Return what tells the pace, with so many distances at each place: {place: how many}."""
    found = rhythms.Witnesses(ODR_MHZ, names.DEFAULTS)
    for place, number in counts.items():
        found._counts[place] = number
    found._counted = of_beats
    return found


def place_told(counts, of_beats=1000):
    """Return the number of the place whose middle is told; None for that of the runs."""
    found = counted(counts, of_beats)
    mhz = found.told(found.limb)["rhythm_mhz"]
    edges = found._edges
    middles = {2 * ODR_MHZ // (edges[k - 1] + edges[k]): k for k in range(1, len(edges))}
    return middles.get(mhz)


def in_words(counts, of_beats):
    """Return the place: the first that with its neighbours is common, then up to the next peak."""
    edges = len(counted({})._edges)
    together = [sum(counts.get(k + by, 0) for by in (-1, 0, 1)) for k in range(edges)]
    half = min(max(together), of_beats) / 2
    first = next((k for k in range(1, edges) if together[k] > half), None)
    while first is not None and first + 1 < edges and together[first + 1] > together[first]:
        first += 1
    return first


@pytest.mark.parametrize(
    ("counts", "place"),
    [
        ({}, None),
        ({9: 1, 10: 8, 11: 1}, 10),
        ({10: 3, 12: 3}, 11),  # both neighbours count, and each as much as the place
        ({9: 4, 10: 4, 11: 4, 20: 10}, 10),
        ({9: 1, 10: 2, 11: 2, 20: 10}, 20 - 1),  # 5 are not more than half of 10
        ({9: 2, 10: 2, 11: 2, 20: 10}, 10),  # 6 are
        ({10: 6, 11: 7, 12: 8, 13: 9, 14: 3}, 12),  # on, while the next is more common
        ({10: 6, 11: 6, 12: 6, 13: 6}, 11),  # and not where it is as common
        ({1: 5}, 1),
        ({1: 1, 2: 5}, 1),
        ({1: 1, 2: 5, 3: 2}, 2),
    ],
)
def test_the_pace_is_the_first_distance_that_is_about_as_common_as_the_commonest(counts, place):
    assert place_told(counts) == in_words(counts, 1000) == place


def test_few_beats_have_few_distances_and_the_half_is_of_the_beats():
    """Of 8 beats a distance that comes 5 times is common, however often a longer one does."""
    counts = {10: 5, 20: 40}
    assert place_told(counts, of_beats=8) == 9
    assert place_told(counts, of_beats=10) == 20 - 1


@pytest.mark.parametrize("seed", range(40))
def test_any_counts_are_told_as_the_words_say(seed):
    rng = random.Random(seed)
    edges = len(counted({})._edges)
    counts = {k: rng.choice((0, 0, 1, 2, 5, 9)) for k in range(1, edges)}
    if seed % 3:
        counts = {k: n for k, n in counts.items() if rng.random() < 0.3}
    of_beats = rng.choice((3, 12, 1000))
    assert place_told(counts, of_beats) == in_words(counts, of_beats)


def test_where_no_distance_is_common_the_pace_is_that_of_the_longest_run():
    found = counted({})
    found.limb.longest[1] = 1500
    assert found.told(found.limb)["rhythm_mhz"] == 1500


def test_a_breath_is_told_by_its_run_whatever_the_limbs_distances_are():
    found = counted({10: 9})
    found.breath.longest[1] = 250
    assert found.told(found.breath)["rhythm_mhz"] == 250


def test_places_are_nine_percent_apart_from_the_quickest_swing_to_the_slowest_beat():
    """From 9.5 Hz (clonus and foot tremors end at 8) to 0.29 Hz (leg rhythms begin at 0.3)."""
    edges = counted({})._edges
    assert edges[0] == 105 and edges[-2] <= 3500 * 1.09 < edges[-1] * 1.001
    ratios = [b / a for a, b in itertools.pairwise(edges)]
    assert all(1.075 < ratio < 1.1 for ratio in ratios)
