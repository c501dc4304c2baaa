"""Which columns of one file of a long table are ours, by their names and by its folders. Pure."""

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from notturno.errors import UserError

KEYS = ("person", "night")
MOVEMENTS = ("onset_s", "duration_s", "side")
STAGES = ("onset_s", "stage")
OPTIONAL = ("kind", "morphology")


class Table(NamedTuple):
    """One file. name: what it is called in tables; columns: {our name: its name in the file};
    fixed: {person or night: its one value}, as folders say; delimiter: of a CSV, else empty."""

    path: str
    name: str
    stages: bool
    columns: dict
    fixed: dict = {}
    delimiter: str = ""


def of_columns(path: Path, name: str, names: list[str]) -> Table:
    """Return the Table of a file with these columns. Raises UserError where they are others."""
    found = {each.strip().lower(): each for each in reversed(names)}
    found |= {each: each for each in names if each in (*KEYS, *MOVEMENTS, *STAGES, *OPTIONAL)}
    fixed = {key: value for key, value in _partitions(path).items() if key not in found}
    for stages, wanted in ((False, MOVEMENTS), (True, STAGES)):
        if all(name in found or name in fixed for name in (*KEYS, *wanted)):
            ours = (*KEYS, *wanted, *(() if stages else OPTIONAL))
            columns = {n: found[n] for n in ours if n in found}
            return Table(str(path), name, stages, columns, fixed)
    raise UserError(
        "{path} has neither the columns {movements} nor {stages}; rename its columns.",
        path=name,
        movements=", ".join((*KEYS, *MOVEMENTS)),
        stages=", ".join((*KEYS, *STAGES)),
    )


def _partitions(path: Path) -> dict[str, str]:
    """Return what the folders above a file say of its rows: person=7/night=2."""
    pairs = (part.partition("=") for part in Path(os.path.abspath(path)).parts[:-1])
    return {key.lower(): unquote(value) for key, sign, value in pairs if sign and value
            and key.lower() in KEYS}  # fmt: skip
