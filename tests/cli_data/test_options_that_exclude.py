"""Options that contradict each other, or say too little, are refused; each alone is taken."""

import pytest
from click.testing import CliRunner
from notturno.cli import cli
from notturno.errors import UserError
from notturno.keys import KeyRing
from notturno.paths import ENVIRONMENT_VARIABLE
from notturno.store import Store

N, M = "2026-01-12", "2026-01-13"
FROM, ALWAYS, LIMB, SIDE = "--from 2026-01-01", "--always", "--limb calf", "--side L"

# (what is typed, a part of what is said)
REFUSED = (
    (f"bands name a b {FROM} {ALWAYS} {LIMB}", "Give --from or --always, not both."),
    (f"bands name a b {FROM}", "add --limb or --side"),
    (f"bands name a b {ALWAYS}", "add --limb or --side"),
    ("bands key add abc --port x", "Give the key's text or --port, not both."),
    ("bands set a odr_hz=104 --port x --radio", "Give --port or --radio, not both."),
    ("bands set a odr_hz=104 --port x --virtual h:1", "Give --port or --radio, not both."),
    ("bands set a", "Say what to change"),
    ("bands set a b odr_hz=104", "b is no KEY=VALUE"),
    ("bands forget a --log 0000abcd --synced-since 2026-01-01", "not both"),
    ("bands forget a --log abc", "its 8 hex digits"),
    ("bands forget a --log 0000abcde", "its 8 hex digits"),
    ("bands forget a --synced-since soon", "soon is no time"),
    (f"edit {N}", "Say what to correct"),
    (f"edit {N} --undo --list", "Say what to correct"),
    (f"edit {N} --undo --include", "Say what to correct"),
    (f"edit {N} --include --exclude x", "Give --exclude or --include, not both."),
    (f"edit {N} --exclude", "requires an argument"),
    (f"edit {N} --exclude=_", "Say why the night is excluded"),
    (f"export {N} --format json --last 3", "Name one night, or choose nights"),
    (f"export {N} --format json --since {N}", "Name one night, or choose nights"),
    (f"export {N} --format json --until {N}", "Name one night, or choose nights"),
    ("export --format json --signals", "--signals goes with --format edf alone."),
    (f"forget {N} --everything", "Give NIGHT, --band or --everything."),
    ("forget --everything --band a", "Give NIGHT, --band or --everything."),
    ("forget", "Say what is to be forgotten"),
    (f"forget {N} --json", "--json asks nothing"),
    (f"label {N} 1", "Say what the events were"),
    (f"label {N} 1 --as me --remove", "Say what the events were"),
    (f"label {N} --as me", "Say which events"),
    (f"label {N} --remove", "Say which events"),
    ("report --name Anna --anonymous", "contradict"),
    ("report --out x.html", "x.html is no .pdf file"),
    (f"show {N} --kind jump", "no kind of event jump"),
    (f"show {N} --out x.svg", "say which with --event"),
    (f"show {N} --last 2", "One night is named, or one event, and several nights"),
    (f"show {N} --since {N}", "One night is named, or one event, and several nights"),
    (f"show {N} --until {N}", "One night is named, or one event, and several nights"),
    ("show --event 1 --last 2", "One night is named, or one event, and several nights"),
    (f"show --since {M} --until {N}", f"--until {N} lies before --since {M}"),
    ("show --since soon", "soon is no date"),
    ("tag --remove a b", "Give --remove NAME alone."),
    ("tag --remove a --list", "Give --remove NAME alone."),
    (f"tag --remove a --until {N}", "Give --remove NAME alone."),
    ("tag a --list", "Give --list alone."),
    (f"tag --until {N}", "Say which tag ends"),
    (f"tag a {N} {M} --until {M}", "Give LAST_NIGHT or --until, not both."),
    ("tag a", "Say which nights a names"),
)
# What is not refused: the folder is looked into.
TAKEN = (
    f"bands name a b {FROM} {LIMB}",
    f"bands name a b {ALWAYS} {SIDE}",
    f"bands name a b {FROM} {SIDE}",
    "bands key add abc",
    "bands forget a --log 0000abcd",
    "bands forget a --synced-since 2026-01-01",
    f"edit {N} --undo",
    "edit --list",
    f"edit {N} --include",
    f"edit {N} --exclude elsewhere",
    f"export {N} --format json --out y.json",
    f"export --format json --out y.json --since {N} --until {N}",
    f"forget {N} --json --yes",
    "forget --band a --yes",
    f"label {N} 1 --as me",
    f"label {N} 1 --remove",
    f"label {N}",
    "report --name Anna --out y.pdf",
    f"show {N} --kind jerk",
    f"show {N} --event 1 --out x.svg",
    f"show --since {N} --until {M}",
    "tag --remove a",
    "tag --list",
    f"tag a --until {N}",
    f"tag a {N} {M}",
)


class Seen(Exception):
    """A command is about to look into its folder."""


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    def seen(*_, **__):
        raise Seen

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path))
    monkeypatch.setattr(Store, "open", seen)
    monkeypatch.setattr(KeyRing, "__init__", seen)


def run(typed):
    words = [word.replace("=_", "=  ") for word in typed.split()]
    return CliRunner().invoke(cli, words)


@pytest.mark.parametrize(("typed", "said"), REFUSED)
def test_words_that_contradict_or_say_too_little_are_refused(typed, said):
    done = run(typed)
    if isinstance(done.exception, UserError):
        assert said in str(done.exception)
    else:
        assert done.exit_code == 2 and said in done.output, (done.output, done.exception)


@pytest.mark.parametrize("typed", TAKEN)
def test_each_of_them_alone_is_taken(typed):
    done = run(typed)
    assert isinstance(done.exception, Seen), (done.output, done.exception)
