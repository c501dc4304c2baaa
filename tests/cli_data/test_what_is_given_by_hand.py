"""What people give to commands, and what a replay sums up: each value, and the one beside it."""

from types import SimpleNamespace

import click
import pytest
from notturno.cli import configured, given, onenight, options, replay
from notturno.errors import UserError

# --- nights and dates ----------------------------------------------------------------------------


def store(*names):
    return SimpleNamespace(
        night_names=lambda: list(names),
        nights=lambda: [{"date": n if n[0] == "2" else None} for n in names],
    )


def test_without_a_name_the_latest_night_is_meant_and_no_nap():
    names = ("undated-1", "2026-01-11", "2026-01-12", "2026-01-12-nap1")
    assert options.which_night(store(*names), None) == "2026-01-12"
    assert options.which_night(store("2026-01-12-nap1"), None) is None
    assert options.which_night(store(), None) is None
    for name in names:
        assert options.which_night(store(*names), name) == name


@pytest.mark.parametrize(
    ("names", "asked", "said"),
    [
        (("2026-01-11", "2026-01-12"), "2026-01-13", "the latest stored one is 2026-01-12"),
        ((), "2026-01-13", "nothing is stored yet"),
        (("2026-01-12",), "undated-7", "The night undated-7 is not stored"),
        (("2026-01-12",), "2026-01-12-nap3", "The night 2026-01-12-nap3 is not stored"),
        (("2026-01-12",), "yesterday", "yesterday is no date"),
    ],
)
def test_a_night_that_is_not_stored_is_refused_with_what_is(names, asked, said):
    with pytest.raises(UserError) as error:
        options.which_night(store(*names), asked)
    assert said in str(error.value)


def test_dates_may_be_the_same_and_not_swapped():
    assert options.check_dates("2026-01-12", "2026-01-12") == ("2026-01-12", "2026-01-12")
    assert options.check_dates(None, "2026-01-12") == (None, "2026-01-12")
    assert options.check_dates("2026-01-12", None) == ("2026-01-12", None)
    with pytest.raises(UserError, match="swap them"):
        options.check_dates("2026-01-12", "2026-01-11")


def test_a_choice_that_no_night_answers_says_from_when_to_when_there_are_some():
    error = str(options.none_of_them(store("undated-1", "2026-01-12", "2026-01-03")))
    assert "from 2026-01-03 to 2026-01-12" in error
    assert "Nothing is stored yet" in str(options.none_of_them(store("undated-1")))


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "whole", "read"),
    [
        ("a=b", False, ("a", "b")),
        (" a = b=c ", False, ("a", "b=c")),
        ("a=", False, ("a", "")),
        ("a= 12 ", True, ("a", 12)),
        ("a=-3", True, ("a", -3)),
    ],
)
def test_a_setting_is_a_name_and_a_value(text, whole, read):
    assert given.setting_of(text, whole) == read


@pytest.mark.parametrize(
    ("text", "whole", "said"),
    [("a", False, "KEY=VALUE."), ("a", True, "a whole number")]
    + [("a=1.5", True, "a whole number"), ("a=", True, "a whole number")],
)
def test_what_is_no_setting_is_refused(text, whole, said):
    with pytest.raises(UserError, match=said):
        given.setting_of(text, whole)


@click.command()
@click.argument("word")
@click.option("--many", "-m", type=click.IntRange(1, 9))
@click.option("--out")
def single(**_):
    """A command."""


def test_a_default_is_an_options_by_its_long_name_and_of_its_kind():
    assert configured.defaults_of(single, {"many": 3, "out": "x"}, "one") == {
        "many": 3,
        "out": "x",
    }
    for table, said in (
        ({"word": "x"}, "no option of notturno one"),
        ({"m": 3}, "no option"),
        ({"many": 10}, "cannot be 10"),
        ({"many": "x"}, "cannot be 'x'"),
    ):
        with pytest.raises(UserError, match=said):
            configured.defaults_of(single, table, "one")
    group = click.Group(commands={"single": single})
    assert configured.defaults_of(group, {"single": {"many": 3}}, "g") == {"single": {"many": 3}}
    with pytest.raises(UserError, match="notturno g single"):
        configured.defaults_of(group, {"single": {"few": 3}}, "g")


# --- one night -----------------------------------------------------------------------------------


def test_the_verdict_is_the_first_refusal_of_the_rows():
    rows = [{"refusal": None}, {"refusal": {"refused": "A.", "code": "a"}}]
    rows += [{"refusal": {"refused": "B.", "code": "b"}}]
    assert str(onenight._verdict(rows)) == "A." and onenight._verdict(rows[:1]) is None
    assert onenight._verdict([]) is None


