"""Both legs as one patient: the merged list's figures, and what two clocks leave open."""

import random

import pytest
from notturno import refusals
from notturno.refusals import is_refusal
from notturno.scoring.movements.legs import Row
from notturno.scoring.movements.score import score_night
from notturno.scoring.onenight import both_legs
from notturno.scoring.staging import Hypnogram
from whole import whole_or

S = 1_000_000
NIGHT = [(0, 8 * 3600 * S)]
STAGES = [(0, "N2"), (8 * 3600 * S, "END")]


def rows(onsets_s, lasts_s=2.0, side=""):
    return [Row(round(at * S), round((at + lasts_s) * S), side) for at in onsets_s]


def scored(left, right, error_ms=0.0, countable=NIGHT, **options):
    return both_legs.figures(left, right, countable, round(error_ms * 1000), **options)


def test_legs_that_alternate_give_the_plm_of_the_merged_list():
    left, right = rows([100 * i for i in range(40)]), rows([100 * i + 50 for i in range(40)])
    found = scored(left, right, 40, stages=STAGES)
    merged = [row._replace(side="L") for row in left] + [row._replace(side="R") for row in right]
    whole = score_night(merged, "both", STAGES, recorded_us=NIGHT[0])
    for name in ("wasm2016", "aasm3"):
        assert found[name]["plm"] == found[name]["plms"] == 80
        assert found[name] == whole[name]
    # Nothing could turn within 40 ms, so one scoring was enough.
    assert (found["shifts_scored"], found["range_complete"]) == (1, True)
    alone = scored(left, [], 40)["wasm2016"]
    assert (alone["lm"], alone["plm"]) == (40, 0)


@pytest.mark.parametrize(("error_ms", "plm"), [(49.999, 8), (50, 8), (50.001, None)])
def test_an_interval_that_the_clocks_may_push_over_90_s_gives_a_range(error_ms, plm):
    # Left to right 89.95 s, right to left 10.05 s.
    left, right = rows([100 * i for i in range(4)]), rows([100 * i + 89.95 for i in range(4)])
    found = scored(left, right, error_ms)["wasm2016"]
    assert found["plm"] == (plm if plm else {"low": 0, "high": 8, "at_0": 8})
    assert found["lm"] == found["clm"] == 8


@pytest.mark.parametrize(("gap_ms", "lm"), [(300, 5), (450, {"low": 5, "high": 10, "at_0": 5})])
def test_two_legs_that_may_or_may_not_be_one_movement_give_a_range(gap_ms, lm):
    left = rows([100 * i for i in range(5)])
    right = rows([100 * i + 2 + gap_ms / 1000 for i in range(5)])
    for one, other in ((left, right), (right, left)):
        found = scored(one, other, 100)
        assert found["wasm2016"]["lm"] == lm
        assert found["aasm3"]["lm"] == 5  # onsets 2.4 s apart are one whatever the clocks say


def test_a_movement_near_the_border_of_sleep_is_in_it_or_not():
    left, right = rows([0, 20, 40]), rows([59.99])
    stages = [(0, "N2"), (60 * S, "W"), (3600 * S, "END")]
    found = scored(left, right, 20, stages=stages)["wasm2016"]
    assert found["plm"] == 4 and found["plms"] == {"low": 3, "high": 4, "at_0": 4}
    assert scored(left, right, 9.999, stages=stages)["wasm2016"]["plms"] == 4
    assert scored(left, right, 10, stages=stages)["wasm2016"]["plms"]["low"] == 3


def test_an_interval_just_at_its_bound_holds_with_the_clocks_as_they_are():
    left, right = rows([0, 180]), rows([90, 270])
    found = scored(left, right, 1)["wasm2016"]
    assert found["plm"] == {"low": 0, "high": 4, "at_0": 4}
    assert scored(left, right, 0)["wasm2016"]["plm"] == 4


def test_a_figure_that_some_shifts_refuse_says_so():
    # 10 LM an hour, or 9 where two are one: the index is refused below 10.
    left, right = rows([100 * i for i in range(9)]), rows([2.45])
    found = scored(left, right, 100, [(0, 3600 * S)])["wasm2016"]
    assert found["lm"] == {"low": 9, "high": 10, "at_0": 9}
    index = found["periodicity_index"]
    assert is_refusal(index["at_0"]) and index["refused_at_some"] and index["low"] <= 1


