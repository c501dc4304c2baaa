"""Ranges of records' numbers beside plain sets: runs, what is left, how many are asked for."""

import random

import pytest
from notturno.store import holding


def numbers(ranges):
    return [n for first, last in ranges for n in range(first, last + 1)]


@pytest.mark.parametrize("seed", range(20))
def test_runs_hold_the_numbers_and_no_two_touch(seed):
    rng = random.Random(seed)
    wanted = sorted(rng.sample(range(60), rng.randrange(0, 40)))
    found = holding._runs(wanted)
    assert numbers(found) == wanted
    assert all(b[0] > a[1] + 1 for a, b in zip(found, found[1:], strict=False))


@pytest.mark.parametrize("seed", range(40))
def test_ranges_without_others_are_sets_without_sets(seed):
    rng = random.Random(seed)
    one, other = (sorted(rng.sample(range(40), rng.randrange(0, 30))) for _ in range(2))
    left = holding._without(holding._runs(one), holding._runs(other))
    assert numbers(left) == sorted(set(one) - set(other))


def test_of_too_many_ranges_the_nearest_two_become_one():
    most = holding.MOST_RANGES
    ranges = [(100 * k, 100 * k + 9) for k in range(most + 2)]
    ranges[3], ranges[7] = (300, 350), (700, 780)
    found = holding._few(ranges)
    assert len(found) == most
    assert (300, 409) in found and (700, 809) in found
    assert holding._few(ranges[:most]) == ranges[:most]


def test_numbers_are_asked_for_again_after_an_hour_then_four_times_as_long_to_a_month():
    pauses_h = [holding._pause_ms(times) / 3_600_000 for times in (1, 2, 3, 4, 5, 6, 60)]
    assert pauses_h == [1, 4, 16, 64, 256, 720, 720]
