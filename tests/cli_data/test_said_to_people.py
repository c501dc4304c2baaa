"""What a person meets in a month of mornings: empty folders, wrong choices, answers, two bands."""

import re
import shutil
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from click.testing import CliRunner
from notturno.cli import asking, cli, part_words
from notturno.errors import UserError
from notturno.files import backup
from notturno.store import Store
from notturno.store.diary import checked
from notturno.words import asked, said, speaking

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen

Said = namedtuple("Said", "exit_code output")
SOURCE = Path(__file__).resolve().parents[2] / "host" / "src" / "notturno"
RIGHT = b"VB\0\0\0\0\0\2".hex()
EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
DAY_MS = 86_400_000
PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def life(tmp_path_factory):
    """Two bands, three evenings; the last with a nap of each. Simulated."""
    folder = tmp_path_factory.mktemp("life")
    with Store.open(folder) as store:
        for number, device in enumerate((DEVICE, RIGHT)):
            pen = Pen()
            pen.time(1000, EVENING)
            for day in range(3):
                pen.night(2000 + day * DAY_MS, 90, [(10.0 + i, {}) for i in range(6)])
            pen.night(2000 + 2 * DAY_MS + 15 * 3_600_000, 40, [(9.0, {})])
            sync = store.begin_sync(device, LOG_ID + number, "Europe/Rome", "0.1.0")
            store.add(sync, pen.frames)
        store.name_band(DEVICE, "calf-left", limb="calf", side="L")
        store.name_band(RIGHT, "calf-right", limb="calf", side="R")
        store.add_diary(checked("2026-01-12", "caffeine", "2", "cups", "15:30"))
        store.edit("2026-01-13", None, {"bed": "22:40", "wake": "06:55"})
    return folder


def run(folder, *arguments, **how):
    """Return the exit code and what was said, an error as the command line says it."""
    given = [*map(str, arguments), "--data-dir", str(folder)]
    result = CliRunner().invoke(cli, given, **how)
    output = result.output
    if isinstance(result.exception, UserError):
        with speaking(asked(given)):
            output += f"notturno: {said(result.exception)}\n"
    else:
        assert result.exception is None or isinstance(result.exception, SystemExit)
    return Said(result.exit_code, output)


def test_no_error_is_an_f_string():
    """An f-string in an error is no template: nothing can look it up."""
    found = []
    for path in SOURCE.rglob("*.py"):
        if "shims" not in path.parts and "node_modules" not in path.parts:
            text = path.read_text(encoding="utf-8")
            found += re.findall(r"(?:UserError|Phrase|Refusal)\(\s*r?f[\"'].*", text)
    assert found == []


NOTHING = {"en": "Nothing is stored yet: bring your band", "it": "Nulla è ancora conservato: avv"}
THERE = {
    "en": "No night is stored there; the stored ones go from 2026-01-12 to 2026-01-14.",
    "it": "quelle conservate vanno dal 2026-01-12 al 2026-01-14.",
}


@pytest.mark.parametrize("lang", ["en", "it"])
@pytest.mark.parametrize(
    "line", ["nights", "show", "stats", "chart", "report", "export --format csv"]
)
def test_an_empty_folder_says_what_to_do_first(line, lang, tmp_path):
    given = f"--lang {lang} {line}".split()
    if line.split()[0] in ("chart", "report", "export"):
        given += ["--out", str(tmp_path / ("x.html" if line == "chart" else "x.pdf"))]
    result = run(tmp_path / "none", *given)
    told = result.output.removeprefix("notturno: ")
    assert told.startswith(NOTHING[lang])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["en", "it"])
