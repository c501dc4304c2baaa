"""Nights of the two foreign sets: the goals of the whole, from seeds that nothing was tuned on."""

from functools import cache

import nights
import pytest
import score
from whole import whole_or

FOUND, PPV, MACRO_F1 = 0.96, 0.95, 0.92
FALSE_PER_HOUR = 1.5
PARTNER_FALSE_PER_HOUR = whole_or(6, 8)  # an hour has 60 of its movements: one night is few
BAND_FOUND = {(8, 20): 0.90, (20, 60): 0.96, (60, 200): 0.96, (200, 1e9): 0.99}
SEEDS, HOURS = whole_or((51, 52), (51,)), 2.0

pytestmark = [
    pytest.mark.parametrize("foreign", sorted(nights.FOREIGN)),
]


@cache
def scored(foreign):
    return score.score_set(foreign, SEEDS, HOURS, "native")


def test_jerks_are_found(foreign):
    assert scored(foreign)[1].found() >= FOUND


def test_what_counts_as_a_jerk_is_one(foreign):
    whole = scored(foreign)[1]
    assert whole.ppv() >= PPV, whole.taken_for


def test_all_four_kinds_are_told_apart(foreign):
    whole = scored(foreign)[1]
    each = {kind: round(whole.f1(kind), 3) for kind in score.KINDS}
    assert whole.macro_f1() >= MACRO_F1, each


@pytest.mark.parametrize("band", BAND_FOUND, ids=lambda band: f"from {band[0]} mg")
def test_jerks_are_found_at_every_size(foreign, band):
    whole = scored(foreign)[1]
    assert whole.band(band) >= BAND_FOUND[band], whole.band_truths[band]


def test_little_is_false(foreign):
    whole = scored(foreign)[1]
    assert whole.false_per_hour() <= FALSE_PER_HOUR, whole.taken_for


def test_a_partner_is_not_the_sleeper(foreign):
    partner = scored(foreign)[0]["partner"]
    assert partner.false_per_hour() <= PARTNER_FALSE_PER_HOUR, partner.taken_for
