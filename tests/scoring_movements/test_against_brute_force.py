"""The scorer agrees with the brute-force one, and with itself under what must not matter."""

import random

import brute_force
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno.refusals import is_refusal
from notturno.scoring.movements.bilateral import combine_aasm
from notturno.scoring.movements.legs import Row, leg_movements
from notturno.scoring.movements.score import score_night
from whole import whole_or

NIGHTS_A_SEED = whole_or(2500, 450)


@pytest.mark.parametrize("seed", range(whole_or(8, 3)))
def test_random_nights_agree_with_the_brute_force_scorer(seed):
    rng = random.Random(seed)
    series = 0
    for _ in range(NIGHTS_A_SEED):
        night = brute_force.random_night(rng)
        assert brute_force.difference(night) is None
        movements = brute_force.legs(night[0])
        series += bool(brute_force.wasm_plm(brute_force.wasm_sequence(movements), []))
    # The nights are not empty of what is compared.
    assert series > NIGHTS_A_SEED / 5


def test_the_brute_force_scorer_does_find_a_difference(monkeypatch):
    from notturno.scoring.movements import wasm2016

    monkeypatch.setattr(wasm2016.Rules, "IMI_MIN_US", 10_000_001)
    rng = random.Random(1)
    assert any(brute_force.difference(brute_force.random_night(rng)) for _ in range(300))


GRID_MS = st.sampled_from((0, 300, 499, 500, 501, 1000, 5000, 9999, 10000, 20000, 90000, 90001))
NIGHTS = st.lists(
    st.tuples(
        GRID_MS,
        st.sampled_from((300, 499, 500, 1000, 3000, 9999, 10000, 10001, 15000)),
        st.sampled_from(("L", "R", "")),
    ),
    max_size=25,
)


def rows_of(steps, start_us=0):
    rows, at = [], start_us
    for step, lasting, side in steps:
        at += step * 1000
        rows.append(Row(at, at + lasting * 1000, side))
    return rows


def told(figures):
    """What of a night's figures is a count or an index, without times."""
    keys = ("lm", "clm", "plm", "periodicity_index", "log_imi_mean", "log_imi_sd")
    return [figures[key] for key in keys] + [b["reason"] for b in figures["breaks"]]


@settings(max_examples=whole_or(150, 60))
@given(NIGHTS, st.integers(-(10**12), 10**12))
def test_a_shift_in_time_changes_no_figure(steps, shift_us):
    for rules in ("wasm2016", "aasm3"):
        here = score_night(rows_of(steps), rules)
        there = score_night(rows_of(steps, shift_us), rules)
        assert told(here) == told(there)


@settings(max_examples=whole_or(150, 60))
@given(NIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_list_changes_nothing(steps, rng):
    rows = rows_of(steps)
    mixed = rows[:]
    rng.shuffle(mixed)
    assert score_night(rows) == score_night(mixed)


@settings(max_examples=whole_or(150, 60))
@given(NIGHTS, NIGHTS)
def test_a_night_split_where_nothing_moves_for_long_is_the_sum_of_its_parts(first, second):
    one = rows_of(first)
    later_us = max((row.end_us for row in one), default=0) + 100_000_000
    two = rows_of(second, later_us)
    for rules in ("wasm2016", "aasm3"):
        whole = score_night(one + two, rules)
        parts = [score_night(rows, rules) for rows in (one, two)]
        for key in ("lm", "clm", "plm"):
            assert whole[key] == sum(part[key] for part in parts)
        assert len(whole["series"]) == sum(len(part["series"]) for part in parts)


@settings(max_examples=whole_or(150, 60))
@given(NIGHTS, st.sampled_from((0.3, 2, 12)))
def test_a_far_movement_adds_itself_and_nothing_else(steps, lasting_s):
    rows = rows_of(steps)
    far_us = max((row.end_us for row in rows), default=0) + 200_000_000
    far = Row(far_us, far_us + round(lasting_s * 1e6), "L")
    for rules in ("wasm2016", "aasm3"):
        before, after = score_night(rows, rules), score_night([*rows, far], rules)
        assert after["plm"] == before["plm"]
        assert after["lm"] == before["lm"] + (lasting_s >= 0.5)
        assert after["clm"] == before["clm"] + (0.5 <= lasting_s <= 10)


@settings(max_examples=whole_or(100, 60))
@given(NIGHTS)
def test_swapping_left_and_right_changes_no_count(steps):
    swap = {"L": "R", "R": "L", "": ""}
    swapped = [(a, b, swap[side]) for a, b, side in steps]
    for rules in ("wasm2016", "aasm3"):
        assert told(score_night(rows_of(steps), rules)) == told(
            score_night(rows_of(swapped), rules)
        )


@settings(max_examples=whole_or(300, 100))
@given(NIGHTS)
def test_aasm_joins_what_the_note_joins_and_nothing_else(steps):
    legs = [m for m in leg_movements(rows_of(steps)) if m.duration_us <= 10_000_000]
    left = list(legs)
    for whole in combine_aasm(legs):
        parts, left = left[: whole.parts], left[whole.parts :]
        assert whole.onset_us == parts[0].onset_us
        near = [m for m in left if m.onset_us - whole.onset_us < 5_000_000]
        if whole.parts == 1:  # nothing of the other leg began within 5 s of it
            assert {m.side for m in near} <= {whole.side}
        else:  # each has one of the other leg under 5 s away, and none within 5 s was left
            assert not near
            for m in parts:
                assert any(
                    n.side != m.side and abs(n.onset_us - m.onset_us) < 5_000_000 for n in parts
                )
    assert left == []


CHOICES = st.fixed_dictionaries(
    {
        "after_short_imi": st.sampled_from(("may_begin", "may_not_begin")),
        "aasm_short_imi": st.sampled_from(("skip_later", "ends_series")),
        "aasm_sleep_rule": st.sampled_from(("asleep_only", "count_only")),
    }
)


@settings(max_examples=whole_or(300, 100))
@given(NIGHTS, CHOICES, st.booleans())
def test_every_clm_is_periodic_short_or_isolated_and_only_one_of_them(steps, choices, staged):
    stages = [(0, "N2"), (600_000_000, "W"), (10**10, "END")] if staged else None
    for found in score_night(rows_of(steps), "both", stages, settings=choices).values():
        counts = found["counts"]
        parts = (found["plm"], counts["clm_short_imi"], counts["clm_isolated"])
        assert sum(parts) == found["clm"] and min(parts) >= 0
        if staged:
            rates = found["rates"]
            names = ("plms_per_h", "short_imi_per_sleep_h", "isolated_per_sleep_h")
            if not is_refusal(rates["clms_per_h"]):
                assert sum(rates[name] for name in names) == pytest.approx(rates["clms_per_h"])
