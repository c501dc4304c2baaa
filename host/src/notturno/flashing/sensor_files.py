"""What a sensor wants on its band beside the program: a BMI270's configuration.

Touches the package `bmi270` (PyPI, the extra of that name) by its files, and a band through its
prompt. The 8192 bytes are Bosch Sensortec's (BMI270_SensorAPI, BSD-3-Clause); they are in that
package and not in notturno. They lie in the band's root, where no update takes them away.
"""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from notturno.errors import UserError
from notturno.flashing.package import sha256
from notturno.flashing.sending import put_in_place

if TYPE_CHECKING:
    from notturno.flashing.line import Line

PACKAGE, FILE, NAME = "bmi270", "config_file.py", "bmi270_config_file"
ON_BAND = "/bmi270.bin"  # as the firmware's drivers/bmi270.py looks for it
SHA256 = "2d75e68e343a13ff99be98261dfbd99d9e8c6f267da9e3c5aeb883276ad178db"


def configuration() -> bytes | None:
    """Return a BMI270's configuration; None where the package is not installed.

    Raises UserError where the package has another one than the driver was written for.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None:
        return None
    for folder in spec.submodule_search_locations or ():
        path = Path(folder) / FILE
        if path.is_file():
            data = _listed(path.read_text(encoding="utf-8"))
            if data is not None and sha256(data) == SHA256:
                return data
    raise UserError(
        "The installed package bmi270 has not the configuration that this notturno knows; install "
        "another: pip install 'bmi270==0.4.3'."
    )


def _listed(text: str) -> bytes | None:
    """Return the bytes that a module's text lists, without running it; None: it has none."""
    try:
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == NAME:
                return bytes(ast.literal_eval(node.value))
    except (SyntaxError, ValueError, TypeError):
        pass
    return None


def put(line: Line) -> bool:
    """Put what is installed onto the band at `line`, where it is not there; return whether.

    Who has installed the extra has such a sensor; on another band the file lies unused. Raises
    UserError, BandError.
    """
    data = configuration()
    if data is None or line.ask(f"say(sha({ON_BAND!r}))") == SHA256:
        return False
    put_in_place(line, ON_BAND, data)
    return True
