"""Columns, units, event names, Luna's times, by hand: each word that is known and its neighbour.

Units are those of SI; Luna's times as zzz.bwh.harvard.edu/luna/vignettes/times says.
"""

from datetime import datetime

import pytest
from notturno.errors import UserError
from notturno.labs.readers import columns, event_names, luna, parts

S, MIN, H = 10**6, 60 * 10**6, 3600 * 10**6


# --- columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "us"),
    [(u, S) for u in "s sec secs second seconds sek sekunden secondi secondes".split()]
    + [(u, 1000) for u in "ms msec milliseconds millisekunden".split()]
    + [(u, 1) for u in ("us", "µs", "microseconds")]
    + [(u, MIN) for u in "min mins minutes minuten minuti".split()]
    + [(u, H) for u in ("h", "hours")]
    + [("hh:mm:ss.xxx", S), ("h:m", S), ("dd/mm/yyyy", S)],
)
@pytest.mark.parametrize("form", ["onset ({})", "onset [{}]", "onset {{{}}}"])
def test_a_unit_in_brackets_says_how_long_one_is(unit, us, form):
    assert columns.columns_of([form.format(unit)], "x")["onset"].unit_us == us


@pytest.mark.parametrize(
    ("cell", "what", "us"),
    [("duration_min", "lasting", MIN), ("dauer.ms", "lasting", 1000), ("end h", "end", H)]
    + [("start time", "onset", S), ("fin", "end", S), ("durée", "lasting", S)]
    + [("sleep_stage", "stage", 0), ("jambe", "place", 0), ("evento", "text", 0)],
)
def test_a_name_says_what_a_column_is_and_its_last_word_the_unit(cell, what, us):
    assert columns.columns_of(["nothing", cell], "x") == {what: columns.Column(cell, us)}


@pytest.mark.parametrize("cell", ["onset (samples)", "duration (epochs)", "end [%]"])
def test_a_time_whose_unit_is_not_known_is_refused(cell):
    with pytest.raises(UserError, match="unit of .* is not known"):
        columns.columns_of([cell], "x")


def test_of_two_names_the_one_that_is_more_plainly_it_is_believed():
    found = columns.columns_of(["time", "onset", "label", "description"], "x")
    assert found["onset"].name == "onset" and found["text"].name == "description"


# --- what an event means -------------------------------------------------------------------------

LM, RESP, AROUSAL, SERIES = event_names.MOVEMENT, event_names.RESP, event_names.AROUSAL, "series"


@pytest.mark.parametrize(
    ("text", "where", "kind", "sides"),
    [
        ("LM", "", LM, ("",)),
        ("PLM LM", "L", LM, ("L",)),
        ("Limb Movement", "Right Leg", LM, ("R",)),
        ("leg_mvmt", "", LM, ("",)),
        ("Left Leg", "", LM, ("L",)),
        ("Both Legs", "", LM, ("L", "R")),
        ("LLM", "", LM, ("L",)),
        ("rlm", "", LM, ("R",)),
        ("clm", "TIB R", LM, ("R",)),
        ("LM", "LAT RAT", LM, ("L", "R")),
        ("LM", "LTA", LM, ("L",)),
        ("Beinbewegung links", "", LM, ("L",)),
        ("mouvement de la jambe droite", "", LM, ("R",)),
        ("movimento gamba sinistra", "", LM, ("L",)),
        ("Left Leg w/ Arousal", "", LM, ("L",)),
        ("PLM", "", SERIES, ("",)),
        ("plms", "RLEG2", SERIES, ("R",)),
        ("PLM series", "", None, ()),
        ("PLMS episode", "", None, ()),
        ("leg movement artefact", "", None, ()),
        ("Obstructive Apnea", "", RESP, ()),
        ("ObstructiveHypopnea", "", RESP, ()),
        ("hypopnea - desat 85 %", "", RESP, ()),
        ("desat after apnea", "", None, ()),
        ("resp", "", RESP, ()),
        ("RERA", "", RESP, ()),
        ("respiratory paradox", "", None, ()),
        ("apnea artifact", "", None, ()),
        ("Arousal", "", AROUSAL, ()),
        ("aro", "", AROUSAL, ()),
        ("ma", "", AROUSAL, ()),
        ("éveil", "", None, ()),
        ("eveil", "", AROUSAL, ()),
        ("micro-éveil", "", AROUSAL, ()),
        ("Weckreaktion", "", AROUSAL, ()),
        ("Lights off", "", None, ()),
        ("", "", None, ()),
        (" . ", "", None, ()),
    ],
)
def test_a_name_means_what_the_laboratory_meant(text, where, kind, sides):
    assert event_names.meaning(text, where) == (kind, sides)


