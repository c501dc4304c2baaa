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
