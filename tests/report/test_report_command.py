"""`notturno report`: writes one file or none, and says in one sentence what is wrong."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pikepdf
import pypdf
import pytest
from click.testing import CliRunner
from notturno.cli import cli, report
from notturno.errors import UserError
from notturno.report import file, pdf
from notturno.words import speaking


def run(folder, *arguments, **more):
    """Return click's result of the command in a folder of nights."""
    with speaking("en"):  # --lang holds for the context that click runs in
        return CliRunner().invoke(
            cli, ["report", *map(str, arguments), "--data-dir", str(folder)], **more
        )


def text_of(path):
    return "\n".join(one.extract_text() for one in pypdf.PdfReader(path).pages)


def test_it_writes_two_pages_and_says_where(folders, tmp_path):
    out = tmp_path / "r.pdf"
    result = run(folders(3), "--out", out, "--name", "Anna Rossi")
    assert result.exit_code == 0, result.output
    assert str(out) in result.output and "Not a diagnosis" in result.output
    assert len(pypdf.PdfReader(out).pages) == 2
    assert "Anna Rossi" in text_of(out)
    assert [path.name for path in tmp_path.iterdir()] == ["r.pdf"]


def test_it_speaks_the_language_asked_for(folders, tmp_path):
    out = tmp_path / "r.pdf"
    assert run(folders(3), "--out", out, "--lang", "it").exit_code == 0
    assert "Non è una diagnosi" in text_of(out)


def test_the_json_is_what_is_attached_whatever_the_language(folders, tmp_path):
    out = tmp_path / "r.pdf"
    for language in ("en", "it"):
        printed = run(folders(3), "--json", "--lang", language)
        assert printed.exit_code == 0, printed.output
        assert run(folders(3), "--out", out, "--lang", language, "--force").exit_code == 0
        with pikepdf.open(out) as opened:
            attached = opened.attachments["report.json"].get_file().read_bytes()
        assert attached.decode() == printed.stdout
    assert json.loads(printed.stdout)["schema"] == "report-1"


