"""The sentences that commands share: numbers with nouns, ages, a night in one line, a sync."""

import pytest
from click.testing import CliRunner
from notturno import words
from notturno.cli import given, options, sync
from notturno.cli.score import command as score
from notturno.sync import Result

ROW = {
    "night": "2026-01-12",
    "device_id": "a0b1c2d3e4f50001",
    "band": "calf-left",
    "state": "complete",
    "state_reason": None,
    "recorded_h": 7.96,
    "countable_h": 6.5,
    "jerks": 26,
    "jerks_per_h": 4.0,
    "lms": 1,
    "lms_per_h": 0.154,
    "plms_per_h_wasm2016": None,
    "refusal": None,
    "refusals": {},
    "warnings": ["Gravity was too small."],
    "simulated": False,
    "age_of_newest_s": 3600,
}
DEVICE = ROW["device_id"]


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 jerks"), (1, "1 jerk"), (2, "2 jerks"), (21, "21 jerks")]
)
def test_a_noun_agrees_with_its_number(number, text):
    assert words.counted(number, "jerk") == text
    assert words.counted(1, "is", "are") == "1 is" and words.counted(3, "is", "are") == "3 are"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 minutes"),
        (119, "1 minute"),
        (7199, "119 minutes"),
        (7200, "2 hours"),
        (172_799, "47 hours"),
        (3 * 86_400 - 1, "2 days"),
        (3 * 86_400, "3 days"),
    ],
)
def test_an_age_is_said_in_the_largest_unit_that_fits(seconds, text):
    assert words.age_text(seconds) == text


REFUSED = {"refused": "Worn for 2 of 8 h.", "code": "not_worn"}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        (
            {},
            "Night 2026-01-12 (calf-left): 8.0 h recorded, 6.5 h of them countable; "
            "26 single jerks (4.0 an hour), 1 limb movement (0.2 an hour).",
        ),
        (
            {"jerks": 1, "jerks_per_h": 0.1538, "simulated": True, "plms_per_h_wasm2016": 3.04},
            "Night 2026-01-12 (calf-left, simulated): 8.0 h recorded, 6.5 h of them countable; "
            "1 single jerk (0.2 an hour), 1 limb movement (0.2 an hour), PLMS 3.0 per hour of "
            "sleep.",
        ),
        (
            {"refusals": {"plms_per_h_wasm2016": {"refused": "No sleep was found.", "code": ""}}},
            "Night 2026-01-12 (calf-left): 8.0 h recorded, 6.5 h of them countable; "
            "26 single jerks (4.0 an hour), 1 limb movement (0.2 an hour), no rate of PLMS: "
            "No sleep was found.",
        ),
        (
            {"state": "partial", "refusal": REFUSED, "jerks_per_h": None, "lms_per_h": None},
            "Night 2026-01-12 (calf-left): partial; 8.0 h recorded, 6.5 h of them countable; "
            "26 single jerks, 1 limb movement; no rate: Worn for 2 of 8 h.",
        ),
    ],
)
def test_a_night_in_one_line(changes, text):
    assert words.night_line(ROW | changes) == text


def test_the_reason_of_a_figure_is_its_own_else_the_nights():
    row = ROW | {"jerks_per_h": None, "refusal": REFUSED}
    assert words.reason_of(row, "jerks_per_h") == "Worn for 2 of 8 h."
    own = row | {"refusals": {"jerks_per_h": {"refused": "why", "code": "x"}}}
    assert words.reason_of(own, "jerks_per_h") == "why"
    assert words.reason_of(ROW, "jerks_per_h") is None


def said(capsys, *arguments):
    sync.print_result(*arguments)
    return capsys.readouterr().out.splitlines()


def test_a_sync_ends_with_what_the_night_says(capsys):
    result = Result(device=DEVICE, new_records=480, new_events=1, nights=["2026-01-12"])
    first, warning, second = said(capsys, result, [ROW], 3600, 2.04)
    assert (first, warning) == (words.night_line(ROW), "  Gravity was too small.")
    assert (
        second
        == f"480 new records (1 event) from the band {DEVICE} in 2.0 s, stored and confirmed."
    )


def test_records_without_a_night_are_said_to_be_none(capsys):
    (line,) = said(capsys, Result(device=DEVICE, new_records=1), [], None, 1.0)
    assert line.startswith("1 new record (0 events)") and "the band did not record" in line


@pytest.mark.parametrize(
    ("new", "age_h", "told"),
    [
        (0, 10, "Its newest record is 10 hours old."),
        (0, 36, "Its newest record is 36 hours old."),
        (0, 37, "37 hours old: the band may have stopped recording; charge it and check."),
        (9, 72, "3 days old: the band may have stopped recording; charge it and check."),
        (9, 10, None),
        (0, None, None),
    ],
)
def test_a_band_that_stopped_recording_does_not_look_healthy(capsys, new, age_h, told):
    age_s = None if age_h is None else age_h * 3600
    lines = said(capsys, Result(device=DEVICE, new_records=new), [], age_s, 1.0)
    assert any(line.endswith(told) for line in lines) if told else len(lines) == 1


def test_a_virtual_band_has_not_stopped_where_its_nights_are_old(capsys):
    virtual = Result(device="5642024e54000001", new_records=9)
    assert said(capsys, virtual, [], 9 * 86_400.0, 1.0)[-1] == "Its newest record is 9 days old."


def test_a_setting_is_a_name_and_a_value():
    assert given.setting_of(" a = b=c ") == ("a", "b=c")
    assert given.setting_of("a=7", whole=True) == ("a", 7)
    for text, whole in (("a", False), ("a=x", True), ("a", True)):
        with pytest.raises(options.UserError, match="KEY=VALUE"):
            given.setting_of(text, whole)
    assert CliRunner().invoke(score, ["-h"]).exit_code == 0
