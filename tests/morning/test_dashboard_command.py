"""The command `dashboard`: whose nights, which language, which address; what is missing."""

import pytest
from click.testing import CliRunner
from notturno.cli import cli, dashboard
from notturno.dashboard import serve
from notturno.errors import UserError


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs the command with a server that serves nothing."""
    served = []
    real = serve.check_host

    def stand_in(base, lang, **given):
        real(given["host"])
        served.append((base, lang, given))
        given["say"]("http://127.0.0.1:1/?token=x")

    monkeypatch.setattr(serve, "serve", stand_in)

    def running(*arguments):
        done = CliRunner().invoke(cli, ["dashboard", *map(str, arguments)])
        if isinstance(done.exception, UserError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return (*served[-1], done.output)

    return running


def test_it_prints_the_address_and_makes_nothing(run, tmp_path):
    folder = tmp_path / "none yet"
    base, lang, given, output = run("--data-dir", folder, "--no-browser")
    assert (base, lang) == (folder, "en")
    assert (given["host"], given["port"], given["browser"]) == ("127.0.0.1", 0, False)
    assert output == "http://127.0.0.1:1/?token=x\nCtrl-C ends it.\n"
    assert not folder.exists()


def test_a_person_is_opened_among_the_others(run, tmp_path):
    base, _, given, _ = run("--data-dir", tmp_path, "--person", "anna b")
    assert base == tmp_path and given["path"] == "/person/anna%20b/"
    assert run("--data-dir", tmp_path)[2]["path"] == "/"


def test_the_language_and_the_virtual_radio_are_handed_on(run, tmp_path):
    _, lang, given, _ = run("--data-dir", tmp_path, "--lang", "it", "--virtual", "127.0.0.1:9")
    assert lang == "it" and given["virtual"] == "127.0.0.1:9" and given["browser"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.2", "example.org"])
def test_no_other_address_can_be_given(run, tmp_path, host):
    with pytest.raises(UserError, match="on this machine alone"):
        run("--data-dir", tmp_path, "--host", host)


def test_a_missing_part_is_one_sentence(run, tmp_path, monkeypatch):
    monkeypatch.setattr(dashboard, "find_spec", lambda name: None if name == "uvicorn" else 1)
    with pytest.raises(UserError, match=r"needs uvicorn; install it: pip install 'notturno\[dash"):
        run("--data-dir", tmp_path)
