"""The tables of the bench's report, row by row, of figures made by hand."""

import pytest
from notturno.bench import sections
from notturno.bench.run import HELD_OUT, OURS, REFERENCE


def of_kinds(jerk, lm, posture, rhythm):
    return {"jerk": jerk, "lm": lm, "posture": posture, "rhythm": rhythm}


FIGURES = {
    "hours": 8.0,
    "awake_h": 1.0,
    "truths": of_kinds(40, 30, 20, 10),
    "events": of_kinds(41, 31, 21, 11),
    "hits": of_kinds(39, 29, 19, 9),
    "sensitivity": of_kinds(0.9755, 0.96663, 0.9552, None),
    "ppv": of_kinds(0.9515, 0.93553, None, 0.8182),
    "f1": of_kinds(0.96294, 0.9508, 0.9268, None),
    "macro_f1": 0.94684,
    "false_per_h": of_kinds(0.256, 0.1, 0, 0),
    "bands": {"4-8": [1, 3], "8-20": [0, 0], "20-60": [2, 3], "60-200": [5, 5], "200+": [9, 11]},
    "onset_error_ms": {"jerk": 12.4, "lm": None},
    "lm_duration_error_ms": None,
    "left_out": {"lm": {"vibration": 2, "in_awake": 1}, "jerk": {"awake": 3}},
    "confusion": {"jerk": {"jerk": 39, "missed": 1}, "false": {"lm": 2}},
    "false_from": {"phone": {"lm": 1}, "nothing": {"jerk": 2}},
}
QUIET = FIGURES | {"left_out": {}}
RESULT = {"profiles": {HELD_OUT: {OURS: {"all": FIGURES, "quiet": QUIET}, "A": {"all": QUIET}}}}


def body(table):
    """Return the head and the rows of a table in Markdown, as cells."""
    head, rule, *rows = (line.strip("| ").split(" | ") for line in table.split("\n"))
    assert set(rule) == {"---"} and {len(row) for row in (rule, *rows)} == {len(head)}
    return head, rows


@pytest.mark.parametrize(
    ("value", "digits", "said"), [(0.12345, 3, "0.123"), (0.12345, 2, "0.12"), (None, 3, "-")]
)
def test_a_share_has_its_digits_or_a_dash(value, digits, said):
    assert sections.part(value, digits) == said
    if digits == 3:
        assert sections.part(value) == said


def test_a_profile_says_what_was_found_band_by_band_and_kind_by_kind():
    head, rows = body(sections.profiles(RESULT, HELD_OUT))
    assert head == [
        *("profile", "jerks", "4-8 mg", "8-20 mg", "20-60 mg", "60-200 mg", "200+ mg", "PPV"),
        *("false/h", "LM", "found", "PPV", "posture", "rhythm", "called awake"),
    ]
    assert rows[0][12] in ("0.95 / -", "0.96 / -")  # 0.955 is not exactly that
    del rows[0][12]
    assert rows[0] == [
        *("all", "40", "0.33", "-", "0.67", "1.00", "0.82", "0.95", "0.26", "30", "0.967"),
        *("0.936", "- / 0.82", "12.5 %"),
    ]


def test_what_is_left_out_is_told_by_kind_and_reason():
    _, rows = body(sections.left_out(RESULT))
    counted = "39 of 41 jerk, 29 of 31 lm, 19 of 21 posture, 9 of 11 rhythm"
    assert rows == [
        ["all", counted, "3 jerk awake, 1 lm in_awake, 2 lm vibration"],
        ["quiet", counted, "nothing"],
    ]


def test_what_was_taken_for_what_and_what_shook_the_band():
    head, rows = body(sections.confusion(RESULT))
    assert head == ["truth \\ found", "jerk", "lm", "posture", "rhythm", "missed"]
    assert rows == [
        ["jerk", "39", "0", "0", "0", "1"],
        *[[kind, "0", "0", "0", "0", "0"] for kind in ("lm", "posture", "rhythm")],
        ["false", "0", "2", "0", "0", "0"],
    ]
    assert body(sections.sources(RESULT))[1] == [
        *[["nothing", "2", "0", "0", "0"], ["phone", "0", "1", "0", "0"]],
    ]


def test_all_rules_side_by_side():
    head, rows = body(sections.systems(RESULT))
    assert head == [
        *("rule", "jerks found", "PPV", "jerk F1", "lm F1", "posture F1", "rhythm F1"),
        *("macro-F1", "false jerks/h", "jerk onset", "LM length"),
    ]
    told = ["0.976", "0.952", "0.963", "0.951", "0.927", "-", "0.947", "0.26", "12 ms", "-"]
    assert [row[0] for row in rows] == [OURS, "A"]
    for row in rows:
        for said, wanted in zip(row[3:], told[2:], strict=True):
            assert said == wanted


def test_cases_and_minutes_worn():
    row = {"case": "c", "model": "m", "system": "s", "said": "words"}
    cases = {"cases": [row | {"right": True}, row | {"right": False}]}
    assert [cells[3] for cells in body(sections.cases(cases))[1]] == ["yes", "**no**"]
    worn = {OURS: {"0.7": [9, 10], "4": [0, 0]}, REFERENCE: {"0.7": [1, 3], "4": [2, 2]}}
    assert body(sections.worn({"worn": {HELD_OUT: worn}})) == (
        ["noise, mg rms", OURS, REFERENCE],
        [["0.7", "0.900", "0.333"], ["4", "-", "1.000"]],
    )


def test_what_was_refused_of_each_recording_in_minutes_and_percent():
    row = {"system": OURS, "recording": "asleep_wrist_30hz_240min", "hours": 4.01}
    row |= {"awake_h": 1.0, "not_worn_h": 0.2, "rows": 9, "left_out": 2, "jerks": 3}
    other = row | {"recording": "wrist", "hours": 0.5, "awake_h": 0.25, "not_worn_h": 0.0}
    head, rows = body(sections.refused({"refused": [row, other, row | {"system": "A"}]}))
    assert len(head) == 7 and rows == [
        ["asleep_wrist_30hz_240min (asleep)", "240.6", "25 %", "5 %", "9", "2", "3"],
        ["wrist", "30.0", "50 %", "0 %", "9", "2", "3"],
    ]


def test_instructions_are_whole_and_by_profile():
    counts = {"instructions": {"a": {"quiet": 186.4, "plm": 240.6}, "b": {"quiet": None}}}
    assert body(sections.instructions(counts)) == (
        ["profile", "a", "b"],
        [["quiet", "186", "-"], ["plm", "241", "-"]],
    )
