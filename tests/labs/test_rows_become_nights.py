"""Rows of long tables become nights, by hand: sides, kinds, stages and what refuses a night."""

import pytest
from notturno.labs import longnights
from notturno.labs.night import LabNight

pa = pytest.importorskip("pyarrow")
np = pytest.importorskip("numpy")
S = 1_000_000


def nights(n=2):
    return [LabNight("p", str(i), [], resp=[], arousals=[]) for i in range(n)]


def put(what, rows, found=None, /, places=None, **columns):
    """Return (nights, {place: reason}); rows: one tuple of `columns`' values each, by place."""
    found = nights() if found is None else found
    names = ("onset_s", "stage") if what == "stages" else ("onset_s", "duration_s", "side")
    table = {name: pa.array([row[i] for row in rows]) for i, name in enumerate(names)}
    table |= {name: pa.array(values) for name, values in columns.items()}
    table = {name: pa.chunked_array([column]) for name, column in table.items()}
    places = np.array(places or [0] * len(rows))
    with_reasons = getattr(longnights, f"_put_{what}")(found, places, table)
    return found, {place: str(reason) for place, reason in with_reasons}


# --- movements -----------------------------------------------------------------------------------


def test_movements_go_to_their_night_in_microseconds_and_in_the_tables_order():
    rows = [(5.0, 0.5, "L"), (1.5, 0.25, "right"), (7.0, 0.0, ""), (-3.0, 1.0, "l")]
    (one, two), told = put("movements", rows, places=[1, 0, 1, 0])
    assert one.rows == [(1500000, 1750000, "R", None), (-3 * S, -2 * S, "L", None)]
    assert two.rows == [(5 * S, 5500000, "L", None), (7 * S, 7 * S, "", None)]
    assert (told, one.notes, one.resp, one.arousals, one.gaps) == ({}, [], [], [], [])


def test_a_movement_of_both_legs_is_one_of_each():
    (one, _), _ = put("movements", [(5.0, 0.5, "both"), (9.0, 1.0, "R")])
    assert [row[:3] for row in one.rows] == [
        (5 * S, 5500000, "L"),
        (5 * S, 5500000, "R"),
        (9 * S, 10 * S, "R"),
    ]


@pytest.mark.parametrize(
    ("cells", "truth"),
    [
        ([1.0, 0.0, float("nan"), 1.0], [True, False, None, True]),
        ([True, False, None, True], [True, False, None, True]),
        (["1", " TRUE ", "false", "0"], [True, True, False, False]),
        (["yes", "", "2", "True"], [None, None, None, True]),
    ],
)
def test_morphology_is_a_number_a_bool_or_its_word(cells, truth):
    rows = [(float(at), 1.0, "L") for at in range(4)]
    (one, _), _ = put("movements", rows, morphology=cells)
    assert [row[3] for row in one.rows] == truth


def test_kinds_part_breaths_arousals_gaps_and_what_is_none_of_them():
    kinds = ["LM", "resp", " Arousal", "gap", "snore", "", None, "SNORE", "blink"]
    rows = [(10.0 * at, 1.0 + at, "L") for at in range(len(kinds))]
    (one, two), told = put("movements", rows, places=[0] * 8 + [1], kind=kinds)
    assert [row[0] for row in one.rows] == [0, 50 * S, 60 * S]
    assert (one.resp, one.arousals) == ([(10 * S, 12 * S)], [(20 * S, 23 * S)])
    assert one.gaps == [(30 * S, 34 * S)]
    assert len(one.notes) == 1
    assert (two.rows, two.resp, two.arousals, two.gaps, len(two.notes)) == ([], [], [], [], 1)
    assert "'snore' (2)" in str(one.notes[0].reason)
    assert "'blink' (1)" in str(two.notes[0].reason)
    assert told == {}


def test_a_second_table_adds_to_the_first():
    found, _ = put("movements", [(1.0, 1.0, "L"), (2.0, 1.0, "L")], kind=["lm", "resp"])
    put("movements", [(3.0, 1.0, "R"), (4.0, 1.0, "L")], found, kind=["lm", "resp"])
    assert [row[0] for row in found[0].rows] == [S, 3 * S]
    assert found[0].resp == [(2 * S, 3 * S), (4 * S, 5 * S)]


NAN = float("nan")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ((NAN, 1.0, "L"), "has no onset or no duration, or one beyond any night"),
        ((1.0, NAN, "L"), "has no onset or no duration, or one beyond any night"),
        ((1.0, float("inf"), "L"), "has no onset or no duration, or one beyond any night"),
        ((1.1e9, 1.0, "L"), "beyond any night"),
        ((-1.1e9, 1.0, "L"), "beyond any night"),
        ((1.0, 1.1e9, "L"), "beyond any night"),
        ((12.5, -0.5, "L"), "The duration of the movement at 12.5 s is negative."),
        ((1.0, 1.0, "arm"), "arm"),
    ],
)
def test_one_bad_row_refuses_its_night_and_no_other(row, why):
    rows = [(3.0, 1.0, "L"), row, row, (4.0, 1.0, "R")]
    found, told = put("movements", rows, places=[0, 1, 1, 0])
    assert list(told) == [1] and why in told[1]
    assert len(found[0].rows) == 2


