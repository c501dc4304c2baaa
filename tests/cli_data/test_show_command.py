"""show: two bands of one night, what counts and what does not, in words without a slip."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import cli, show, words
from notturno.store import Store
from notturno.words import duration_text
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
NIGHT = "2026-01-12"
OTHER = b"VB\0\0\0\0\0\2".hex()
EVENTS = [
    (10.0, {}),
    (30.0, {"kind": wire.EVENT_AWAKE, "duration_samples": 30 * 60 * 104}),
    (40.0, {}),
    (41.0, {"flags": wire.FLAG_IN_AWAKE}),
    (80.0, {"kind": wire.EVENT_LM, "duration_samples": 208}),
    (90.0, {"kind": wire.EVENT_RHYTHM, "flags": wire.FLAG_VIBRATION, "duration_samples": 900}),
    (100.0, {"kind": wire.EVENT_POSTURE}),
]


@pytest.fixture
def folder(tmp_path):
    with Store.open(tmp_path) as store:
        for device in (DEVICE, OTHER):
            pen = Pen()
            pen.time(1000, EVENING)
            pen.night(2000, 240, EVENTS)
            store.add(
                store.begin_sync(device, LOG_ID, "Europe/Rome", "0.1.0", EVENING), pen.frames
            )
    for device, side in ((DEVICE, "L"), (OTHER, "R")):
        run(tmp_path, "bands", "name", device, f"calf-{side}", "--limb", "calf", "--side", side)
    return tmp_path


def run(folder, *arguments):
    done = CliRunner().invoke(cli, [*arguments, "--data-dir", str(folder)])
    assert done.exception is None, done.output
    return done.output


def test_both_bands_and_both_legs_head_the_events(folder):
    text = run(folder, "show", NIGHT)
    heads = [line for line in text.splitlines() if line.startswith("Night ")]
    assert heads == [
        f"Night {NIGHT}, simulated band calf-L, left, zone Europe/Rome",
        f"Night {NIGHT}, simulated band calf-R, right, zone Europe/Rome",
        f"Night {NIGHT}, simulated both legs, zone Europe/Rome",
    ]
    assert "None" not in text
    assert text.count("0 rhythms, 1 turn, 0 gaps\n") == 2 and "\n0 rhythms\n" in text


def test_reasons_of_the_same_words_are_one_line_and_rhythms_left_out_are_told(folder):
    lines = run(folder, "show", NIGHT, "--band", "calf-L").splitlines()
    assert [line for line in lines if "not counted" in line] == [
        "  not counted: 2 jerks while awake",
        "  not counted: 1 rhythm like a vibration from outside",
    ]


def test_words_stand_to_the_left_and_figures_to_the_right(capsys):
    words.print_table(
        ["night", "h", "counts", "rate"],
        [["a", "10.5 h", "yes", "- (1)"], ["b", "7.5 h", "no: awake", "3.25"], ["c", "", "", ""]],
    )
    assert capsys.readouterr().out.splitlines() == [
        "night       h  counts      rate",
        "a      10.5 h  yes        - (1)",
        "b       7.5 h  no: awake   3.25",
        "c",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.125, "0.12 s"), (119.99, "119.99 s"), (120, "2 min"), (10_200, "170 min")],
)
def test_a_length_is_said_in_the_unit_that_fits(seconds, text):
    assert duration_text(seconds) == text


ROW = {
    "night": NIGHT,
    "band": "a",
    "person_side": "",
    "simulated": False,
    "zone": "Europe/Rome",
    "recorded_h": 3.0,
    "worn_h": 3.0,
    "countable_h": 3.0,
    "jerks": 1,
    "lms": 0,
    "rhythms": 0,
    "postures": 0,
    "gaps": 0,
    "jerks_left_out": {},
    "lms_left_out": {},
    "rhythms_left_out": {},
    "state": "running",
    "state_reason": "Still recording.",
    "refusal": {"refused": "It is running. Still recording.", "code": "not_complete"},
    "refusals": {},
    "excluded": None,
    "warnings": [],
    "clock": "measured",
    "clock_error_ms": 20,
}


def test_a_state_is_told_once_also_where_another_reason_goes_before_it(capsys):
    show.print_summary(ROW)
    assert capsys.readouterr().out.count("Still recording") == 1
    show.print_summary(
        ROW | {"excluded": "flu", "refusal": {"refused": "Left out by the person: flu."}}
    )
    text = capsys.readouterr().out
    assert text.count("flu") == 1 and text.count("running: Still recording.") == 1


@pytest.mark.parametrize(
    ("clock", "error_ms", "said"),
    [
        ("measured", 1000, None),
        ("measured", 1400, "up to 1 s."),
        ("measured", 119_000, "up to 119 s."),
        ("measured", 120_000, "up to 2 min."),
        ("estimated", 600_000, "up to 10 min: the band's clock was set only once."),
    ],
)
def test_the_error_of_the_clock_is_said_in_a_unit_in_which_it_is_not_zero(
    capsys, clock, error_ms, said
):
    show.print_summary(ROW | {"clock": clock, "clock_error_ms": error_ms})
    text = capsys.readouterr().out
    assert ("may be off" in text) is (said is not None)
    assert said is None or f"may be off by {said}" in text


def test_a_choice_that_holds_no_event_is_said(folder):
    said = "No event is as asked for."
    assert said in run(folder, "show", NIGHT, "--from", "04:00", "--to", "05:00")
    assert said in run(folder, "show", NIGHT, "--kind", "not_worn")
    assert said not in run(folder, "show", NIGHT, "--from", "22:00", "--to", "23:00")


def test_a_night_without_events_is_said(tmp_path):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 240)
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0", EVENING), pen.frames)
    assert "There is no event in this night." in run(tmp_path, "show", NIGHT)


def test_several_nights_are_shown_one_behind_another(folder):
    whole = json.loads(run(folder, "show", "--last", "1", "--json"))
    alone = json.loads(run(folder, "show", whole["nights"][0]["night"], "--json"))
    assert whole["schema"] == "shows-1"
    assert whole["nights"] == [{k: v for k, v in alone.items() if k not in ("schema", "note")}]
    assert NIGHT in run(folder, "show", "--since", NIGHT, "--until", NIGHT)
    assert "No night is stored there." in run(folder, "show", "--until", "1999-01-01")


@pytest.mark.parametrize(
    "several",
    [("--last", "1"), ("--since", NIGHT), ("--until", NIGHT)],
    ids=lambda asked: asked[0],
)
@pytest.mark.parametrize("one", [(NIGHT,), ("--night", NIGHT), ("--event", "1")], ids=str)
def test_one_night_or_event_and_several_nights_are_refused(folder, one, several):
    result = CliRunner().invoke(cli, ["show", *one, *several, "--data-dir", str(folder)])
    assert result.exit_code != 0 and result.stdout == ""
    assert str(result.exception or result.output).endswith("and several nights; say which.")


def test_the_help_names_the_ways_to_several_nights():
    text = " ".join(CliRunner().invoke(cli, ["show", "--help"]).output.split())
    assert "or of several" in text and all(
        f"--{way}" in text for way in ("last", "since", "until")
    )
