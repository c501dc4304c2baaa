"""A command as a person types it, in this process; and an export by it."""

import pytest
from click.testing import CliRunner
from notturno.cli import cli
from notturno.errors import UserError


def typed(*words, error=None):
    """Return what a command prints. error: it ends with that UserError, and None is returned.

    Raises the UserError with which it ends, where none is asked for.
    """
    done = CliRunner().invoke(cli, [str(word) for word in words])
    if error:
        with pytest.raises(UserError, match=error):
            raise done.exception
        return None
    if isinstance(done.exception, UserError):
        raise done.exception
    assert done.exit_code == 0, (done.exception, done.output)
    return done.output


def exported(folder, out, form, *options):
    """Export a data folder in a form, and return where to."""
    typed("export", "--format", form, "--out", out, *options, "--data-dir", folder)
    return out