def test_json_alone_writes_no_file(folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(folders(3), "--json").exit_code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_as_it_is(folders, tmp_path):
    out = tmp_path / "r.pdf"
    out.write_text("mine")
    result = run(folders(3), "--out", out)
    assert isinstance(result.exception, UserError)
    assert "--force" in str(result.exception)
    assert out.read_text() == "mine"
    assert run(folders(3), "--out", out, "--force").exit_code == 0
    assert out.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize("yes", [True, False])
def test_a_person_at_a_terminal_is_asked(tmp_path, monkeypatch, yes):
    out = tmp_path / "r.pdf"
    assert report._may_overwrite(out, force=False) is False
    out.write_text("mine")
    asked = []
    for stream in ("stdin", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)
    monkeypatch.setattr(report, "agreed", lambda text, **more: asked.append(text) or yes)
    if yes:
        assert report._may_overwrite(out, force=False) is True
    else:
        with pytest.raises(UserError):
            report._may_overwrite(out, force=False)
    assert str(out) in asked[0]
    assert report._may_overwrite(out, force=True) is True
    assert len(asked) == 1


def test_somebody_who_makes_the_file_meanwhile_keeps_it(tmp_path):
    out = tmp_path / "r.pdf"
    out.write_text("theirs")
    with pytest.raises(UserError, match="is there already"):
        file.write(out, b"%PDF", overwrite=False)
    assert out.read_text() == "theirs"
    assert [path.name for path in tmp_path.iterdir()] == ["r.pdf"]


def test_a_disk_that_takes_no_more_leaves_no_part(tmp_path, monkeypatch):
    out = tmp_path / "r.pdf"

    def full(self, data):
        with open(self, "wb") as part:
            part.write(data[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UserError, match="No space left on device"):
        file.write(out, b"%PDF-1.7", overwrite=False)
    assert list(tmp_path.iterdir()) == []
    out.write_text("mine")
    with pytest.raises(UserError):
        file.write(out, b"%PDF-1.7", overwrite=True)
    assert out.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["r.pdf"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "r.txt"], "no .pdf file"),
        (["--from", "2026-02-30"], "is no date"),
        (["--from", "2026-02-01", "--to", "2026-01-01"], "before it begins"),
        (["--anonymous", "--name", "Anna"], "contradict"),
        (["--band", "nobody"], "no band"),
        (["--out", "/nowhere/at/all/r.pdf"], "cannot be written"),
    ],
)
def test_what_is_wrong_is_one_sentence(folders, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    result = run(folders(3), *arguments)
    assert isinstance(result.exception, UserError), result.output
    assert words in str(result.exception)
    assert list(tmp_path.iterdir()) == []


def test_no_pages_are_made_of_no_night(folders, tmp_path):
    for place, arguments in ((folders(3), ["--from", "2030-01-01"]), (tmp_path / "none", [])):
        out = tmp_path / "r.pdf"
        refused = run(place, "--out", out, "--force", *arguments)
        assert isinstance(refused.exception, UserError) and not out.exists()
        found = json.loads(run(place, "--json", *arguments).stdout)
        assert found["nights"]["nights"] == []


def test_the_last_nights_alone_can_be_asked_for(folders):
    found = json.loads(run(folders(30), "--json", "--last", "4").stdout)
    assert [row["night"] for row in found["nights"]["nights"]] == [
        f"2026-02-{day:02}" for day in (7, 8, 9, 10)
    ]


def test_an_anonymous_file_hides_the_name_given_with_the_person(folders, tmp_path):
    out = tmp_path / "r.pdf"
    assert run(folders(3), "--out", out, "--anonymous").exit_code == 0
    text = text_of(out)
    of_the_bench = re.compile(r"\d, \d{1,2} \w{3} \d{4}\.")  # detector and day of its figures
    assert len(of_the_bench.findall(text)) == 1
    assert "calf-left" not in text and "2026" not in of_the_bench.sub("", text)
    with pikepdf.open(out) as opened:
        found = json.loads(opened.attachments["report.json"].get_file().read_bytes())
    assert found["anonymous"] is True and found["who"]["code"] in text


def test_a_password_is_asked_for_twice_and_never_printed(folders, tmp_path):
    out = tmp_path / "r.pdf"
    result = run(folders(3), "--out", out, "--password", input="però\npero\nperò\nperò\n")
    assert result.exit_code == 0, result.output
    assert "no PDF/A" in result.output and "però" not in result.output
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(out)
    assert pikepdf.open(out, password="però")


def test_an_empty_password_is_none(folders, tmp_path):
    result = run(folders(3), "--out", tmp_path / "r.pdf", "--password", input="\n")
    assert result.exit_code != 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "call"),
    [
        ("typst", lambda: pdf.set_pages({})),
        ("pikepdf", lambda: pdf.encrypted(b"", "x")),
    ],
)
def test_a_missing_part_is_a_sentence_that_says_what_to_install(monkeypatch, module, call):
    real = pdf.find_spec
    monkeypatch.setattr(pdf, "find_spec", lambda name: None if name == module else real(name))
    with pytest.raises(UserError, match=r"pip install 'notturno\[report\]'"):
        call()


def test_help_needs_neither_typst_nor_numbers():
    code = (
        "import sys; from notturno.cli import report; "
        "print([m for m in ('typst', 'numpy', 'scipy', 'babel', 'sqlite3') if m in sys.modules])"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert ran.stdout.strip() == "[]", ran.stderr


def test_reading_for_a_report_changes_nothing(folders, tmp_path):
    folder = folders(3)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert run(folder, "--out", tmp_path / "r.pdf").exit_code == 0
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_second_report_is_the_same_file(folders, tmp_path):
    made = []
    for name in ("a.pdf", "b.pdf"):
        assert run(folders(3), "--out", tmp_path / name).exit_code == 0
        made.append((tmp_path / name).read_bytes())
    assert made[0] == made[1]
    assert len(pypdf.PdfReader(io.BytesIO(made[0])).pages) == 2
