"""The commands in another language: what people read is looked up, what programs read is not.

The pseudo-language of the first tests writes every letter of a text of ours as a Greek one, so
that a Latin word in the output is a text that nothing looked up, or a value.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import COMMANDS, cli
from notturno.store import Store
from notturno.words import catalogue, saying
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
# Values that are no texts of ours, in the nights below and in what click writes.
VALUES = set("Europe Rome mg Hz UTC notturno TOML CSV JSON json svg html min ms mV kB".split())
VALUES |= set("before gen clonazepam caffeine flu wasm aasm van hees LM ARG NAME ln".split())
# Names of commands below the first, and of values that are typed.
NAMES = set("notturno detector forget name remove install uninstall status unset bash".split())
NAMES |= set("fish password file list".split())
FIELD = re.compile(r"(\{[^{}]*\})")
WORD = re.compile(r"[A-Za-z]{2,}")


class Greek:
    """A catalogue that knows every text: its letters are all beta."""

    def __init__(self, texts):
        self._catalog = {text: self._told(text) for text in texts}

    @staticmethod
    def _told(text):
        parts = FIELD.split(text)
        return "".join(p if p[:1] == "{" else re.sub("[A-Za-z]", "β", p) for p in parts)

    def gettext(self, text):
        return self._catalog.get(text, text)

    def ngettext(self, one, many, number):
        return self.gettext(one if number == 1 else many)


@pytest.fixture(scope="module")
def all_in_greek():
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "host" / "tools"))
    import words_found

    found = words_found.texts()
    return Greek([*found, *(plural for plural, _files in found.values() if plural)])


@pytest.fixture
def greek(monkeypatch, all_in_greek):
    for module in (catalogue, saying):
        monkeypatch.setattr(module, "translations", lambda name: all_in_greek)
    for cache in (saying._recognised, saying._patterns):
        cache.cache_clear()
    yield
    for cache in (saying._recognised, saying._patterns):
        cache.cache_clear()


@pytest.fixture
def folder(tmp_path):
    pen = Pen()
    pen.time(1000, EVENING)
    for day in range(4):
        events = [(10.0 + i, {"peak_mg": 50 + i}) for i in range(day + 1)]
        events.append((40.0, {"kind": wire.EVENT_RHYTHM, "rhythm_mhz": 1500, "beats": 9}))
        events.append((50.0, {"kind": wire.EVENT_LM, "flags": wire.FLAG_SMALL}))
        pen.night(2000 + day * 86_400_000, 90, events)
    pen.time(2000 + 4 * 86_400_000, EVENING + 1000 + 4 * 86_400_000)
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
        store.add_tag("flu", "2026-01-13", "2026-01-14")
    run("edit", "2026-01-12", "--exclude", "flu", "--data-dir", tmp_path)
    run(
        "diary", "add", "--night", "2026-01-13", *"--what caffeine".split(), "--data-dir", tmp_path
    )
    return tmp_path


def run(*arguments):
    result = CliRunner().invoke(cli, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.output


READS = (
    "nights",
    "nights --measure log_imi_mean",
    "show",
    "show 2026-01-12",
    "stats",
    "stats --by tag",
    "stats --night 2026-01-13",
    "compare before flu",
    "bands",
    "diary list",
    "diary stats",
    "edit --list",
    "edit 2026-01-12 --list",
    "tag --list",
    "label",
)


def latin(text, folder):
    """Return the words of a text that are written in Latin letters and are no known value."""
    text = text.replace(str(folder), "").replace(DEVICE, "")
    return sorted(set(WORD.findall(text)) - VALUES)


@pytest.mark.parametrize("line", READS)
def test_nothing_that_a_command_says_stays_as_it_was(line, folder, greek):
    said = run("--lang", "it", *line.split(), "--data-dir", folder)
    assert "β" in said
    assert latin(said, folder) == []


@pytest.mark.parametrize("name", ["night.svg", "night.html"])
def test_nothing_that_a_picture_says_stays_as_it_was(name, folder, greek):
    out = folder / name
    run("--lang", "it", "chart", "--out", out, "--data-dir", folder)
    text = re.sub(r"<style.*?</style>|<defs.*?</defs>", " ", out.read_text("utf-8"), flags=re.S)
    said = " ".join(re.findall(r">([^<]+)<", text))
    assert "β" in said
    assert latin(said, folder) == []


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_every_command_is_looked_up(name, greek):
    said = run("--lang", "it", name, "--help")
    said = re.sub(r"(?m)^ *β+: notturno.*$|--?[a-z][a-z-]*|\[[^]]*\]|\{[^}]*\}", " ", said)
    left = {word for word in WORD.findall(said) if word.islower() and len(word) > 3}
    assert left - NAMES - set(COMMANDS) == set()


@pytest.mark.parametrize("line", [one for one in READS if one != "edit --list"])
def test_what_programs_read_is_the_same_in_every_language(line, folder):
    english = run("--lang", "en", *line.split(), "--json", "--data-dir", folder)
    assert run("--lang", "it", *line.split(), "--json", "--data-dir", folder) == english
    json.loads(english)
    assert run("--lang", "it", *line.split(), "--data-dir", folder) != run(
        *line.split(), "--data-dir", folder
    )


def test_what_is_stored_is_english_whoever_stores_it(tmp_path, folder):
    with Store.open(folder) as store:
        english = store.nights()
    other = tmp_path / "other"
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 90, [(10.0, {})])
    run("--lang", "it", "edit", "2026-01-12", "--include", "--data-dir", folder)
    run("--lang", "it", "edit", "2026-01-12", "--exclude", "flu", "--data-dir", folder)
    with Store.open(folder) as store:
        assert store.nights()[0]["refusal"] == english[0]["refusal"]
        assert store.nights()[0]["refusal"]["refused"] == "Left out by the person: flu."
    assert not other.exists()


def terminal(*arguments, **environment):
    code = "from notturno.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env={"PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1", **environment},
    )


def test_the_language_is_the_systems_where_nobody_says_one(tmp_path):
    italian = {"LANG": "it_IT.UTF-8", "NOTTURNO_CONFIG": str(tmp_path / "none")}
    done = terminal("nights", "--data-dir", tmp_path, **italian)
    assert done.stdout.startswith("Nulla è ancora conservato")
    done = terminal("nights", "--data-dir", tmp_path, **italian, NOTTURNO_LANG="en")
    assert done.stdout.startswith("Nothing is stored yet")
    done = terminal("nights", "--lang", "en", "--data-dir", tmp_path, **italian)
    assert done.stdout.startswith("Nothing is stored yet")


def test_errors_are_said_in_it_clicks_own_too(tmp_path):
    told = {
        ("show", "2026-13-01"): "notturno: 2026-13-01 non è una data; scrivila come 2026-01-31.",
        ("nigts",): "Errore: Il comando 'nigts' non esiste. Intendevi nights?",
        ("nights", "--last", "x"): "Errore: Valore non valido per '--last'",
        ("compare", "a"): "Errore: Manca l'argomento 'PHASE'.",
        ("nights", "--since"): "Errore: L'opzione '--since' richiede un argomento.",
    }
    for arguments, sentence in told.items():
        done = terminal(*arguments, LANG="it_IT", NOTTURNO_DATA_DIR=str(tmp_path))
        assert sentence in done.stderr, arguments
        assert done.returncode in (1, 2)


def test_what_the_band_and_the_system_say_is_known_too():
    from notturno.flashing import plain
    from notturno.words import said, speaking
    from notturno_core import limits

    wrong = [
        limits.problem(name, object(), plain.detector_names)
        for name in limits.NAMES
        if name != limits.DETECTOR
    ]
    wrong += [limits.problem(limits.DETECTOR, 3, plain.detector_names)]
    wrong += [limits.problem(limits.DETECTOR, {"nobody": 3}, plain.detector_names)]
    wrong += ["No such file or directory", "what was written does not come back"]
    assert len(wrong) > 10
    with speaking("it"):
        assert [one for one in wrong if said(one) == one] == []