def test_the_first_bad_row_of_each_night_is_told():
    rows = [(1.0, 1.0, "L"), (2.0, -1.0, "L"), (3.0, -1.0, "L"), (4.0, -2.0, "L")]
    _, told = put("movements", rows, places=[1, 1, 0, 1])
    assert {place: reason.split(" at ")[1][:3] for place, reason in told.items()} == {
        0: "3 s",
        1: "2 s",
    }


@pytest.mark.parametrize("row", [(1e9, 0.0, "L"), (-1e9, 1e9, "R"), (0.0, 0.0, "")])
def test_what_is_just_within_is_taken(row):
    assert put("movements", [row])[1] == {}


# --- stages --------------------------------------------------------------------------------------


def stages(labels, step_s=30.0, **how):
    rows = [(step_s * at, label) for at, label in enumerate(labels)]
    (one, _), told = put("stages", rows, **how)
    assert told == {}
    return one


def test_even_epochs_are_their_changes_and_the_end_of_the_last():
    one = stages(["W", "W", "N1", "N2", "N2", "R"])
    assert one.stages == [
        (0, "W"),
        (60 * S, "N1"),
        (90 * S, "N2"),
        (150 * S, "R"),
        (180 * S, "END"),
    ]
    assert one.notes == [] and not one.unknown


def test_epochs_of_a_minute_are_even_and_longer_steps_are_changes_only():
    assert stages(["W", "N2"], 60.0).stages == [(0, "W"), (60 * S, "N2"), (120 * S, "END")]
    assert stages(["W", "N2"], 61.0).stages == [(0, "W"), (61 * S, "N2")]


def test_a_single_row_has_no_step_and_no_end():
    assert stages(["N2"]).stages == [(0, "N2")]


def test_rows_of_two_nights_that_lie_mixed_are_told_apart_and_put_in_order():
    rows = [(30.0, "N2"), (0.0, "W"), (0.0, "N1"), (60.0, "N2"), (30.0, "R")]
    (one, two), _ = put("stages", rows, places=[0, 1, 0, 0, 1])
    assert one.stages == [(0, "N1"), (30 * S, "N2"), (90 * S, "END")]
    assert two.stages == [(0, "W"), (30 * S, "R"), (60 * S, "END")]


def test_a_step_that_is_missing_leaves_a_list():
    (one, _), _ = put("stages", [(0.0, "W"), (30.0, "W"), (90.0, "N2")])
    assert one.stages == [(0, "W"), (30 * S, "W"), (90 * S, "N2")]


def test_two_stages_of_one_time_are_unscored_and_one_twice_is_one():
    (one, _), _ = put("stages", [(0.0, "W"), (0.0, "N2"), (30.0, "R"), (30.0, "R")])
    assert one.stages == [(0, "?"), (30 * S, "R")]
    assert [str(note.reason) for note in one.notes] == [
        "Times at which two stages begin at once, unscored: 1."
    ]


def test_a_label_that_names_no_stage_is_unscored_and_counted():
    one = stages(["W", "Zebra", "Zebra", "N2"])
    assert [name for _, name in one.stages] == ["W", "?", "?", "N2"]
    assert one.unknown == {"Zebra": 2}
    assert "'Zebra' (2 times) names no stage" in str(one.notes[0].reason)


@pytest.mark.parametrize("step_s", [30.0, 25.5, 400.0])
def test_the_first_table_of_stages_is_the_one_that_is_taken(step_s):
    found, _ = put("stages", [(0.0, "W"), (30.0, "N2")])
    first = list(found[0].stages)
    put("stages", [(0.0, "R"), (step_s, "R"), (2 * step_s, "R")], found)
    assert found[0].stages == first
    assert [(note.code, note.n) for note in found[0].notes] == [("stages_twice", 3)]


@pytest.mark.parametrize("onset_s", [NAN, 1.1e9, -1.1e9])
def test_a_stage_without_an_onset_refuses_its_night_and_no_other(onset_s):
    rows = [(0.0, "W"), (30.0, "N2"), (onset_s, "R"), (onset_s, "R")]
    found, told = put("stages", rows, places=[0, 0, 1, 1])
    assert told == {1: "A stage has no onset, or one beyond any night."}
    assert found[0].stages[-1] == (60 * S, "END")


def test_text_is_read_as_a_decimal_number_and_spans_of_time_are_too():
    (one, _), _ = put("stages", [("0", "W"), ("30.5", "N2")])
    assert one.stages == [(0, "W"), (30500000, "N2"), (61 * S, "END")]
    durations = pa.array([0, 30 * S], pa.duration("us"))
    found = nights()
    columns = {"onset_s": durations, "stage": pa.chunked_array([pa.array(["W", "R"])])}
    assert list(longnights._put_stages(found, np.array([0, 0]), columns)) == []
    assert found[0].stages == [(0, "W"), (30 * S, "R"), (60 * S, "END")]
