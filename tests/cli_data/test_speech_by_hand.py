"""How help, errors and settings are written and read, by hand: in words and in bytes."""

import io
import os
from types import SimpleNamespace

import click
import pytest
from click.testing import CliRunner
from notturno import cli as package
from notturno.cli import cli, config, speech, streams
from notturno.errors import UserError
from notturno.words import LANGUAGES

# --- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("One\n  two.\n\n  Three.\n", "One two.\n\nThree."),
        ("One.\n\n\b\n fixed\n lines\n\nend", "One.\n\n\b\n fixed\n lines\n\nend"),
        ("Told.\f\nNot told.", "Told."),
        ("  a   b ", "a b"),
    ],
)
def test_each_paragraph_is_a_line_but_those_of_fixed_lines(text, lines):
    assert speech.one_line(text) == lines


def test_only_clicks_own_names_are_translated(monkeypatch):
    monkeypatch.setattr(speech, "_", str.lower)
    words = ("[OPTIONS]", "COMMAND", "[ARGS]...", "NIGHT", "[NIGHT]")
    told = [speech._own_name(word) for word in words]
    assert told == ["[options]", "command", "[args]...", "NIGHT", "[NIGHT]"]


@pytest.mark.parametrize(
    ("help_text", "said"),
    [("One thing. Another.", "One thing."), ("One thing", "One thing."), (None, ".")]
    + [("One thing\n\nMore. And more.", "One thing.")],
)
def test_a_command_is_listed_by_its_first_sentence(help_text, said):
    assert speech._first_sentence(help_text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Zxq.", "Zxq."),
        ("Zxq.  [default: 3]", "Zxq.  [default: 3]"),
        ("Zxq [sic].", "Zxq [sic]."),
        ("Zxq  [one].  [required; default: 3]", "Zxq [one].  [required; default: 3]"),
    ],
)
def test_what_has_no_translation_stays_with_its_brackets(text, said):
    assert speech._row(text) == said


def test_what_stands_behind_two_dashes_is_no_option():
    assert speech.before_dashes(["a", "--json", "--", "--lang"]) == ["a", "--json"]
    assert speech.before_dashes(["a", "--json"]) == ["a", "--json"]
    assert speech.before_dashes(["--", "x"]) == []


@pytest.mark.parametrize(
    ("arguments", "settled", "variable", "spoken"),
    [
        (["nights"], "it", None, "it"),
        (["nights", "--lang", "en"], "it", None, "en"),
        (["nights"], "it", "en", "en"),
        (["nights"], None, None, "en"),
    ],
)
def test_the_language_is_the_options_then_the_variables_then_the_settings(
    monkeypatch, arguments, settled, variable, spoken
):
    for name in speech.VARIABLES:
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(speech.VARIABLES[0], variable)
    monkeypatch.setattr(speech.configfile, "general", lambda key: settled)
    assert speech.wanted(arguments) == spoken


@pytest.mark.parametrize(
    ("name", "right"),
    [("it", True), ("IT_it.UTF-8", True), ("en-GB", True), ("tlh", False), ("", False)],
)
def test_a_language_that_is_asked_for_and_not_spoken_is_refused_and_not_passed_over(
    tmp_path, name, right
):
    done = CliRunner().invoke(cli, ["nights", "--lang", name, "--data-dir", str(tmp_path / "x")])
    if right:
        assert done.exit_code == 0, done.output
    else:
        known = ", ".join(LANGUAGES)
        assert str(done.exception) == f"lang cannot be {name}; the languages are: {known}."


def test_what_programs_read_is_english(monkeypatch):
    from notturno.words import language

    monkeypatch.setattr(speech, "wanted", lambda arguments: "it")
    for arguments, spoken in (
        (["x", "--json"], "en"),
        (["x"], "it"),
        (["x", "--", "--json"], "it"),
    ):
        with speech.in_language(arguments):
            assert language() == spoken


# --- settings ------------------------------------------------------------------------------------


def test_tables_in_tables_are_names_with_points():
    table = {"lang": "it", "report": {"paper": "a4", "deep": {"er": 1}}, "nights": {}}
    assert dict(config._flat(table)) == {"lang": "it", "report.paper": "a4", "report.deep.er": 1}


@pytest.mark.parametrize(
    ("value", "read"),
    [("true", True), ("YES", True), ("on", True), ("false", False), ("No", False), ("off", False)],
)
def test_a_flag_is_on_or_off_in_six_words(value, read):
    assert config._flag("x.y", value) is read


@pytest.mark.parametrize("value", ["", "1", "maybe"])
def test_another_word_is_no_flag(value):
    with pytest.raises(UserError, match="on or off"):
        config._flag("x.y", value)


