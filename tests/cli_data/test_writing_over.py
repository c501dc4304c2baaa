"""A file that is there is written over only where somebody says so, and somebody can be asked."""

import sys
from types import SimpleNamespace

import pytest
from notturno.cli import outfile
from notturno.errors import UserError

TERMINAL, PIPE = SimpleNamespace(isatty=lambda: True), SimpleNamespace(isatty=lambda: False)


@pytest.fixture
def ask(monkeypatch):
    """Return (ask(path, force), the questions that were asked); `answer` is what is said."""
    questions = []

    def agreed(question, **_):
        questions.append(str(question))
        return ask.answer

    monkeypatch.setattr(outfile, "agreed", agreed)
    ask = SimpleNamespace(ask=outfile.may_write_over, questions=questions, answer=True)
    return ask


@pytest.mark.parametrize(
    ("there", "force", "in_", "err", "answer", "asked", "allowed"),
    [
        (False, False, PIPE, PIPE, False, 0, True),
        (True, True, PIPE, PIPE, False, 0, True),
        (True, False, TERMINAL, TERMINAL, True, 1, True),
        (True, False, TERMINAL, TERMINAL, False, 1, False),
        (True, False, PIPE, TERMINAL, True, 0, False),
        (True, False, TERMINAL, PIPE, True, 0, False),
    ],
)
def test_a_file_is_written_over_where_both_ends_are_a_terminal_and_the_answer_is_yes(
    ask, tmp_path, monkeypatch, there, force, in_, err, answer, asked, allowed
):
    path = tmp_path / "x.pdf"
    if there:
        path.write_text("dear")
    ask.answer = answer
    monkeypatch.setattr(sys, "stdin", in_)
    monkeypatch.setattr(sys, "stderr", err)
    if allowed:
        assert ask.ask(path, force) is (there or force)
    else:
        with pytest.raises(UserError, match="is there already"):
            ask.ask(path, force)
    assert len(ask.questions) == asked


def test_over_a_link_what_it_points_at_is_written_and_the_link_stays(tmp_path):
    real, link = tmp_path / "share" / "r.pdf", tmp_path / "r.pdf"
    real.parent.mkdir()
    real.write_text("old")
    link.symlink_to("share/r.pdf")
    outfile.put(link, b"new", force=True)
    assert link.is_symlink() and link.readlink().as_posix() == "share/r.pdf"
    assert real.read_bytes() == b"new"
    assert sorted(path.name for path in real.parent.iterdir()) == ["r.pdf"]


def test_a_link_that_nobody_said_to_write_over_is_there_already_even_to_nowhere(tmp_path):
    link = tmp_path / "r.pdf"
    link.symlink_to("gone.pdf")
    with pytest.raises(UserError, match="is there already"):
        outfile.put(link, b"new")
    outfile.put(link, "caf\u00e9", force=True)
    assert link.is_symlink() and (tmp_path / "gone.pdf").read_bytes() == b"caf\xc3\xa9"
