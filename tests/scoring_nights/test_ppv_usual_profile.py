"""PPV from labels, what is usual, and the profile of the hours: their values and bounds."""

import numpy as np
import pytest
from notturno.refusals import TOO_FEW_MOVEMENTS, TOO_FEW_NIGHTS, Refusal, is_refusal
from notturno.scoring.manynights import ppv, profile, usual
from notturno.scoring.manynights.levels import NightCount, NightValue

# --- PPV ---------------------------------------------------------------------------------------


def test_the_share_of_alike_nights_is_wilsons():
    """Wilson's interval of 45 of 50, from its formula by hand: 0.7864 to 0.9565."""
    found = ppv.share([(9, 10)] * 5)
    assert (found["ppv"], found["labelled"], found["own"], found["nights"]) == (0.9, 50, 45, 5)
    assert found["design_effect"] == 1
    assert found["ppv_low"] == pytest.approx(0.7864, abs=1e-4)
    assert found["ppv_high"] == pytest.approx(0.9565, abs=1e-4)


def test_nights_that_differ_make_the_interval_wider():
    """Three nights right, two wrong throughout: as good as five events, not as fifty."""
    alike = ppv.share([(6, 10)] * 5)
    differ = ppv.share([(10, 10), (10, 10), (10, 10), (0, 10), (0, 10)])
    assert differ["ppv"] == alike["ppv"] == 0.6
    assert differ["design_effect"] > 8
    assert differ["ppv_high"] - differ["ppv_low"] > 2.5 * (alike["ppv_high"] - alike["ppv_low"])


def test_how_much_nights_differ_is_held_against_what_chance_makes_of_them():
    """3, 9 and 5 of 10: a spread of 28/900 between nights, by chance 9/16 * 7/16 / 30."""
    found = ppv.share([(3, 10), (9, 10), (5, 10)])
    assert found["design_effect"] == pytest.approx((28 / 900) / (63 / 256 / 30))
    assert found["ppv"] == 17 / 30


def test_too_few_labels_or_nights_are_refused_and_empty_nights_do_not_count():
    assert ppv.share([(3, 3), (3, 3), (3, 3)])["ppv"].code == TOO_FEW_MOVEMENTS
    assert not is_refusal(ppv.share([(4, 4), (3, 3), (3, 3)])["ppv"])
    two = ppv.share([(10, 10), (10, 10), (0, 0)])
    assert two["ppv"].code == TOO_FEW_NIGHTS and two["nights"] == 2
    assert ppv.share([])["ppv_low"].code == TOO_FEW_MOVEMENTS


def test_all_right_is_not_certain():
    found = ppv.share([(5, 5)] * 4)
    assert found["ppv"] == 1.0 and found["ppv_high"] == pytest.approx(1.0)
    assert found["ppv_low"] == pytest.approx(0.8389, abs=1e-4)  # 20 of 20 by Wilson


@pytest.mark.parametrize("likeness", [0.0, 0.05, 0.15])
@pytest.mark.parametrize(("truth", "nights", "labels"), [(0.85, 15, 6), (0.6, 10, 10)])
def test_the_interval_holds_the_truth_as_often_as_it_says(likeness, truth, nights, labels):
    """500 persons who label; nights differ (beta-binomial), and so do their numbers of labels."""
    rng = np.random.default_rng(20261126)
    held = 0
    for _ in range(500):
        n = rng.poisson(labels, nights)
        own = np.full(nights, truth)
        if likeness:
            strength = 1 / likeness - 1
            own = rng.beta(truth * strength, (1 - truth) * strength, nights)
        found = ppv.share(list(zip(rng.binomial(n, own).tolist(), n.tolist(), strict=True)))
        held += found["ppv_low"] <= truth <= found["ppv_high"]
    assert 0.93 <= held / 500 <= 0.97


# --- what is usual -----------------------------------------------------------------------------


def night(day, count, hours=8.0):
    return NightCount(f"day {day}", day, count, hours)


