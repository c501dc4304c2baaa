"""Plain lists of nights from elsewhere: what is read, what is refused, what --table prints."""

import json
import re

import pytest
from click.testing import CliRunner
from notturno.cli import cli
from notturno.errors import UserError
from notturno.scoring.manynights import night_lists

HEADER = "night,phase,events,hours\n"
LIST = HEADER + "".join(
    f"2026-01-{day:02d},{'before' if day <= 8 else 'drug'},{count},7.5\n"
    for day, count in enumerate(
        [80, 95, 70, 102, 88, 76, 91, 84, 40, 51, 36, 44, 39, 47, 42, 45], start=1
    )
)


def run(*arguments):
    result = CliRunner().invoke(cli, [str(a) for a in arguments])
    if not isinstance(result.exception, UserError):
        assert result.exception is None, result.exception
    return result


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "nights.csv"
    path.write_text(LIST, encoding="utf-8")
    return path


def test_compare_gives_the_keys_at_the_top(table):
    found = json.loads(run("compare", "before", "drug", "--table", table, "--json").output)
    assert found["schema"] == "compare-1" and found["phases"] == ["before", "drug"]
    assert found["ratio_low"] < found["ratio"] < found["ratio_high"] < 1
    assert found["ratio"] == pytest.approx(0.5, abs=0.03)
    assert found["p"] < 0.001 and isinstance(found["nights_needed"], int)
    assert 0 < found["smallest_change"] < 1 and -0.4 <= found["lag1"] <= 0.95
    assert "Welch" in found["method"] and found["left_out"] == {}


def test_the_printed_rates_divide_to_the_printed_ratio(table):
    text = run("compare", "before", "drug", "--table", table).output
    first, second = map(float, re.findall(r"([\d.]+) typical", text))
    ratio = float(re.search(r"has ([\d.]+) times", text)[1])
    assert second / first == pytest.approx(ratio, rel=0.01)
    for words in ("95% interval", "smallest change", "a halving needs about", "no proof of"):
        assert words in text
    assert "8 nights" in text and text.endswith("show it to a doctor.\n")


def test_stats_give_the_keys_at_the_top(table):
    found = json.loads(run("stats", "--table", table, "--json").output)
    assert found["schema"] == "stats-1"
    assert found["trend_low"] < found["trend_per_week"] < found["trend_high"]
    assert found["units"]["trend_per_week"] == "percent a week"
    assert [point["night"] for point in found["change_points"]] == ["2026-01-09"]
    assert "autoregression" in found["method"] and -0.4 <= found["lag1"] <= 0.95
    text = run("stats", "--table", table).output
    assert "trend:" in text and "level changed from the night 2026-01-09 on" in text


def test_what_cannot_be_given_is_refused_under_its_key(tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("night,events,hours\n1,4,8\n2,5,8\n", encoding="utf-8")
    found = json.loads(run("stats", "--table", path, "--json").output)
    assert found["trend_per_week"]["code"] == "too_few_nights" and found["change_points"] == []
    assert "no trend: 2 usable nights" in run("stats", "--table", path).output


def test_nights_of_other_phases_are_listed_as_left_out(table):
    table.write_text(LIST + "2026-02-01,holiday,9,6\n", encoding="utf-8")
    found = json.loads(run("compare", "before", "drug", "--table", table, "--json").output)
    assert found["left_out"] == {"2026-02-01": "holiday"}
    text = run("compare", "before", "drug", "--table", table).output
    assert "left out, of other phases: 2026-02-01" in text


@pytest.mark.parametrize(
    "text",
    [
        "night;phase;events;hours\n2026-01-02;a;3;7,5\n2026-01-01;a;2;8\n",
        "night\tphase\tevents\thours\n2026-01-02\ta\t3\t7.5\n2026-01-01\ta\t2\t8\n",
        "\ufeffevents,hours,night,phase,note\n3,7.5,2026-01-02,a,x\n\n2,8.0,2026-01-01,a,\n",
    ],
)
def test_separators_decimal_commas_and_the_order_make_no_difference(text):
    rows = night_lists.read_nights(text)
    assert [(r.night.date, r.night.count, r.night.hours, r.phase) for r in rows] == [
        ("2026-01-01", 2, 8.0, "a"),
        ("2026-01-02", 3, 7.5, "a"),
    ]
    assert rows[1].night.day - rows[0].night.day == 1


def test_nights_may_be_dates_numbers_or_names():
    numbers = night_lists.read_nights("night,events,hours\n3,1,8\n10,1,8\n")
    names = night_lists.read_nights("night,events,hours\nfirst,1,8\nsecond,1,8\n")
    assert [row.night.day for row in numbers] == [3, 10]
    assert [row.night.day for row in names] == [0, 1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2026-01-02,a,3,0", "line 3: hours is '0'"),
        ("2026-01-02,a,3,-1", "line 3: hours is '-1'"),
        ("2026-01-02,a,3,24.1", "line 3: hours is '24.1'"),
        ("2026-01-02,a,3,nan", "line 3: hours is 'nan'"),
        ("2026-01-02,a,-3,8", "line 3: events is '-3'"),
        ("2026-01-02,a,2.5,8", "line 3: events is '2.5'"),
        ("2026-01-02,a,many,8", "line 3: events is 'many'"),
        ("2026-01-02,a,3", "line 3"),
        ("2026-02-30,a,3,8", "line 3: night is '2026-02-30'"),
        ("2026-01-01,a,3,8", "line 3: the night 2026-01-01 of the phase a stands twice"),
    ],
)
def test_a_bad_line_is_named(line, words):
    with pytest.raises(UserError, match=re.escape(words)):
        night_lists.read_nights(HEADER + "2026-01-01,a,2,8\n" + line + "\n", "nights.csv")


def test_24_hours_and_no_event_are_a_night():
    (row,) = night_lists.read_nights(HEADER + "2026-01-01,a,0,24\n")
    assert (row.night.count, row.night.hours) == (0, 24.0)


@pytest.mark.parametrize(
    ("phases", "words"),
    [(("x", "drug"), "before, drug"), (("drug", "drug"), "two different")],
)
def test_a_phase_that_the_list_has_not_is_said_plainly(table, phases, words):
    result = run("compare", *phases, "--table", table)
    assert isinstance(result.exception, UserError) and words in str(result.exception)


def test_a_list_without_phases_has_nothing_to_compare():
    rows = night_lists.read_nights("night,events,hours\n1,4,8\n")
    with pytest.raises(UserError, match="it names no phase"):
        night_lists.two_phases(rows, "a", "b")


def test_a_night_in_two_phases_is_no_series():
    rows = night_lists.read_nights(HEADER + "1,a,4,8\n1,b,4,8\n")
    with pytest.raises(UserError, match="line 3: the night 1 stands twice"):
        night_lists.one_series(rows)


def test_an_empty_list_is_said_plainly():
    for text, words in (("", "is empty"), (HEADER, "holds no night")):
        with pytest.raises(UserError, match=words):
            night_lists.read_nights(text)


def test_options_that_a_list_does_not_know_are_refused(table):
    for options in (("--last", 3), ("--measure", "jerks"), ("--by", "month")):
        result = run("stats", "--table", table, *options)
        assert isinstance(result.exception, UserError) and "--table" in str(result.exception)
