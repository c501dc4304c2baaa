"""Plain lists: what is read exactly, and what is refused with the line named."""

import numpy as np
import pytest
from notturno.errors import UserError
from notturno.nights.spans import to_us
from notturno.scoring.movements.legs import make_rows
from notturno.scoring.movements.lists import read_movements, read_spans, read_stages
from notturno.scoring.movements.stage_names import stage_name


@pytest.mark.parametrize(
    ("text", "us"),
    [
        ("0.5", 500_000),
        ("10.001", 10_001_000),
        ("28799.999999", 28_799_999_999),
        ("1e1", 10_000_000),
        ("0.0000005", 0),
        ("0.0000015", 2),
        ("-3", -3_000_000),
        (" 7 ", 7_000_000),
    ],
)
def test_decimal_text_becomes_exact_microseconds(text, us):
    assert to_us(text) == us


def test_floats_go_to_the_nearest_microsecond():
    assert to_us(0.1 + 0.2) == 300_000
    assert to_us(8.2) == 8_200_000 and to_us(1.001) == 1_001_000
    assert to_us(90.0000004) == 90_000_000
    assert to_us(3) == 3_000_000
    assert to_us(np.float32(0.5)) == 500_000 and to_us(np.int64(2)) == 2_000_000


@pytest.mark.parametrize("bad", ["", "ten", "nan", "inf", "1,5", "1e99", float("nan")])
def test_what_is_no_finite_number_raises(bad):
    with pytest.raises(ValueError):
        to_us(bad)


def test_a_list_reads_sides_morphology_spaces_and_other_columns():
    text = "Onset_s, duration_s ,side,morphology,note\n 1.5,2, l ,1,x\n\n3,4,,0,\n5,1,R,,y\n"
    rows = read_movements(text)
    assert [tuple(row) for row in rows] == [
        (1_500_000, 3_500_000, "L", True),
        (3_000_000, 7_000_000, "", False),
        (5_000_000, 6_000_000, "R", None),
    ]
    assert read_movements("\ufeffonset_s;duration_s;side\r\n1;2;L\r\n")[0].end_us == 3_000_000
    assert read_movements("onset_s,duration_s,side\n") == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("onset_s,side\n1,L\n", "no column 'duration_s'"),
        ("onset_s,duration_s\n1,2\n", "no column 'side'"),
        ("onset_s,duration_s,side\n1,2,L\nx,2,L\n", "line 3: onset_s is 'x'"),
        ("onset_s,duration_s,side\n1,-2,L\n", "line 2: the duration is negative"),
        ("onset_s,duration_s,side\n1,nan,L\n", "line 2: duration_s is 'nan'"),
        ("onset_s,duration_s,side\n1,inf,L\n", "line 2: duration_s is 'inf'"),
        ("onset_s,duration_s,side\n1,,L\n", "line 2: duration_s is ''"),
        ("onset_s,duration_s,side\n1,2,X\n", "line 2: the side is 'X'"),
        ("onset_s,duration_s,side\n1,2\n", "line 2: 2 cells"),
        ("onset_s,duration_s,side,morphology\n1,2,L,yes\n", "line 2: morphology is 'yes'"),
    ],
)
def test_a_bad_list_of_movements_names_its_line(text, named):
    with pytest.raises(UserError, match="night.csv") as caught:
        read_movements(text, "night.csv")
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("onset_s,stage\n", "holds no row"),
        ("onset_s,stage\n0,X\n30,N9\n", "holds no stage that is known ('X' in its first row)"),
        ("onset_s,stage\n0,W\n60,N2\n30,N2\n", "line 4: this stage does not start after"),
        ("onset_s,stage\n0,W\n0,N2\n", "line 3: this stage does not start after"),
        ("onset_s\n0\n", "no column 'stage'"),
    ],
)
def test_a_bad_list_of_stages_names_its_line(text, named):
    with pytest.raises(UserError) as caught:
        read_stages(text, "stages.csv")
    assert named in str(caught.value)