def test_usual_is_the_typical_rate_and_a_range_for_one_more_night():
    """Nights alike: what is left is counting. Of 24 due, Poisson's tenths are 18 and 30."""
    found = usual.usual([night(k, 24) for k in range(12)])
    assert found["typical"] == pytest.approx(3 + 0.0625)
    assert (found["low"], found["high"]) == (18 / 8, 30 / 8)
    assert (found["nights"], found["tonight"]) == (12, None)


def test_nights_that_differ_make_the_range_wide():
    found = usual.usual([night(1, 8), night(2, 24), night(3, 72)])
    assert found["low"] < 0.8 and found["high"] > 9 and found["typical"] > 3


@pytest.mark.parametrize(("count", "place"), [(2, "low"), (24, "within"), (300, "high")])
def test_a_night_lies_below_within_or_above(count, place):
    earlier = [night(k, 20 + k % 5) for k in range(10)]
    assert usual.usual(earlier, night(99, count))["tonight"] == place


def test_a_short_night_may_scatter_more():
    """No jerk in an hour is nothing unusual where three an hour are usual; in eight it is."""
    earlier = [night(k, 24) for k in range(10)]
    assert usual.usual(earlier, night(99, 0, 0.5))["tonight"] == "within"
    assert usual.usual(earlier, night(99, 0, 8.0))["tonight"] == "low"


def test_only_the_latest_nights_are_usual_and_two_are_none():
    old = [night(k, 400) for k in range(40)]
    new = [night(100 + k, 8) for k in range(30)]
    assert usual.usual(new + old)["nights"] == 30
    assert usual.usual(new + old)["typical"] == pytest.approx(1.0625)
    assert usual.usual(new[:2]).code == TOO_FEW_NIGHTS


def test_the_range_holds_one_more_night_in_eight_of_ten():
    """Persons whose nights differ by half and more, short nights among them."""
    rng = np.random.default_rng(7)
    within = 0
    for _ in range(1500):
        hours = rng.uniform(3, 9, 15)
        rate = 3 * np.exp(rng.normal(0, 0.5, 15))
        counts = rng.poisson(rate * hours)
        nights = [
            night(k, int(c), float(h)) for k, (c, h) in enumerate(zip(counts, hours, strict=True))
        ]
        within += usual.usual(nights[:-1], nights[-1])["tonight"] == "within"
    assert 0.77 <= within / 1500 <= 0.85


def test_a_value_has_a_usual_too():
    earlier = [NightValue(f"d{k}", k, 0.5 + 0.01 * k) for k in range(5)]
    found = usual.usual(earlier, NightValue("d9", 9, 0.9))
    assert found["typical"] == pytest.approx(0.52) and found["tonight"] == "high"


# --- the hours ---------------------------------------------------------------------------------


def hour(number, rate):
    return {"hour": number, "events": 4, "countable_h": 0.8, "per_countable_h": rate}


def test_an_hours_percentiles_are_over_the_nights_that_have_it():
    nights = [[hour(22, float(k)), hour(23, 7.0)] for k in range(11)]
    nights[0] = nights[0][:1]
    first, second = profile.profile(nights)
    assert (first["hour"], first["nights"], first["events"]) == (22, 11, 44)
    assert [first[f"p{p}"] for p in (10, 25, 50, 75, 90)] == [1.0, 2.5, 5.0, 7.5, 9.0]
    assert second["nights"] == 10 and second["countable_h"] == pytest.approx(8.0)


def test_an_hour_without_a_rate_is_left_out_and_few_nights_have_no_percentiles():
    refused = Refusal("Hardly anything.", "too_short")
    (row,) = profile.profile([[hour(3, 1.0)]] * 4 + [[hour(3, refused)]])
    assert row["nights"] == 4 and row["events"] == 16
    assert row["p50"].code == TOO_FEW_NIGHTS
    (row,) = profile.profile([[hour(3, 1.0)]] * 5)
    assert row["p90"] == 1.0
