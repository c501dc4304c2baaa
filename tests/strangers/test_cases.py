"""Each measured failure with its goal: what a sleeper may not be lost by."""

import cases
import pytest
import score
import shaking

HOURS = 1.0
SHAKEN_MIN = 8
SEEDS = range(3)


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_the_goal_of_a_case_is_met(case):
    night = case.make(HOURS)
    figures = case.judge(night, score.found_by(night))
    assert figures and [str(f) for f in figures if not f.kept] == []


@pytest.mark.parametrize("kind", shaking.SHAKINGS)
def test_no_shaking_between_gaps_leaves_32_bits(kind):
    assert [shaking.leaves_32_bits(kind, SHAKEN_MIN, seed) for seed in SEEDS] == [""] * len(SEEDS)