def test_stages_are_read_in_the_spellings_in_use():
    text = "onset_s,stage\n0,wake\n30,S1\n60,Sleep stage N2\n90,S4\n120,REM\n150,?\n180,end\n"
    stages = [stage for _, stage in read_stages(text).rows]
    assert stages == ["W", "N1", "N2", "N3", "R", "?", "END"]


@pytest.mark.parametrize(
    ("stage", "texts"),
    [
        ("W", ("Sleep stage W", "Stage - W", "wake", "Wake|0", "0", "0.0", "WK")),
        ("N1", ("Sleep stage 1", "Sleep stage N1", "Stage 1 sleep|1", "NREM 1", "S1", "1", "1.0")),
        ("N2", ("Sleep stage 2", "N2", "Stage - N2", "NREM2", "stage 2", "Stage-N2", "2")),
        ("N3", ("Sleep stage 3", "Sleep stage 4", "Stage 4 sleep|4", "N3", "NREM4", "S4", "3")),
        ("N", ("Sleep stage N", "NREM")),
        ("R", ("Sleep stage R", "REM sleep|5", "REM", "Stage - R", "5")),
        ("?", ("Sleep stage ?", "MT", "Movement time", "ART", "UNS", "-1", "-2", "6", "9")),
        ("?", ("Unscored|9", "Stage - No Stage", "Sleep stage -1")),
        (None, ("Sleep stage A", "N9", "sleep", "7", "Lights off", "", "Sleep stage")),
    ],
)
def test_every_vocabulary_in_use_is_known(stage, texts):
    assert {text: stage_name(text) for text in texts} == dict.fromkeys(texts, stage)


def test_an_unknown_label_is_unscored_time_and_told_and_costs_no_night():
    found = read_stages("onset_s,stage\n0,N2\n30,Sleep stage A\n60,N2\n90,Sleep stage A\n")
    assert [stage for _, stage in found.rows] == ["N2", "?", "N2", "?"]
    assert found.unknown == {"Sleep stage A": 2}
    assert "'Sleep stage A' (2 x)" in found.warning("lab.csv")
    assert read_stages("onset_s,stage\n0,N2\n").warning("lab.csv") is None


def test_a_bare_4_is_stage_4_only_where_a_5_says_so():
    text = "onset_s,stage\n0,0\n30,2\n60,4\n"
    found = read_stages(text)
    assert [stage for _, stage in found.rows] == ["W", "N2", "S"] and found.unknown == {"4": 1}
    found = read_stages(text + "90,5\n")
    assert [stage for _, stage in found.rows] == ["W", "N2", "N3", "R"] and not found.unknown


def test_a_decimal_comma_is_read_beside_semicolons_and_named_beside_commas():
    text = "onset_s;duration_s;side\n1,5;0,5;L\n20.25;2;R\n"
    rows = read_movements(text)
    assert [(row.onset_us, row.end_us) for row in rows] == [
        (1_500_000, 2_000_000),
        (20_250_000, 22_250_000),
    ]
    assert read_spans("onset_s\tduration_s\n0,25\t1\n") == [(250_000, 1_250_000)]
    for text in ("onset_s,duration_s\n1,5,0,5\n", 'onset_s,duration_s\n"1,5","0,5"\n'):
        with pytest.raises(UserError, match=r"line 2.*decimal comma.*semicolons"):
            read_spans(text)
    with pytest.raises(UserError, match=r"onset_s is '1\.234,5', not a number"):
        read_spans("onset_s;duration_s\n1.234,5;2\n")


def test_spans_are_read_and_a_negative_one_is_named():
    assert read_spans("onset_s,duration_s\n10,2.5\n") == [(10_000_000, 12_500_000)]
    with pytest.raises(UserError, match="line 3: the duration is negative"):
        read_spans("onset_s,duration_s\n1,1\n10,-2.5\n")


@pytest.mark.parametrize("item", [(1, -1, "L"), (1, 2, "left"), ("x", 1), (None, 1), (1,)])
def test_items_from_a_program_are_checked_too(item):
    with pytest.raises(UserError, match="Movement 2 of the list"):
        make_rows([(0, 1, "L"), item])
