"""A plain list of nights from elsewhere: read, refused by its line, compared and followed."""

import json

import pytest
from click.testing import CliRunner
from notturno.cli import cli
from notturno.errors import UserError
from notturno.scoring.manynights import night_lists

PLAIN = """night,phase,events,hours
2026-01-01,before,40,8
2026-01-02,before,44,8.5
2026-01-04,before,30,7.5
2026-01-05,drug,12,8
2026-01-06,drug,9,7.25
2026-01-07,drug,15,8
"""
SPOKEN = [
    PLAIN,
    PLAIN.replace(",", ";").replace(".", ","),  # a decimal comma, as half of Europe writes
    PLAIN.replace(",", "\t").replace(".", ","),
    "\ufeff" + PLAIN.replace("\n", "\r\n"),
]
KEYS = ("ratio", "ratio_low", "ratio_high", "p", "lag1", "smallest_change", "nights_needed")


@pytest.mark.parametrize("text", SPOKEN)
def test_a_list_is_read_however_its_columns_are_separated(text):
    rows = night_lists.read_nights(text)
    assert [(row.line, row.phase) for row in rows[:4]] == [
        (2, "before"),
        (3, "before"),
        (4, "before"),
        (5, "drug"),
    ]
    nights = [row.night for row in rows]
    assert [night.count for night in nights] == [40, 44, 30, 12, 9, 15]
    assert [night.hours for night in nights] == [8, 8.5, 7.5, 8, 7.25, 8]
    assert [night.day - nights[0].day for night in nights] == [0, 1, 3, 4, 5, 6]


@pytest.mark.parametrize("names", [("3", "1", "2"), ("mon", "tue", "wed")])
def test_nights_may_be_numbers_or_names(names):
    text = "night,events,hours\n" + "".join(f"{name},5,8\n" for name in names)
    rows = night_lists.read_nights(text)
    ordered = sorted(names) if names[0] == "3" else list(names)
    assert [row.night.date for row in rows] == ordered
    days = [row.night.day for row in rows]
    assert [day - days[0] for day in days] == [0, 1, 2]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2026-01-02", "yesterday", "line 3: night is 'yesterday', not a date"),
        (",44,", ",4.5,", "line 3: events is '4.5', not a whole number"),
        (",44,", ",-1,", "line 3: events is '-1'"),
        (",44,", ",many,", "line 3: events is 'many', not a number"),
        (",44,", ",nan,", "line 3: events is 'nan', not a number"),
        (",8.5", ",0", "line 3: hours is '0', not above 0"),
        (",8.5", ",25", "line 3: hours is '25'"),
        (",8.5", ",8,5", "line 3: 5 cells where the first line names 4"),
        ("hours", "time", "no column 'hours'"),
        ("2026-01-02", "2026-01-01", "line 3: the night 2026-01-01 of the phase before stands"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old, new, words):
    with pytest.raises(UserError) as error:
        night_lists.read_nights(PLAIN.replace(old, new), "list.csv")
    assert words in str(error.value) and "list.csv" in str(error.value)


def test_an_empty_list_is_said_plainly():
    for text in ("", "night,phase,events,hours\n"):
        with pytest.raises(UserError):
            night_lists.read_nights(text)


def test_a_trend_needs_each_night_once():
    twice = night_lists.read_nights(PLAIN.replace("2026-01-05", "2026-01-04"))
    with pytest.raises(UserError, match="line 5: the night 2026-01-04 stands twice"):
        night_lists.one_series(twice)


# --- the commands ---------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    (tmp_path / "list.csv").write_text(PLAIN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        return CliRunner().invoke(cli, [*arguments, "--table", "list.csv"])

    return run


def test_compare_takes_a_list_and_its_keys_are_fixed(run):
    found = json.loads(run("compare", "before", "drug", "--json").output)
    assert found["schema"] == "compare-1"
    assert all(isinstance(found[key], (int, float)) for key in KEYS), found
    assert found["ratio"] == pytest.approx(0.32, abs=0.03)
    assert found["ratio_low"] < found["ratio"] < found["ratio_high"]
    assert "Welch" in found["method"]
    text = run("compare", "before", "drug").output
    assert "drug has 0.3" in text and "a halving needs about" in text
    assert text.endswith("Not a diagnosis: show it to a doctor.\n")


def test_stats_take_a_list_and_their_keys_are_fixed(run):
    found = json.loads(run("stats", "--json").output)
    assert found["schema"] == "stats-1"
    assert found["units"]["trend_per_week"] == "percent a week"
    assert found["trend_low"] < found["trend_per_week"] < found["trend_high"]
    assert isinstance(found["change_points"], list) and 0 <= abs(found["lag1"]) < 1
    text = run("stats").output
    assert "6 nights, 150 events in 47.2 h" in text and "trend:" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("compare", "before", "placebo"), "its phases are: before, drug"),
        (("compare", "drug", "drug"), "two different"),
        (("compare", "before", "drug", "--measure", "jerks"), "leave --measure"),
        (("compare", "before", "drug", "--band", "calf"), "and no band"),
        (("stats", "--last", "3"), "--last cannot go with --table"),
        (("stats", "2026-01-02"), "--table cannot go with a night"),
    ],
)
def test_what_makes_no_sense_with_a_list_is_said_plainly(run, arguments, words):
    error = run(*arguments).exception
    assert isinstance(error, UserError) and words in str(error)


def test_two_nights_of_a_phase_are_refused_and_not_guessed(run, tmp_path):
    shorter = PLAIN.replace("2026-01-07,drug,15,8\n", "")
    (tmp_path / "list.csv").write_text(shorter, encoding="utf-8")
    found = json.loads(run("compare", "before", "drug", "--json").output)
    assert all(found[key]["code"] == "too_few_nights" for key in KEYS)
    assert found["events"] == [114, 21]


@pytest.mark.parametrize(("events", "hours"), [("0", "24"), ("7", "0.01"), ("3,0", "7,5")])
def test_a_night_may_hold_no_event_and_a_whole_day(events, hours):
    assert night_lists._events(events) == float(events.replace(",", "."))
    assert night_lists._hours(hours) == float(hours.replace(",", "."))


@pytest.mark.parametrize("events", ["-1", "1.5", "1,2,3", "inf", "nan", ""])
def test_events_are_whole_numbers_from_none_on(events):
    with pytest.raises(ValueError, match="events is"):
        night_lists._events(events)


@pytest.mark.parametrize("hours", ["0", "-1", "24.01", "x"])
def test_hours_are_more_than_none_and_no_more_than_a_day(hours):
    with pytest.raises(ValueError, match="hours is"):
        night_lists._hours(hours)
