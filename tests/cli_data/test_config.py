"""Settings for good: they stand below the command line and the environment, and never bite."""

import errno
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from fakes.typed import typed
from notturno import configfile
from notturno.cli import cli, speech
from notturno.errors import UserError
from notturno.paths import ENVIRONMENT_VARIABLE
from notturno.words import LANGUAGES


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "settings" / "config.toml"
    monkeypatch.setenv(configfile.ENVIRONMENT_VARIABLE, str(path))
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)
    return path


def path_of(*arguments):
    checks = json.loads(CliRunner().invoke(cli, [*arguments, "--json"]).output)["checks"]
    return next(c["found"] for c in checks if c["check"] == "data folder")


def looked_at(*arguments):
    """Return what `doctor` says of the folder that it looked at."""
    return path_of("doctor", "--virtual", "127.0.0.1:9", "--timeout", "0", *arguments)


def test_an_options_default_comes_from_the_file_and_the_command_line_stands_above_it(
    file, tmp_path
):
    typed("config", "set", "nights.last", "5")
    assert file.read_text() == "[nights]\nlast = 5\n"
    nights = cli.get_command(cli.make_context("notturno", ["nights"]), "nights")
    for arguments, last in (([], 5), (["--last", "2"], 2)):
        with cli.make_context("notturno", ["nights"]) as parent:
            cli.get_command(parent, "nights")
            context = nights.make_context("nights", list(arguments), parent=parent)
            assert context.params["last"] == last


def test_the_folder_and_the_person_stand_below_option_environment_and_demo(
    file, tmp_path, monkeypatch
):
    typed("config", "set", "data-dir", tmp_path / "mine")
    typed("config", "set", "person", "anna")
    assert str(tmp_path / "mine" / "people" / "anna") in looked_at()
    assert "people/bruno" in looked_at("--person", "bruno")
    assert str(tmp_path / "other") + " is not" in looked_at("--data-dir", str(tmp_path / "other"))
    assert "anna" not in looked_at("--demo")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "env"))
    assert str(tmp_path / "env") + " is not" in looked_at()


def test_comments_and_what_else_stands_there_stay(file):
    file.parent.mkdir()
    file.write_text('# mine\nlang = "en"  # spoken\n\n[nights]\nlast = 3\n')
    typed("config", "set", "lang", "it")
    typed("config", "set", "chart.measure", "jerks", "lms")
    text = file.read_text()
    assert "# mine" in text and 'lang = "it"  # spoken' in text and "last = 3" in text
    assert 'measure = ["jerks", "lms"]' in text
    typed("config", "unset", "nights.last")
    assert "last" not in file.read_text()
    assert configfile.general("lang") == "it"


def test_what_is_set_is_printed(file):
    assert "not there yet" in typed("config") and not file.exists()
    typed("config", "set", "nights.last", "5")
    assert json.loads(typed("config", "--json")) == {
        "schema": "config-1",
        "path": str(file),
        "there": True,
        "set": {"nights": {"last": 5}},
    }
    assert typed("config").splitlines()[-1].split() == ["nights.last", "5"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("set", "colour", "red"), "data-dir, person, lang"),
        (("set", "lang", "xx"), ", ".join(LANGUAGES)),
        (("set", "nights.last", "many"), "nights.last cannot be"),
        (("set", "nights.lost", "5"), "has no option lost; it has: last"),
        (("set", "nigths.last", "5"), "no command nigths"),
        (("set", "person", "a", "b"), "one value"),
        (("set", "nights.json", "maybe"), "on or off"),
        (("unset", "nights.last"), "is not set"),
    ],
)
def test_what_cannot_be_set_is_said_and_nothing_is_written(file, arguments, says):
    with pytest.raises(UserError, match=says):
        typed("config", *arguments)
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lang = ", "no TOML"),
        ("data-dir = 5\n", "no text"),
        ("[nights]\nlost = 1\n", "names lost, which is no option of notturno nights"),
        ('[nights]\nlast = "x"\n', "nights.last cannot be"),
    ],
)
def test_a_damaged_file_is_named_and_not_written_over(file, text, says):
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(UserError, match=says):
        typed("nights")
    assert file.read_text() == text
    if says == "no TOML":
        with pytest.raises(UserError, match=says):
            typed("config", "set", "lang", "it")


def test_help_needs_no_settings(file):
    file.parent.mkdir()
    file.write_text("lang = ")
    assert "Commands" in typed("--help")


def test_a_place_that_cannot_be_written_is_said(file):
    file.parent.write_text("a file where the folder should be")
    with pytest.raises(UserError, match="cannot be written|cannot be read"):
        typed("config", "set", "lang", "it")


def test_a_full_disk_leaves_what_was_set_and_nothing_else(file, monkeypatch):
    typed("config", "set", "lang", "it")

    def full(self, text, **_):
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UserError, match="cannot be written"):
        typed("config", "set", "lang", "en")
    assert [each.name for each in file.parent.iterdir()] == [file.name]
    assert file.read_bytes() == b'lang = "it"\n'


def test_the_language_stands_below_option_and_environment(file, monkeypatch):
    monkeypatch.delenv("NOTTURNO_LANG", raising=False)
    monkeypatch.setenv("LC_ALL", "C")
    assert speech.wanted(["nights"]) == "en"
    typed("config", "set", "lang", "it")
    assert speech.wanted(["nights"]) == "it"
    assert speech.wanted(["nights", "--lang", "en"]) == "en"
    monkeypatch.setenv("NOTTURNO_LANG", "en")
    assert speech.wanted(["nights"]) == "en"
    monkeypatch.delenv("NOTTURNO_LANG")
    file.write_text("lang = ")
    assert speech.wanted(["nights"]) == "en"
