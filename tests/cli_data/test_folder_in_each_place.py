"""The folder of every command is the one said, at whichever word of the command it is said."""

import pytest
from click.testing import CliRunner
from notturno.cli import cli
from notturno.keys import KeyRing
from notturno.paths import ENVIRONMENT_VARIABLE
from notturno.store import Store

NIGHT = "2026-01-12"
# Each command that reads or writes a folder, with as few words as it takes.
TYPED = (
    f"export {NIGHT} --format json --out y.json",
    "backup x.notturno",
    f"forget {NIGHT} --yes",
    "nights",
    f"show {NIGHT}",
    "chart --out x.svg",
    "stats",
    "compare a b",
    "tag",
    f"tag a {NIGHT}",
    "bands",
    "bands forget a --yes",
    "bands name a b",
    "bands key list",
    "bands key show a",
    "bands key beacon a",
    "bands key add abc",
    "bands key renew --port x",
    "bands set a odr_hz=104",
    "bands set odr_hz=104 --radio",
    f"edit {NIGHT} --zone Europe/Rome",
    "report --out x.pdf",
    "diary",
    "diary list",
    "diary add --what tea",
    "diary import x.csv",
    "diary remove 1",
    "diary stats",
    f"label {NIGHT} 1 --as me",
    "label",
    f"stimuli x.csv {NIGHT}",
)


class Seen(Exception):
    """The folder that a command is about to look into."""


@pytest.fixture
def home(tmp_path, monkeypatch):
    def seen(*arguments, **_):
        raise Seen(next(one for one in arguments if isinstance(one, (str, type(tmp_path)))))

    for name in ("home", "there"):
        (tmp_path / name).mkdir()
    (tmp_path / "x.csv").write_text("night,what\n2026-01-12,tea\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(Store, "open", seen)
    monkeypatch.setattr(KeyRing, "__init__", seen)
    return tmp_path


def looked_into(words):
    done = CliRunner().invoke(cli, words)
    assert isinstance(done.exception, Seen), (words, done.output, done.exception)
    return str(done.exception.args[0])


@pytest.mark.parametrize("typed", TYPED)
def test_a_folder_is_taken_before_the_command_behind_its_group_and_at_its_end(home, typed):
    words = typed.split()
    assert looked_into(words) == str(home / "home")
    named = [k for k in range(1, len(words) + 1) if words[k - 1] in GROUPS or k == len(words)]
    for at in (0, *named):
        said = [*words[:at], "--data-dir", str(home / "there"), *words[at:]]
        assert looked_into(said) == str(home / "there"), said


GROUPS = {"bands", "diary"}  # which take a folder themselves


@pytest.mark.parametrize("typed", [typed for typed in TYPED if typed.split()[0] in GROUPS])
def test_of_two_folders_the_one_nearer_to_the_end_is_meant(home, typed):
    words = typed.split()
    said = [words[0], "--data-dir", str(home / "home"), *words[1:]]
    assert looked_into([*said, "--data-dir", str(home / "there")]) == str(home / "there")
