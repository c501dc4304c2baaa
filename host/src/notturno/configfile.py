"""What a person set for good: one TOML file in the platform's place. Touches that file.

General keys stand first (`data-dir`, `person`, `lang`); a table named after a command holds
defaults of its options, by their names: `[report]`, `paper = "letter"`. What is given on the
command line stands above it, and so does the environment.
"""

import os
from pathlib import Path
from typing import Any

from notturno.errors import UserError

ENVIRONMENT_VARIABLE = "NOTTURNO_CONFIG"
FILE_NAME = "config.toml"
GENERAL = {
    "data-dir": "Folder of your data.",
    "person": "Whose nights are meant where no --person is given.",
    "lang": "Language, for example it.",
}


def config_path() -> Path:
    """Return where the file lies, be it there or not."""
    chosen = os.environ.get(ENVIRONMENT_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return platformdirs.user_config_path("notturno", appauthor=False) / FILE_NAME


def read() -> dict:
    """Return what the file says, empty where there is none; raises UserError for a damaged one."""
    path = config_path()
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UserError(
            "The settings in {path} cannot be read ({why_said}); check whose file it is.",
            path=path,
            why_said=error.strerror,
        ) from None
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(
            "The settings in {path} are no TOML ({why_said}); correct the file.",
            path=path,
            why_said=error,
        ) from None


def general(key: str) -> str | None:
    """Return a general setting as text, or None."""
    value = read().get(key)
    if value is not None and not isinstance(value, str):
        raise UserError(
            'In {path} {key} is no text; write {key} = "...".',
            path=config_path(),
            key=key,
        )
    return value or None


def write(keys: list[str], value: Any) -> Path:
    """Set a value (None: take it out) under keys, one inside the other; return the file's path.

    What else stands in the file stays as it is, comments too. Raises UserError where it cannot
    be written.
    """
    import tomlkit

    read()  # a damaged file is not written over
    path = config_path()
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    document = tomlkit.parse(text)
    table = document
    for key in keys[:-1]:
        if key not in table:
            table[key] = tomlkit.table()
        table = table[key]
    if value is None:
        table.pop(keys[-1], None)
    else:
        table[keys[-1]] = value
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + ".new")
        try:
            beside.write_text(tomlkit.dumps(document), encoding="utf-8")
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise UserError(
            "The settings cannot be written to {path} ({why_said}); set "
            "{environment_variable} to another place.",
            path=path,
            why_said=error.strerror,
            environment_variable=ENVIRONMENT_VARIABLE,
        ) from None
    return path
