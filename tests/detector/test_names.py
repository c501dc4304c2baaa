"""Each rule's constant is held: a row's name turns at its bound, and another constant moves it."""

import pytest
from hand_rows import burst, crowded, given, move, rhythm, turn
from held_rules import HELD, small_bursts
from notturno_core import contexts, namer, names, wire

TWO_THIRDS, FOUR_THIRDS = "2/3", "4/3"


def changed_by_a_third(value, factor):
    """Return the constant a third smaller or larger, rounded away from what it was."""
    return value * 2 // 3 if factor == TWO_THIRDS else -(-value * 4 // 3)


def wrong_answers(rule, rules):
    """Return the facts at a rule's bound of which something else is said than is written."""
    return [facts for ask, answer, *facts in HELD[rule] if ask(rules, *facts) != answer]


def test_every_rule_has_its_lines_and_every_line_its_rule():
    assert sorted(HELD) == sorted(rule for rule, _, _ in names.RULES + contexts.RULES)
    assert all(len(lines) >= 2 for lines in HELD.values())


@pytest.mark.parametrize("rule", HELD)
def test_a_name_turns_at_the_bound_of_its_rule(rule):
    assert wrong_answers(rule, namer.DEFAULTS) == []


@pytest.mark.parametrize("factor", [TWO_THIRDS, FOUR_THIRDS])
@pytest.mark.parametrize("rule", HELD)
def test_a_constant_changed_by_a_third_gives_another_name(rule, factor):
    other = changed_by_a_third(namer.DEFAULTS[rule], factor)
    assert other != namer.DEFAULTS[rule]
    assert wrong_answers(rule, namer.DEFAULTS | {rule: other})


@pytest.mark.parametrize(("third_mg", "flag"), [(10, "vibration"), (1000, "")])
def test_only_small_bursts_make_a_crowd(third_mg, flag):
    rows = small_bursts(20000, 22000) + small_bursts(24000, mg=third_mg)
    assert crowded(namer.DEFAULTS, rows) == flag


@pytest.mark.parametrize(
    ("first_mg", "flag"), [(11, "vibration"), (12, ""), (4, "vibration"), (3, "")]
)
def test_twitches_of_all_sizes_are_no_snore_whose_bursts_are_alike(first_mg, flag):
    """Five within a minute are many, and fragmentary myoclonus has as many: no two are alike."""
    rows = small_bursts(60000, mg=first_mg) + small_bursts(30000, 45000, 75000, 90000, mg=6)
    assert crowded(namer.DEFAULTS, rows) == flag


LINES = {
    "one": ((127, 0, 0), (-127, 0, 0), (120, 40, 0), (-125, 0, 20)),
    "any": ((0, 127, 0), (0, 0, -127), (73, -73, 73), (-60, 110, 0)),
}


@pytest.mark.parametrize(("lines", "flag"), [("one", "vibration"), ("any", "")])
def test_what_a_bed_passes_on_comes_along_one_line_and_twitches_along_any(lines, flag):
    """Five within a minute, alike in size: a snore's strokes, or fragmentary myoclonus."""
    rows = small_bursts(60000, 35000, 45000, 75000, 85000)
    for row, line in zip(rows[1:], LINES[lines], strict=True):
        row["direction_q7"] = line
    assert crowded(namer.DEFAULTS, rows) == flag
    near = [row | {"onset_sample": 60000} for row in rows]  # a lorry shakes along any
    assert crowded(namer.DEFAULTS, near) == "vibration"


@pytest.mark.parametrize(
    ("after_ms", "flag"), [(2000 + 2400, "in_lm"), (2000 + 2401, ""), (500, "in_lm"), (-4401, "")]
)
def test_who_turns_in_several_moves_has_turned_once(after_ms, flag):
    """2.4 s without a move end a turn of 2 s; its first move is the one that counts."""
    first, later = turn(2000, at=10000), turn(2000, at=10000 + after_ms)
    assert given(namer.DEFAULTS, later, first) == flag
    assert given(namer.DEFAULTS, first, later) == ""