def test_a_hypnogram_that_was_kept_is_the_last_one_in_microseconds():
    kept = [{"start_local": None, "rows": [(0, "W")]}]
    kept += [{"start_local": "2026-01-12T22:30:00", "rows": [(0.0, "W"), (30.5, "N2")]}]
    found = onenight._kept(SimpleNamespace(lab_lists=lambda night, kind: kept), "n")
    assert found.rows == [(0, "W"), (30_500_000, "N2")] and found.no_start is None
    assert str(found.start_local) == "2026-01-12 22:30:00"
    undated = onenight._kept(SimpleNamespace(lab_lists=lambda night, kind: kept[:1]), "n")
    assert undated.start_local is None and undated.no_start == "the file had no date"
    nothing = SimpleNamespace(lab_lists=lambda night, kind: [])
    for night in ("n", None):
        with pytest.raises(UserError, match="No hypnogram was imported"):
            onenight._kept(nothing, night)


def test_a_nights_length_is_from_start_to_end_or_what_was_recorded():
    from notturno.scoring.movements.lists import StageList

    stages = StageList([(0, "W"), (4 * 3_600_000_000, "END")], None, "no date", {})
    row = {"start_utc_ms": 0, "end_utc_ms": 8 * 3_600_000, "recorded_h": 1.0, "zone": "UTC"}
    assert onenight._placed(stages, row, None).offset_s == 0
    assert onenight._placed(stages, row, "21600").offset_s == 21_600  # two of four hours shared
    with pytest.raises(UserError):
        onenight._placed(stages, row, "21601")
    undated = row | {"start_utc_ms": None, "recorded_h": 4.0}
    assert onenight._placed(stages, undated, "7200").offset_s == 7200
    with pytest.raises(UserError):
        onenight._placed(stages, undated, "7201")


# --- a replay ------------------------------------------------------------------------------------


def event(kind, onset_s=0.0, duration_s=0.1, flags=()):
    return {"kind": kind, "onset_s": onset_s, "duration_s": duration_s, "flags": list(flags)}


def test_a_replay_counts_what_counts_and_divides_by_the_rest_of_its_hours():
    events = [event("jerk", 3000 + k) for k in range(10)]
    events += [event("jerk", 4000, flags=["in_lm"]), event("lm", 3100, 2.0)]
    events += [event("awake", 0, 1800.0), event("not_worn", 1500, 1200.0)]
    lines = replay.summary(events, 7200.0, 900.0)
    told = "11 jerks, 1 limb movement, 1 time awake, 1 time not worn in 2.00 h."
    assert lines[:2] == [told, "Left out: 1 jerk (1 in a longer movement)."]
    # 2 h less 45 min awake or not worn, less a quarter of an hour that was not recorded
    assert lines[-1].startswith("10 single jerks in 1.00 h without awake and not worn (10.0/h). ")


@pytest.mark.parametrize(("length_s", "rate"), [(59.9, False), (60.0, True)])
def test_less_than_a_minute_gives_no_rate(length_s, rate):
    lines = replay.summary([event("jerk")], length_s)
    assert ("60.0/h" in lines[-1]) is rate
    assert ("no rate: less than a minute counts" in lines[-1]) is not rate
    assert replay.summary([], 3600.0)[0] == "no events in 1.00 h."


@pytest.mark.parametrize(
    ("starts", "stages", "start", "rows"),
    [
        (["22:30"], [(0, "W")], "22:30", [(0, "W")]),
        ([], [(0, "W")], None, [(0, "W")]),
        (["22:30", "23:00"], None, None, []),
    ],
)
def test_a_hypnogram_has_the_one_start_that_its_file_names(
    monkeypatch, starts, stages, start, rows
):
    part = SimpleNamespace(starts=starts, stages=stages, unknown={})
    asked = []
    monkeypatch.setattr("notturno.labs.readers.alone", lambda *what: asked.append(what) or part)
    found = given.stages_of("x.csv")
    assert asked == [("x.csv", "stages")]
    assert (found.rows, found.start_local) == (rows, start)
    assert found.no_start == (None if start else "a plain list has no date")


@pytest.mark.parametrize("name", ["x.edf", "x.EDF", "x.bdf"])
def test_a_hypnogram_of_edf_is_read_as_such_and_its_unknown_labels_are_told(
    monkeypatch, capsys, name
):
    found = SimpleNamespace(warning=lambda path: f"{path} holds labels.")
    monkeypatch.setattr(
        "notturno.scoring.movements.edf_stages.read_edf_stages", lambda path: found
    )
    assert given.stages_of(name) is found
    assert capsys.readouterr().err == f"{name} holds labels.\n"