@pytest.mark.parametrize(
    ("text", "goes_with"),
    [("LM w/ arousal", True), ("LM with micro arousals", True), ("LM mit einem Arousal", True)]
    + [("arousal", False), ("LM without arousal", False), ("LM", False)],
)
def test_an_arousal_may_go_with_a_movement(text, goes_with):
    assert event_names.with_arousal(text) is goes_with


# --- how events become lists ---------------------------------------------------------------------


def put(*events):
    part = parts.Part("x")
    parts.put_events(part, [(a * S, b * S, text, "") for a, b, text in events])
    return part


def codes(part):
    return {note[0]: note[1] for note in part.notes}


def test_a_plm_that_holds_two_movements_is_a_series_and_one_that_holds_one_is_a_movement():
    series = put((10, 60, "PLM"), (10, 12, "LM"), (60, 61, "LM"))
    assert [row[:2] for row in series.rows] == [(10 * S, 12 * S), (60 * S, 61 * S)]
    assert codes(series) == {"series_marks": 1}
    alone = put((10, 59, "PLM"), (10, 12, "LM"), (60, 61, "LM"))
    assert len(alone.rows) == 3 and codes(alone) == {}


def test_movements_with_an_arousal_are_in_both_lists_and_those_without_a_length_are_told():
    part = put((1, 1, "LM"), (5, 7, "left leg w/ arousal"), (9, 20, "apnea"), (30, 25, "arousal"))
    assert part.arousals == [(5 * S, 7 * S), (30 * S, 30 * S)]
    assert part.resp == [(9 * S, 20 * S)] and codes(part) == {"no_duration": 1}
    with pytest.raises(UserError, match="duration of LM at 5 s is negative"):
        put((5, 4, "LM"))


def test_other_events_are_counted_and_the_five_commonest_named():
    part = put(*((k, k, f"x{k % 6}") for k in range(13)), (1, 2, "LM"))
    (note,) = part.notes
    assert note[:2] == ("other_events", 13)
    assert "'x0' (3), 'x1' (2), 'x2' (2), 'x3' (2), 'x4' (2) and 1 other names" in str(note[2])
    five = put(*((k, k, f"x{k % 5}") for k in range(5)))
    assert "other names" not in str(five.notes[0][2])
    assert five.rows is None and five.resp is None and five.arousals is None


def test_a_list_is_moved_as_a_whole():
    part = put((1, 2, "LM"), (3, 4, "apnea"), (5, 6, "arousal"))
    part.stages, part.recorded_us = [(0, "W"), (60 * S, "END")], (0, 90 * S)
    moved = parts.shifted(part, 10 * S)
    assert moved.rows[0][:2] == (11 * S, 12 * S) and moved.resp == [(13 * S, 14 * S)]
    assert moved.arousals == [(15 * S, 16 * S)] and moved.recorded_us == (10 * S, 100 * S)
    assert moved.stages == [(10 * S, "W"), (70 * S, "END")]
    assert parts.shifted(part, 0) is part


# --- Luna ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at_us", "end_us", "of_day"),
    [
        ("12.5", 12_500_000, 12_500_000, False),
        ("22:10:05", 22 * H + 10 * MIN + 5 * S, None, True),
        ("22.10.05.25", 22 * H + 10 * MIN + 5_250_000, None, True),
        ("10:10:05 pm", 22 * H + 10 * MIN + 5 * S, None, True),
        ("12:00:01 am", S, None, True),
        ("12:00:01pm", 12 * H + S, None, True),
        ("0+01:30", 90 * MIN, None, False),
        ("0+01:30:15.5", 90 * MIN + 15_500_000, None, False),
        ("e:1", 0, 30 * S, False),
        ("e:5", 120 * S, 150 * S, False),
        ("e:20:5", 80 * S, 100 * S, False),
        ("e:30:15:5", 60 * S, 90 * S, False),
    ],
)
def test_a_cell_of_luna_is_a_time(text, at_us, end_us, of_day):
    found = luna._time(text, "x", 1)
    assert found == luna.Time(at_us, at_us if end_us is None else end_us, of_day, None)


