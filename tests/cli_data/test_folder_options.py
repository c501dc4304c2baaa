"""Whose nights a command is about, which night, and that both may be said in either place."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import cli, demo, options
from notturno.cli.options import night_argument_and_option
from notturno.errors import UserError
from notturno.paths import ENVIRONMENT_VARIABLE, data_dir
from notturno.store import Store

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome


def logbook(folder, jerks):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 90, [(10.0 + i, {}) for i in range(jerks)])
    with Store.open(folder) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A data folder whose nights have 1 jerk; Anna's have 2, the demo's 3, another's 4."""
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "home"))
    logbook(data_dir(), 1)
    logbook(data_dir(person="anna"), 2)
    logbook(data_dir(demo=True), 3)
    logbook(data_dir(tmp_path / "other"), 4)
    logbook(data_dir(tmp_path / "other", person="anna"), 5)
    return tmp_path


def jerks(*arguments):
    done = CliRunner().invoke(cli, [str(a) for a in arguments])
    if isinstance(done.exception, UserError):
        return str(done.exception)
    (row,) = json.loads(done.output)["nights"]
    return row["jerks"]


@pytest.mark.parametrize(
    ("said", "variable", "folder"),
    [
        ({}, False, ("of settings", "anna", False)),
        ({"person": "bea"}, False, ("of settings", "bea", False)),
        ({"demo": True}, False, (None, None, True)),
        ({"folder": "said"}, False, "said"),
        ({"folder": "said", "person": "bea"}, False, ("said", "bea", False)),
        ({}, True, None),
        ({"person": "bea"}, True, (None, "bea", False)),
    ],
)
def test_the_settings_are_asked_where_nothing_else_says_the_folder(
    monkeypatch, said, variable, folder
):
    settings = {"data-dir": "of settings", "person": "anna"}
    monkeypatch.setattr(options.configfile, "general", settings.get)
    monkeypatch.setattr(options, "data_dir", lambda *asked, create: asked)
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    if variable:
        monkeypatch.setenv(ENVIRONMENT_VARIABLE, "of the environment")
    context = SimpleNamespace(meta={f"notturno.{name}": value for name, value in said.items()})
    found = options._folder(context, None, None)
    assert found == (str(folder) if isinstance(folder, tuple) else folder)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], 1),
        (["--person", "anna"], 2),
        (["--demo"], 3),
        (["--data-dir", "other"], 4),
        (["--data-dir", "other", "--person", "anna"], 5),
    ],
)
def test_the_folder_is_chosen_alike_before_and_behind_the_command(
    home, monkeypatch, options, expected
):
    monkeypatch.chdir(home)
    assert jerks(*options, "nights", "--json") == expected
    assert jerks("nights", "--json", *options) == expected
    assert jerks(*options[:2], "nights", "--json", *options[2:]) == expected
    assert jerks(*options[2:], "nights", "--json", *options[:2]) == expected


def test_what_stands_behind_the_command_is_meant(home):
    assert (
        jerks("--data-dir", home / "none", "nights", "--json", "--data-dir", home / "other") == 4
    )
    assert "both" in jerks("--demo", "nights", "--json", "--data-dir", home / "other")
    assert "both" in jerks("--person", "anna", "nights", "--json", "--demo")


def test_reading_a_persons_nights_makes_no_folder(home):
    before = sorted(home.rglob("*"))
    done = CliRunner().invoke(cli, ["--person", "nobody", "nights"])
    assert done.exit_code == 0 and "Nothing is stored yet" in done.output
    assert sorted(home.rglob("*")) == before


@click.command()
@night_argument_and_option
def echo(night):
    click.echo(repr(night))


@pytest.mark.parametrize(
    ("arguments", "night"),
    [
        ([], None),
        (["2026-01-12"], "2026-01-12"),
        (["--night", "2026-01-12"], "2026-01-12"),
        (["2026-01-12", "--night", "2026-01-12"], "2026-01-12"),
    ],
)
def test_a_night_is_the_argument_or_the_option(arguments, night):
    assert CliRunner().invoke(echo, arguments).output == f"{night!r}\n"


def test_two_different_nights_are_refused():
    error = CliRunner().invoke(echo, ["2026-01-12", "--night", "2026-01-13"]).exception
    assert isinstance(error, UserError) and "2026-01-12 and --night 2026-01-13" in str(error)


def test_a_demo_is_nobodys(home):
    for arguments in (["--person", "anna", "demo"], ["demo", "--person", "anna"]):
        done = CliRunner().invoke(cli, arguments)
        assert isinstance(done.exception, UserError) and "nobody's" in str(done.exception)


def test_a_demo_empties_only_what_a_demo_made(home):
    (home / "mine").mkdir()
    (home / "mine" / "thing").write_text("dear")
    with pytest.raises(UserError, match="not made by a demo"):
        demo.fresh_folder(home / "mine")
    assert (home / "mine" / "thing").read_text() == "dear"
    made = demo.fresh_folder(home / "new")
    (made / "old").write_text("x")
    assert [p.name for p in demo.fresh_folder(made).iterdir()] == [demo.MARKER]


def test_the_demo_shows_its_nights_and_says_how_to_see_them_again(tmp_path, monkeypatch):
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    done = CliRunner().invoke(cli, ["demo", "--hours", "0.1"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "notturno --demo nights  and  notturno --demo show" in done.output
    assert "<svg" in (tmp_path / "demo" / "chart.html").read_text(encoding="utf-8")
    again = CliRunner().invoke(cli, ["--demo", "nights", "--json"])
    rows = json.loads(again.output)["nights"]
    assert len(rows) == 3 and all(row["simulated"] for row in rows)
    for row in rows:
        assert f"Night {row['night']} (" in done.output
