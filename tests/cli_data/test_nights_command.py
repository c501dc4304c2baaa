"""The commands that read the logbook: shapes, sentences, and what they must not import."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import cli
from notturno.errors import UserError
from notturno.nights.columns import COLUMNS, SCHEMA
from notturno.store import FILE_NAME, Store
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome


@pytest.fixture
def folder(tmp_path):
    pen = Pen()
    pen.time(1000, EVENING)
    for day in range(3):
        events = [(10.0 + i, {"peak_mg": 50 + i}) for i in range(day + 1)]
        events.append((40.0, {"kind": wire.EVENT_RHYTHM, "rhythm_mhz": 1500, "beats": 9}))
        pen.night(2000 + day * 86_400_000, 90, events)
    pen.time(2000 + 3 * 86_400_000, EVENING + 1000 + 3 * 86_400_000)
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
    return tmp_path


def run(*arguments):
    result = CliRunner().invoke(cli, [str(a) for a in arguments], catch_exceptions=True)
    if isinstance(result.exception, UserError):
        return result
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_nights_lists_one_row_a_night(folder):
    lines = run("nights", "--data-dir", folder).output.splitlines()
    assert [line.split()[0] for line in lines[1:4]] == [
        "2026-01-12*",
        "2026-01-13*",
        "2026-01-14*",
    ]
    assert lines[0].split("  ")[0] == "night"
    assert [line.split()[1:9] for line in lines[1:4]] == [
        ["1.5", "h", "1.5", "h", "1", "0", "0.7", "0.0"],
        ["1.5", "h", "1.5", "h", "2", "0", "1.3", "0.0"],
        ["1.5", "h", "1.5", "h", "3", "0", "2.0", "0.0"],
    ]
    text = "\n".join(lines)
    assert "simulated" in text and "Not a diagnosis: show it to a doctor." in text
    assert "PLMS are per such hour asleep" in text
    battery = f"battery of {DEVICE} after 2026-01-14: ~64 %, 4 nights left (estimated)"
    assert battery in lines, "`bands` says what it showed when last seen: another time"


def test_nights_json_is_an_interface_with_the_columns_of_the_dictionary(folder):
    told = json.loads(run("nights", "--json", "--data-dir", folder).output)
    assert told["schema"] == SCHEMA and told["person_nights"] == []
    assert len(told["nights"]) == 3
    for row in told["nights"]:
        assert list(row) == [column.key for column in COLUMNS]
        nulls = {key for key, value in row.items() if value is None}
        assert set(row["refusals"]) == nulls & set(row["refusals"])
    assert told["nights"][2]["largest_mg"] == 52


@pytest.mark.parametrize(
    ("options", "dates"),
    [
        (["--last", "1"], ["2026-01-14"]),
        (["--since", "2026-01-13"], ["2026-01-13", "2026-01-14"]),
        (["--since", "2026-01-13", "--last", "5"], ["2026-01-13", "2026-01-14"]),
        (["--since", "2027-01-01"], []),
    ],
)
def test_last_and_since_choose_the_nights(folder, options, dates):
    told = json.loads(run("nights", "--json", "--data-dir", folder, *options).output)
    rows = told["nights"]
    assert [row["date"] for row in rows] == dates


def test_an_empty_folder_gets_a_friendly_line_and_stays_empty(tmp_path):
    for command in ("nights", "show"):
        result = run(command, "--data-dir", tmp_path)
        assert result.exit_code == 0 and "notturno sync" in result.output
    assert json.loads(run("nights", "--json", "--data-dir", tmp_path).output)["nights"] == []
    assert list(tmp_path.iterdir()) == []


def test_show_tells_the_events_of_a_night_in_local_time(folder):
    result = run("show", "2026-01-13", "--data-dir", folder)
    assert "22:40:01" in result.output and "1.5 Hz x 9" in result.output
    latest = json.loads(run("show", "--json", "--data-dir", folder).output)
    assert latest["night"] == "2026-01-14"
    assert [event["kind"] for event in latest["events"]] == ["jerk"] * 3 + ["rhythm"]
    assert len(latest["summary"]) == 1


def test_a_night_that_is_not_stored_is_said_plainly(folder):
    for night, words in (("2020-01-01", "2026-01-14"), ("yesterday", "2026-01-31")):
        result = run("show", night, "--data-dir", folder)
        assert isinstance(result.exception, UserError) and words in str(result.exception)


@pytest.mark.parametrize("command", ["nights", "show", "chart", "sync"])
def test_short_help_works(command):
    assert "--data-dir" in run(command, "-h").output


def test_nights_imports_nothing_that_takes_long(folder):
    script = (
        "import sys\n"
        "from notturno.cli import main\n"
        f"sys.argv = ['notturno', 'nights', '--data-dir', {str(folder)!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('RULES', *(name for name in sys.modules if name.startswith('notturno.scoring')))\n"
        "print('MODULES', *sorted({name.partition('.')[0] for name in sys.modules}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "2026-01-14" in done.stdout, done.stderr
    # What is kept in the table needs no rule to be read: their versions tell whether it is stale.
    rules = done.stdout.rpartition("RULES ")[2].splitlines()[0].split()
    assert set(rules) == {"notturno.scoring", "notturno.scoring.versions"}
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True
    )
    started_with = {name.partition(".")[0] for name in bare.stdout.split()}
    loaded = set(done.stdout.rpartition("MODULES")[2].split()) - started_with
    foreign = {name for name in loaded if name not in sys.stdlib_module_names}
    assert foreign <= {"notturno", "notturno_core", "click"}
    # The costly part of the standard library.
    assert not loaded & {"asyncio", "concurrent", "email", "http", "multiprocessing", "unittest"}


def test_the_logbook_is_one_file_in_the_chosen_folder(folder, monkeypatch):
    monkeypatch.setenv("NOTTURNO_DATA_DIR", str(folder))
    assert (folder / FILE_NAME).exists()
    assert len(json.loads(run("nights", "--json").output)["nights"]) == 3


def test_a_measure_that_is_no_rate_stands_with_its_unit(folder):
    options = ("--measure", "gap_h", "--measure", "battery_mv", "--measure", "lms_all")
    lines = run("nights", *options, "--data-dir", folder).output.splitlines()
    cells = [re.split(r"  +", line) for line in lines[:2]]
    told = dict(zip(cells[0], cells[1], strict=True))
    assert re.fullmatch(r"\d\.\d h", told["gaps"]), told
    assert told["LM"].isdigit() and not told["LM/h"].endswith("h")


def test_a_measure_that_is_shown_already_is_not_shown_twice(folder):
    options = ("--measure", "jerks", "--measure", "asleep_h", "--measure", "asleep_h")
    head = run("nights", *options, "--data-dir", folder).output.splitlines()[0]
    assert head.count("jerks/h") == 1 and head.count("asleep") == 1