def test_what_begins_outside_the_shared_time_is_left_out_and_counted():
    countable = [(1000 * S, 2000 * S), (2060 * S, 4000 * S)]
    left = rows([999.999999, 1000, 1950, 1999.999999, 2000, 2059, 2060])
    found = scored(left, rows([500, 1020]), 0, countable)
    assert found["left_out"] == {"left": 3, "right": 1}
    assert found["wasm2016"]["lm"] == 5
    # Time that a leg did not see ends a series and is no hour.
    assert found["wasm2016"]["hours"]["recorded"] == pytest.approx(2940 / 3600)
    one_series = rows([1940, 1970, 2061, 2091])
    assert scored(one_series, [], 0, countable)["wasm2016"]["run_breaks"]["gap"] == 1
    kept = scored(one_series, [], 0, countable, gaps=[])["wasm2016"]
    assert "gap" not in kept["run_breaks"]


def test_an_unknown_or_loose_clock_and_too_little_shared_time_are_refused():
    assert both_legs.figures([], [], NIGHT, None).code == refusals.CLOCK_UNKNOWN
    assert both_legs.figures([], [], NIGHT, 5 * S).code == refusals.CLOCK_UNKNOWN
    assert not is_refusal(both_legs.figures([], [], NIGHT, 5 * S - 1))
    assert scored([], [], 0, [(0, 300 * S - 1)]).code == refusals.TOO_SHORT
    assert scored([], [], 0, [(0, 300 * S)])["wasm2016"]["lm"] == 0


def test_a_hypnogram_without_an_end_gives_the_same_hours_at_every_shift():
    left, right = rows([0, 180, 400]), rows([90, 270, 5000])
    found = scored(left, right, 1, stages=[(0, "N2"), (3000 * S, "N3")])["wasm2016"]
    assert found["plms"] == {"low": 0, "high": 4, "at_0": 4}
    assert found["plms_per_h"]["high"] == pytest.approx(4 / (5002 / 3600))


def test_the_range_holds_every_shift_within_the_error_and_no_more():
    rng = random.Random(3)
    ranges, rounds = 0, whole_or(60, 25)
    for _ in range(rounds):
        at, left, right = 0.0, [], []
        for _ in range(14):
            at += rng.choice((9.99, 10, 15, 20, 30, 89.98, 90, 4.99, 2.4))
            side = rng.choice((left, right))
            side += rows([at], rng.choice((0.6, 2.0, 9.9)))
            if rng.random() < 0.4:
                at += rng.choice((0.3, 0.62, 1.1, 2.5, 4.98))
                other = right if side is left else left
                other += rows([at], rng.choice((0.6, 2.0, 9.9)))
        stages = [(0, "N2"), (round(at / 2) * S, "W"), (round(at) * S, "N2")]
        error_us = rng.choice((20_000, 60_000))
        found = both_legs.figures(left, right, NIGHT, error_us, stages=stages)
        assert found["range_complete"]
        stages.append((Hypnogram(stages, max(r.end_us for r in left + right)).end_us, "END"))
        seen = {}
        for step in range(-50, 51):
            shift = error_us * step // 50
            moved = [Row(a + shift, b + shift, "R") for a, b, _, _ in right]
            merged = [row._replace(side="L") for row in left] + moved
            for name, each in score_night(merged, "both", stages, recorded_us=NIGHT[0]).items():
                for key in ("lm", "clm", "plm", "plms"):
                    seen.setdefault((name, key), set()).add(each[key])
        for (name, key), values in seen.items():
            told = found[name][key]
            if not isinstance(told, dict):
                assert values == {told}
                continue
            ranges += 1
            assert told["low"] <= min(values) and max(values) <= told["high"]
    assert ranges > rounds * 2 / 3


def test_many_turns_are_scored_at_a_bounded_number_of_shifts():
    rng = random.Random(4)
    onsets = sorted(rng.uniform(0, 8 * 3600) for _ in range(800))
    found = scored(rows(onsets[::2]), rows(onsets[1::2]), 2000)
    assert found["shifts_scored"] <= both_legs.MAX_SHIFTS and not found["range_complete"]
    assert found["wasm2016"]["lm"]["low"] <= found["wasm2016"]["lm"]["at_0"]