@pytest.mark.parametrize(
    "line", ["chart --out x.html", "report --out x.pdf", "export --format csv"]
)
def test_a_time_without_nights_says_which_there_are(line, lang, life, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(life, "--lang", lang, *line.split(), "--since", "2026-02-01")
    assert result.exit_code == 1 and THERE[lang] in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_chart_takes_the_nights_that_other_commands_take(life, tmp_path):
    out = tmp_path / "x.html"
    result = run(life, "chart", "--until", "2026-01-13", "--out", out, "--json")
    assert '"night": "2026-01-13"' in result.output and '"nights": 2' in result.output


@pytest.mark.parametrize(("lang", "told"), [("en", "lies before"), ("it", "viene prima di")])
def test_dates_the_wrong_way_round_are_said_in_every_language(lang, told, life):
    swapped = ("--since", "2026-01-14", "--until", "2026-01-12")
    result = run(life, "--lang", lang, "nights", *swapped)
    assert result.exit_code == 1 and told in result.output


def test_a_nap_says_of_which_band_it_is(life):
    told = [line for line in run(life, "nights").output.splitlines() if line.startswith("nap ")]
    assert len(told) == 2
    assert "calf-left: 13:30, 0.7 h, 1 jerk " in told[0] and "calf-right: 13:30" in told[1]


def test_bands_are_called_by_their_names(life):
    edits = run(life, "--lang", "it", "edit", "--list").output
    diary = run(life, "diary", "stats").output
    assert "calf-left" in edits and DEVICE not in edits and "a letto 22:40, sveglia 06:55" in edits
    assert "band calf-right, single jerks" in diary and RIGHT not in diary


def test_labels_are_told_of_what_bears_one(life, tmp_path):
    mine = tmp_path / "mine"
    shutil.copytree(life, mine)
    told = run(mine, "label", "2026-01-12", "1", "--as", "me").output.splitlines()
    table = told[: told.index("(1) Labelled events: 1, too few for a share; it needs 10.")]
    assert table[0].endswith("95 % interval")
    assert [line.split("  ")[0] for line in table[1:]] == ["all", "jerk", "jerks of 60 to 200 mg"]


@pytest.mark.parametrize(
    ("lang", "typed", "answer", "shown"),
    [
        ("en", "y\n", True, "[y/N]"),
        ("en", "\n", False, "[y/N]"),
        ("en", "s\nNO\n", False, "Answer y or n."),
        ("it", "s\n", True, "[s/N]"),
        ("it", "Sì\n", True, "[s/N]"),
        ("it", "boh\nn\n", False, "Rispondi s o n."),
    ],
)
def test_yes_is_said_in_the_persons_language(lang, typed, answer, shown):
    import click

    @click.command()
    def asks():
        with speaking(lang):
            click.echo(f"<{asking.agreed('Go on?')}>")

    result = CliRunner().invoke(asks, input=typed)
    assert f"<{answer}>" in result.output and shown in result.output


def test_no_ends_what_would_delete():
    import click

    @click.command()
    def asks():
        asking.agreed("Delete?", abort=True)

    assert CliRunner().invoke(asks, input="n\n").exit_code == 1
    assert CliRunner().invoke(asks, input="y\n").exit_code == 0


def test_parts_are_nouns_and_nothing_is_left_out():
    assert part_words.parts_text({"records": 1, "tags": 2, "edits": 0, "other": 3}) == (
        "1 record, 2 tags of nights, other 3"
    )
    with speaking("it"):
        assert part_words.parts_text({"records": 1, "edits": 2}) == "1 record, 2 correzioni"


def test_what_a_drill_held_is_said_in_italian(life, tmp_path):
    file, secret = tmp_path / "b.zip", tmp_path / "secret"
    secret.write_text(PASSPHRASE)
    run(life, "backup", file, "--passphrase-file", secret)
    told = run(
        tmp_path / "none", "--lang", "it", "backup", "--verify", file, "--passphrase-file", secret
    )
    for part in (backup.WHOLE, backup.COUNTS, backup.HASHES, backup.HASHES_AFTER, backup.NIGHTS):
        with speaking("it"):
            assert said(part) != part and f"ok  {said(part)}" in told.output
    taken = run(life, "import", file)
    assert taken.exit_code == 1 and "notturno restore b.zip" in taken.output


def test_what_was_left_out_of_a_file_is_said_in_italian(life, tmp_path):
    file = tmp_path / "sleep.csv"
    file.write_text("bed,wake\n2026-01-12 23:00,2026-01-12 22:00\n")
    told = run(life, "--lang", "it", "import", file, "--dry-run").output
    assert "escluso: riga 2: finisce prima di iniziare" in told
    assert "sleep.csv è un elenco delle ore di sonno." in told


def test_a_file_that_is_not_there_says_what_to_check(life, tmp_path):
    for line in ("import x.csv", "restore x.zip", "backup --verify x.zip"):
        result = run(tmp_path / "none", *line.split())
        assert result.exit_code == 1 and result.output.rstrip().endswith("; check the name."), line


def test_the_states_of_the_doctor_stand_in_a_column(life):
    told = run(life, "--lang", "it", "doctor", "--timeout", "0.1").output.splitlines()
    states = ("ok", "da vedere", "non va")
    lines = [line for line in told if line.startswith(states)]
    assert len(lines) > 5
    ends = {next(len(s) for s in states if line.startswith(s)) for line in lines}
    assert len(ends) > 1
    assert {len(line) - len(line[9:].lstrip()) for line in lines} == {11}