def test_numbers_are_written_as_numbers_by_their_options_kind():
    def option(kind):
        return click.Option(["--x"], type=kind)

    assert config._as_toml(option(int), "3") == 3
    assert config._as_toml(option(click.FloatRange(0, 9)), "3.5") == 3.5
    assert isinstance(config._as_toml(option(float), "3"), float)
    assert config._as_toml(option(str), "3") == "3"
    assert config._as_toml(option(str), ["3"]) == ["3"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (["nowhere", "x"], "There is no command nowhere;"),
        (["bands", "nowhere", "x"], "There is no command bands nowhere;"),
        (["nights", "x", "y"], "There is no command nights x;"),
        (["report", "x"], "report has no option x; it has: "),
        (["bands", "name", "x"], "bands name has no option x; it has: "),
    ],
)
def test_an_option_that_is_not_there_is_named_with_its_command(keys, said):
    with pytest.raises(UserError) as error:
        config._option(keys)
    assert str(error.value).startswith(said)


def test_the_options_there_are_are_named_without_dashes_and_hidden_ones_not(monkeypatch):
    group = click.Group("notturno")
    options = [click.Option(["--one"]), click.Option(["--two"], hidden=True)]
    more = [click.Argument(["three"]), click.Option(["--four-five"])]
    group.add_command(click.Command("made", params=[*options, *more]))
    monkeypatch.setattr("notturno.cli.cli", group)
    with pytest.raises(UserError, match="made has no option two2; it has: one, four-five[.]$"):
        config._option(["made", "two2"])


def test_an_option_is_found_through_its_groups():
    assert config._option(["report", "paper"]).name == "paper"
    assert "--limb" in config._option(["bands", "name", "limb"]).opts
    with pytest.raises(UserError, match="There is no setting tongue"):
        config._keys_of("tongue")
    assert config._keys_of("lang") == ["lang"] and config._keys_of("a.b") == ["a", "b"]


# --- streams -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "speaks"),
    [("utf-8", True), ("UTF8", True), ("latin-1", False), ("x-none", False)],
)
def test_an_output_speaks_every_letter_in_utf8_alone(encoding, speaks):
    class Stream:
        pass

    stream = Stream()
    stream.encoding = encoding
    assert streams.speaks_utf8(stream) is speaks
    assert not streams.speaks_utf8(None)


class Broken(io.RawIOBase):
    """Takes some writes, and then no more."""

    def __init__(self, good):
        self.good = good

    def write(self, data):
        if not self.good:
            raise BrokenPipeError(32, "Broken pipe")
        self.good -= 1
        return len(data)


def test_an_output_that_is_gone_says_so_once_and_then_swallows():
    marked = streams._Marked(Broken(1))
    assert marked.write(b"abc") == 3
    with pytest.raises(streams.OutputGone) as gone:
        marked.write(b"d")
    assert gone.value.error.errno == 32 and not isinstance(gone.value, OSError)
    assert marked.write(b"abcd") == 4
    assert streams.BROKEN_PIPE == 128 + 13


def test_text_that_a_locale_hid_is_found_and_the_name_of_a_file_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hidden = "tè".encode().decode("ascii", "surrogateescape")
    assert streams.readable([hidden, "plain"]) == ["tè", "plain"]
    no_text = b"\xff\xfe".decode("ascii", "surrogateescape")
    assert streams.readable([no_text]) == [no_text]
    if os.name == "posix":
        (tmp_path / "tè").write_text("x")
        assert streams.readable([hidden]) == [hidden]


@pytest.mark.parametrize(
    ("wanted", "only_parsed", "told"),
    [(True, False, True), (True, True, False), (False, False, False)],
)
def test_the_version_is_told_where_it_is_asked_for_and_no_shell_only_parses(
    capsys, wanted, only_parsed, told
):
    ended = []
    context = SimpleNamespace(resilient_parsing=only_parsed, exit=lambda: ended.append(1))
    package._print_version(context, None, wanted)
    assert bool(ended) is told is bool(capsys.readouterr().out)


@pytest.mark.parametrize("arguments", [None, ["about", "--lang", "it"]])
def test_without_arguments_those_of_the_program_are_meant_but_its_name(monkeypatch, arguments):
    seen = []

    def in_language(given):
        seen.append(given)
        raise click.Abort

    monkeypatch.setattr("sys.argv", ["notturno", "about", "--lang", "it"])
    monkeypatch.setattr(speech, "in_language", in_language)
    with pytest.raises(click.Abort):
        cli.main(arguments)
    assert seen == [["about", "--lang", "it"]]
