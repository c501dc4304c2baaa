"""What people give on the command line and more than one command reads: files, conventions.

Touches the files named there. Imports click alone at the start.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from notturno.errors import Phrase, UserError

if TYPE_CHECKING:
    from notturno.scoring.movements.lists import StageList


def needs_scipy() -> None:
    """Raise a UserError where the statistics part is not installed."""
    from importlib.util import find_spec

    if find_spec("scipy") is None:
        raise UserError("Statistics need scipy; install it: pip install scipy.")


def text_of(path: str) -> str:
    """Return a file's text as `files.list_text` reads it.

    Raises UserError where it cannot be read, is no text, damaged, or larger than any list.
    """
    from notturno.files import list_text

    text = list_text.read(path)
    if text is None:
        raise UserError("{path} is no text, or a damaged one; save it as CSV in UTF-8.", path=path)
    return text


def stages_of(path: str) -> StageList:
    """Return the `lists.StageList` of a hypnogram: CSV, EDF+, or what a laboratory wrote.

    Labels that name no stage are told on the error stream: they count as unscored.
    """
    from notturno.scoring.movements import lists

    if Path(path).suffix.lower() in (".edf", ".bdf"):
        from notturno.scoring.movements.edf_stages import read_edf_stages

        found = read_edf_stages(path)
    else:
        from notturno.labs import readers

        part = readers.alone(path, "stages")
        start = part.starts[0] if len(part.starts) == 1 else None
        why = None if start else Phrase("a plain list has no date")
        found = lists.StageList(part.stages or [], start, why, part.unknown)
    warning = found.warning(path)
    if warning:
        click.echo(warning, err=True)
    return found


def setting_of(text: str, whole: bool = False) -> tuple:
    """Return the name and the value of --set KEY=VALUE: a text, or a whole number.

    Raises UserError for anything else.
    """
    name, sign, value = text.partition("=")
    try:
        if sign:
            return name.strip(), int(value) if whole else value.strip()
    except ValueError:
        pass
    if whole:
        raise UserError(
            "--set {text}: write it as KEY=VALUE with a whole number as the value.", text=text
        )
    raise UserError("--set {text}: write it as KEY=VALUE.", text=text)