@pytest.mark.parametrize("text", ["31-12-25", "31/12/2025", "2025-12-31", "31-dec-25"])
def test_a_date_of_luna_is_day_month_year_or_iso(text):
    day = datetime(2025, 12, 31).toordinal()
    assert luna._time(f"{text}-01:00:00", "x", 1) == luna.Time(H, H, True, day)


@pytest.mark.parametrize("text", ["32-12-25-01:00:00", "soon"])
def test_what_is_no_time_is_refused_with_its_line(text):
    with pytest.raises(UserError, match="line 7"):
        luna._time(text, "x", 7)


def placed(*rows):
    found = [(k, dict(zip(luna.COLUMNS, row, strict=False))) for k, row in enumerate(rows, 1)]
    starts, first = luna._starts(found, "x")
    return [(a, b) for a, b, *_ in luna._placed(found, "x", starts)], first


def row(start, stop, cls="N2"):
    return (cls, ".", ".", start, stop)


def test_rows_of_luna_end_by_seconds_epochs_the_clock_or_the_next_one():
    spans, first = placed(
        row("0", "30"), row("40", "+20"), row("e:3", "e:4"), row("200", "..."), row("260", "...")
    )
    assert first is None
    wanted = ((0, 30), (40, 60), (60, 120), (200, 260), (260, 320))
    assert spans == [(a * S, b * S) for a, b in wanted]


def test_clock_times_count_from_the_earliest_over_midnight():
    spans, first = placed(row("23:59:30", "00:00:30"), row("00:00:30", "00:01:00"))
    assert first == luna.Time(24 * H - 30 * S, 24 * H - 30 * S, True, None)
    assert spans == [(0, 60 * S), (60 * S, 90 * S)]
    dated, first = placed(row("31-12-25-23:59:30", "01-01-26-00:00:30"))
    assert dated == [(0, 60 * S)] and first.day == datetime(2025, 12, 31).toordinal()
    with pytest.raises(UserError, match="ends before it begins"):
        placed(row("30", "29"))
    with pytest.raises(UserError, match="mixes clock times"):
        placed(row("22:00:00", "22:00:30"), row("30", "60"))
    with pytest.raises(UserError, match="a date in some rows"):
        placed(row("22:00:00", "22:00:30"), row("31-12-25-22:00:00", "31-12-25-22:00:30"))


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("N2\t0\t30", ("N2", ".", ".", "0", "30")),
        ("LM L 0 30", ("LM", "L", ".", "0", "30")),
        ("LM\tL\tLAT\t0\t30\tx=1", ("LM", "L", "LAT", "0", "30", "x=1")),
    ],
)
def test_a_line_of_luna_has_three_cells_or_more(line, cells):
    ((number, found),) = luna._rows(["# head", "", line], "x")
    assert number == 3 and tuple(found.values()) == cells


def test_a_head_of_luna_names_its_columns_by_any_of_their_names():
    rows = luna._rows(["annot\tinst\tch\tstop\tstart", "LM\tx\tLAT\t30\t0"], "x")
    ((_, found),) = rows
    assert found == {"class": "LM", "instance": "x", "channel": "LAT", "stop": "30", "start": "0"}
    with pytest.raises(UserError, match="line 2: no start and stop"):
        luna._rows(["", "LM 5"], "x")


def test_epochs_of_luna_are_30_s_each():
    part = luna.read("# x\nW\nN2\n\nN2\nR\n", "x", True)
    begins = [(0, "W"), (30 * S, "N2"), (60 * S, "N2"), (90 * S, "R"), (120 * S, "END")]
    assert part.stages == begins
