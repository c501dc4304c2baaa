"""Writes a report to its file, whole or not at all. Touches the folder of that file."""

import contextlib
import os
from pathlib import Path

from notturno.errors import UserError


def write(path: Path, data: bytes, overwrite: bool) -> None:
    """Write a file; without `overwrite` one that is there stays as it is.

    What cannot be written leaves neither a part nor an empty file. Raises UserError.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    made_here = False
    try:
        if not overwrite:
            with path.open("xb"):  # whoever is first has the name
                made_here = True
        beside.write_bytes(data)
        beside.replace(path)
    except FileExistsError:
        raise UserError(
            "The file {path} is there already; give --force to write over it, or another name "
            "with --out.",
            path=path,
        ) from None
    except OSError as error:
        for left in (beside, path) if made_here else (beside,):
            with contextlib.suppress(OSError):
                left.unlink()
        raise UserError(
            "The file {path} cannot be written ({why_said}); choose another with --out.",
            path=path,
            why_said=error.strerror or str(error),
        ) from error
