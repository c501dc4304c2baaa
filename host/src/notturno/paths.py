"""Where a person's data lie. Touches the file system only to make the folder for writing."""

import os
from pathlib import Path

from notturno.errors import UserError

ENVIRONMENT_VARIABLE = "NOTTURNO_DATA_DIR"
DEMO, PEOPLE = "demo", "people"
MAX_NAME = 60
NOT_IN_A_NAME = set('/\\:*?"<>|')  # what some file system takes for a path or a pattern


def data_dir(
    option: str | os.PathLike | None = None,
    person: str | None = None,
    demo: bool = False,
    create: bool = True,
) -> Path:
    """Return the data folder, made if missing; without `create` (for reading) nothing is made.

    `option` (a command's --data-dir) wins over the environment variable NOTTURNO_DATA_DIR, which
    wins over the platform's own folder. `person` lies in people/NAME of it, the demo in its folder
    demo. Raises UserError for options that contradict, a name that is none, and where the folder
    cannot be made or written to.
    """
    if demo and (option or person):
        other = "--data-dir" if option else "--person"
        raise UserError(
            "The demo has a folder of its own; give --demo or {other}, not both.", other=other
        )
    chosen = option or os.environ.get(ENVIRONMENT_VARIABLE)
    if not chosen:
        import platformdirs

        chosen = platformdirs.user_data_path("notturno", appauthor=False)
    folder = Path(chosen).expanduser()
    if demo:
        folder /= DEMO
    if person is not None:
        folder = folder / PEOPLE / person_name(person)
    if create:
        _make(folder)
    return folder


def person_name(name: str) -> str:
    """Return a person's name as the name of a folder; raises UserError for one that cannot be."""
    name = name.strip()
    if (
        not name
        or len(name.encode(errors="replace")) > MAX_NAME
        or not name.isprintable()
        or name.startswith(".")
        or name.endswith(".")
        or NOT_IN_A_NAME & set(name)
    ):
        raise UserError(
            "{name!r} is no name for a person's folder; use letters, figures "
            "and dashes, for example --person anna.",
            name=name,
        )
    return name


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            "The data folder {folder} cannot be made ({why_said}); choose "
            "another with --data-dir or NOTTURNO_DATA_DIR.",
            folder=folder,
            why_said=error.strerror,
        ) from error
    if not os.access(folder, os.W_OK):
        raise UserError(
            "The data folder {folder} cannot be written to; choose another "
            "with --data-dir or NOTTURNO_DATA_DIR.",
            folder=folder,
        )
