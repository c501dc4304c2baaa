"""Plain tables, by hand: lengths by end or duration, what a span is by its file's name, gaps."""

import pytest
from notturno.errors import UserError
from notturno.labs.readers import plain

S = 10**6


def read(text, name="n.csv"):
    return plain.read(text, name)


def test_a_row_lasts_to_its_end_or_as_long_as_it_says():
    by_end = read("onset,end,description,side\n10,12.5,LM,L\n20,20,LM,R\n")
    assert [row[:3] for row in by_end.rows] == [(10 * S, 12_500_000, "L"), (20 * S, 20 * S, "R")]
    by_length = read("onset,duration,description,side\n10,2.5,LM,L\n20,,LM,R\n")
    assert by_length.rows == by_end.rows
    both = read("onset,duration,end,description\n10,2.5,99,LM\n")  # its duration is believed
    assert [row[:2] for row in both.rows] == [(10 * S, 12_500_000)]
    over_midnight = read("onset,end,description\n23:59:50,00:00:10,LM\n")
    assert [row[:2] for row in over_midnight.rows] == [(0, 20 * S)]
    assert over_midnight.clock_us == (24 * 3600 - 10) * S


@pytest.mark.parametrize(
    ("name", "what"),
    [("a/p01_resp.csv", "resp"), ("p01.apneas.csv", "resp"), ("p01-arousal.csv", "arousals")]
    + [("resp/p01_gaps.csv", "gaps"), ("P01_PLMS.CSV", "rows"), ("p01_left_leg.csv", "rows")]
    + [("resp_p01_movements.csv", "rows")],
)
def test_spans_alone_are_what_their_files_name_says_last(name, what):
    part = read("onset,duration\n10,2\n", name)
    assert [row[:2] for row in getattr(part, what)] == [(10 * S, 12 * S)]
    others = {"rows", "resp", "arousals", "gaps"} - {what}
    assert not any(getattr(part, other) for other in others)


def test_spans_that_nothing_names_are_refused():
    with pytest.raises(UserError):
        read("onset,duration\n10,2\n", "resp/p01.csv")


def test_a_gap_a_stage_and_a_movement_stand_in_one_table():
    text = "onset,duration,description,side\n0,30,N2,\n30,30,gap,\n40,1,,left\n50,20,apnea,\n"
    part = read(text)
    assert part.gaps == [(30 * S, 60 * S)] and part.stages[0] == (0, "N2")
    assert [row[:3] for row in part.rows] == [(40 * S, 41 * S, "L")]
    assert part.resp == [(50 * S, 70 * S)]


def test_times_that_may_be_of_a_clock_are_said_to_be_taken_as_elapsed():
    part = read("onset,duration,description\n00:00:10,2,LM\n00:01:10,2,LM\n")
    assert [note[:2] for note in part.notes] == [("elapsed", 2)]
    assert not read("onset,duration,description\n22:00:10,2,LM\n").notes


def test_a_row_without_a_time_is_named_with_its_line():
    with pytest.raises(UserError, match="line 3"):
        read("onset,duration,description\n10,2,LM\n,2,LM\n")
    with pytest.raises(UserError, match="line 2: duration is 'x'"):
        read("onset,duration,description\n10,x,LM\n")


def test_a_table_of_stages_alone_holds_nothing_else():
    part = read("onset,duration,stage\n0,30,N2\n30,30,R\n")
    assert part.stages == [(0, "N2"), (30 * S, "R"), (60 * S, "END")]
    assert not part.rows and not part.resp and not part.arousals


def test_a_row_that_says_stage_is_one_though_nobody_knows_which():
    part = read("onset,duration,description\n0,30,N2\n30,30,Stage Q\n60,1,LM\n")
    assert dict(part.unknown) == {"Stage Q": 1} and len(part.rows) == 1


def test_a_row_without_a_word_is_a_movement_where_its_place_is_a_leg():
    text = "onset,duration,description,location\n10,1,,left\n20,1,,C3\n30,1,LM,right\n"
    assert [row[:3] for row in read(text).rows] == [
        *((10 * S, 11 * S, "L"), (30 * S, 31 * S, "R")),
    ]
