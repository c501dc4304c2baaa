"""Gravity and settings at their bounds, on both sides of each."""

import pytest
from notturno_core import limits, plausible
from notturno_core.plausible import GRAVITY_HIGH, GRAVITY_LOW, gravity_fault

MOST, LEAST = plausible.GRAVITY_MOST_MG, plausible.GRAVITY_LEAST_MG


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(
    ("mg", "fault"), [(MOST, 0), (MOST + 1, GRAVITY_HIGH), (LEAST, 0), (LEAST - 1, GRAVITY_LOW)]
)
def test_gravity_along_one_axis(axis, sign, mg, fault):
    vector_mg = [0, 0, 0]
    vector_mg[axis] = sign * mg
    assert gravity_fault(*vector_mg) == fault


def test_words_are_a_list_of_known_ones():
    for name, words in limits.WORDS.items():
        assert limits.problem(name, list(words), dict) is None
        assert limits.problem(name, tuple(words), dict) is None
        whole = {word: 1 for word in words}
        for wrong in ([], [*words, "?"], None, 5, whole):
            assert "must be one or more of" in limits.problem(name, wrong, dict)
