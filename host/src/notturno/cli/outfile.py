"""A file that a command makes, by the name the person gave it: asked, whole, or a plain word.

Touches the standard streams and that file. Its folder is there already: a name typed wrongly makes
none.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from notturno.cli.asking import agreed
from notturno.errors import UserError
from notturno.words import _


def may_write_over(path: Path, force: bool) -> bool:
    """Return whether a file that is there may go; asks where a person can answer.

    Raises UserError where a file is there and nobody says that it may go, and where it is none.
    """
    if force or not path.exists():
        return force
    if not path.is_file():
        raise UserError("{path} is no file; choose another with --out.", path=path)
    if sys.stdin.isatty() and sys.stderr.isatty():
        question = _("The file {path} is there already. Write over it?").format(path=path)
        if agreed(question, err=True):
            return True
    raise UserError(
        "The file {path} is there already; choose another with --out, or give --force.", path=path
    )


def put(path: Path, data: bytes | str, force: bool = False) -> None:
    """Write a file whole or not at all; what was there before stays where the disk is full.

    force: over one that is there; where a link is, over what it points at, and the link stays.
    Text is written as UTF-8. Raises UserError.
    """
    from notturno.files.written import whole_file

    meant = Path(os.path.realpath(path)) if force else path
    with whole_file(meant, force, make_folder=False) as stream:
        stream.write(data.encode() if isinstance(data, str) else data)
