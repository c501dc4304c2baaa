"""A command called as a person calls it, and the logbook that it opens."""

from contextlib import contextmanager

from click.testing import CliRunner
from notturno.errors import UserError


def said(command, *words, folder=None, **how):
    """Return what a command printed, and behind it an error of a person's as its sentence."""
    given = [*map(str, words), *(("--data-dir", str(folder)) if folder else ())]
    done = CliRunner().invoke(command, given, **how)
    if done.exception is None or isinstance(done.exception, SystemExit):
        return done.output
    assert isinstance(done.exception, UserError), repr(done.exception)
    return done.output + str(done.exception)


def opening(monkeypatch, module, store, *names):
    """Let a command open this store."""

    @contextmanager
    def opened(folder=None):
        yield store

    for name in names or ("open_for_reading", "open_for_writing"):
        monkeypatch.setattr(module, name, opened)
