"""How much of a recording's rest is looked at, what is still, and where the bounds of 1 g lie."""

import numpy as np
import pytest
from notturno.detect import at_rest
from notturno.errors import UserError

HZ = 4


def samples_of(lengths_mg, spreads_mg=None):
    """Return 4 samples a second along z: each second's mean, and its spread (standard)."""
    means = np.asarray(lengths_mg, float)
    spreads = np.zeros(len(means)) if spreads_mg is None else np.asarray(spreads_mg, float)
    acc = np.zeros((len(means), HZ, 3))
    acc[:, :, 2] = means[:, None] + spreads[:, None] * np.array([1, -1, 1, -1])
    return acc.reshape(-1, 3)


def passes(acc):
    try:
        at_rest.check_gravity(at_rest.seconds_of(acc, 1.0, HZ), "x")
    except UserError:
        return False
    return True


@pytest.mark.parametrize(
    ("n", "looked_at"), [(1799, 1799), (3599, 3599), (3600, 1800), (9000, 1800)]
)
def test_of_an_hour_or_more_some_thirty_minutes_are_looked_at_spread_over_it(n, looked_at):
    means = np.arange(n) + 100.0
    found, _ = at_rest.seconds_of(samples_of(means), 1.0, HZ)
    assert len(found) == looked_at
    assert found[:, 2] == pytest.approx(means[:: max(1, n // 1800)], abs=0.01)


@pytest.mark.parametrize(
    ("length_mg", "spread_mg", "still"),
    [(1000, 29.9, True), (1000, 30.1, False), (2000, 59, True), (2000, 61, False), (0, 29, True)],
)
def test_a_second_is_still_by_30_mg_or_by_three_hundredths_of_what_it_shows(
    length_mg, spread_mg, still
):
    _, found = at_rest.seconds_of(samples_of([length_mg] * 3, [spread_mg] * 3), 1.0, HZ)
    assert found.tolist() == [still] * 3


@pytest.mark.parametrize(("wrong", "of", "passed"), [(5, 10, True), (6, 10, False), (1, 1, False)])
def test_most_seconds_at_rest_have_to_show_one_g(wrong, of, passed):
    assert passes(samples_of([700] * wrong + [1000] * (of - wrong))) is passed


def test_of_many_seconds_at_rest_two_hundred_are_judged_spread_over_all():
    """Every fourth of 800 is a wrong one: it is those that are judged, or none of them is."""
    lengths = np.full(800, 1000)
    lengths[::4] = 700
    assert not passes(samples_of(lengths))
    lengths = np.full(799, 1000)  # every third is looked at: a quarter of those is wrong
    lengths[::4] = 700
    assert passes(samples_of(lengths))


@pytest.mark.parametrize(
    ("length_mg", "passed"), [(499, False), (501, True), (1999, True), (2001, False)]
)
def test_a_limb_that_never_rests_shows_half_a_g_to_two_in_the_mean(length_mg, passed):
    assert passes(samples_of([length_mg] * 9, [300] * 9)) is passed


@pytest.mark.parametrize(("zeros", "runs"), [(2, []), (3, [(5, 8)]), (4, [(5, 9)])])
def test_three_zeros_on_all_axes_in_a_row_are_a_sensor_that_was_silent(zeros, runs):
    acc = np.full((20, 3), 500)
    acc[5 : 5 + zeros] = 0
    acc[15, :2] = 0  # one axis still shows something
    assert at_rest.silent_runs(acc) == runs


@pytest.mark.parametrize(
    ("length_mg", "said"),
    [
        (9806, "in m/s2 where g or mg was said"),
        (102, "in g or mg where m/s2 was said"),
        (1.0, "in g where mg was said"),
        (9.8, "in m/s2 where mg was said"),
    ],
)
def test_a_mistaken_unit_is_named_by_what_gravity_reads_in_it(length_mg, said):
    with pytest.raises(UserError, match="correct the unit") as error:
        at_rest.check_gravity(at_rest.seconds_of(samples_of([length_mg] * 9), 1.0, HZ), "x")
    assert said in str(error.value) and "(0.85 to 1.15)" in str(error.value)
    assert f"it shows {length_mg / 1000:.3g} g" in str(error.value)


@pytest.mark.parametrize(
    ("length_mg", "said"),
    [
        (9806, "its values may be in m/s2 where g or mg was said"),
        (102, "its values may be in g or mg where m/s2 was said or {off}"),
        (1.0, "its values may be in g where mg was said or {off}"),
        (500, "{off}"),
        (849, "{off}"),
        (850, "its unit or scale is another one than was said"),
        (1500, "its unit or scale is another one than was said"),
    ],
)
def test_all_that_values_may_be_is_told_in_one_sentence(length_mg, said):
    off = "gravity may have been taken off, which the detector needs"
    assert str(at_rest._what_it_may_be(length_mg, 850, 1150)) == said.format(off=off)


@pytest.mark.parametrize(("length_mg", "named"), [(8.4, 0), (8.5, 1), (11.5, 1), (11.6, 0)])
def test_a_unit_is_named_where_gravity_would_be_right_in_it(length_mg, named):
    factor = 9.80665e-3  # m/s2 where mg was said
    said = str(at_rest._what_it_may_be(length_mg * factor * 100, 850, 1150))
    assert said.count("in m/s2 where mg was said") == named


@pytest.mark.parametrize("mg_per_lsb", [62.5, 500.0])
def test_what_never_changes_is_still_however_coarse_its_counts(mg_per_lsb):
    counts = np.zeros((3 * HZ, 3), np.int16)
    counts[:, 2] = round(1000 / mg_per_lsb)
    assert at_rest.seconds_of(counts, mg_per_lsb, HZ).still.all()