@pytest.mark.parametrize(
    ("after_ms", "mg", "flag"),
    [
        (1, 150, "in_lm"),
        (700, 150, "in_lm"),  # at one time: these are one by AASM and WASM
        (1000 + 1500, 150, "in_lm"),
        (1000 + 1501, 150, ""),
        # far stronger, it is one by itself unless it is nearer
        (1000 + 300, 600, "in_lm"),
        (1000 + 301, 600, ""),
        (1000 + 1500, 599, "in_lm"),
    ],
)
def test_a_movement_that_is_held_for_a_moment_goes_on(after_ms, mg, flag):
    """A limb that is held is still; its stroke and what lets it go were two movements."""
    first, later = move(1000, at=10000), move(1000, at=10000 + after_ms, mg=mg)
    assert given(namer.DEFAULTS, later, first) == flag
    assert given(namer.DEFAULTS, first, later) == ""
    assert given(namer.DEFAULTS, first, first | {"number": 1}) == ""


@pytest.mark.parametrize("flag", [wire.FLAG_SMALL, wire.FLAG_VIBRATION, wire.FLAG_TRUNCATED])
def test_no_movement_goes_on_from_what_is_none(flag):
    first, later = move(1000, at=10000, flags=flag), move(1000, at=11100)
    named = names.relate(later, first | {"kind": wire.EVENT_LM}, 1000000)
    assert named & wire.FLAG_IN_LM == 0


def test_of_two_turns_that_begin_together_the_longer_one_counts():
    short, long = turn(800, at=10000), turn(3200, at=10000)
    assert given(namer.DEFAULTS, short, long) == "in_lm"
    assert given(namer.DEFAULTS, long, short) == ""


@pytest.mark.parametrize(
    ("row", "flag"),
    [
        (burst(at=2000, mg=13), "in_rhythm"),
        (burst(at=2000, mg=12), ""),
        (move(at=2000, mg=12), "in_rhythm"),  # a snore's sway
    ],
)
def test_a_jerk_of_half_the_strength_is_no_beat_of_a_breath(row, flag):
    breaths = rhythm(mg=25, mhz=300, flags=wire.FLAG_VIBRATION)
    assert given(namer.DEFAULTS, row, breaths) == flag


@pytest.mark.parametrize(
    ("beats", "lasts_ms", "flag"),
    [
        (15, 11250, ""),  # 1.33 Hz: a body sways twice in 1.5 s
        (15, 11251, "in_lm"),
        (20, 10001, ""),
        (20, 10000, "in_lm"),  # 2 Hz: a limb may ring so
        (14, 10000, "in_lm"),
        (15, 9001, ""),
        (15, 9000, "in_lm"),  # in one of 10 s: an LM may be so long
    ],
)
def test_a_movement_that_legs_make_by_beating_is_their_rhythm(beats, lasts_ms, flag):
    run = rhythm(lasts_ms, at=500, beats=beats, cycles=7, uneven_pct=12)
    within = move(lasts_ms + 1000, bursts=3)
    assert given(namer.DEFAULTS, run, within) == flag
    assert given(namer.DEFAULTS, within, run) == ("" if flag else "in_rhythm")


@pytest.mark.parametrize(
    ("holder", "flag"),
    [
        (move(12000), ""),
        (move(16000), ""),
        (move(16001), "in_lm"),  # more than a quarter of it does something else
        (turn(12000), "in_lm"),  # who turns sways
        (move(10501), ""),
        (move(10500), "in_lm"),  # holds 14 of the 16 beats
    ],
)
def test_beats_are_legs_where_enough_of_them_fill_a_movement(holder, flag):
    run = rhythm(12000, beats=16, cycles=7, uneven_pct=12)
    assert given(namer.DEFAULTS, run, holder) == flag
