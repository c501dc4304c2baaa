"""Where this person's data lie. Touches the file system only to make the folder."""

import os
from pathlib import Path

from notturno.errors import UserError

ENVIRONMENT_VARIABLE = "NOTTURNO_DATA_DIR"


def data_dir(option: str | os.PathLike | None = None) -> Path:
    """Return the data folder, made if missing.

    `option` (a command's --data-dir) wins over the environment variable NOTTURNO_DATA_DIR, which
    wins over the platform's own folder. Raises UserError where the folder cannot be made or
    written to.
    """
    chosen = option or os.environ.get(ENVIRONMENT_VARIABLE)
    if not chosen:
        import platformdirs

        chosen = platformdirs.user_data_path("notturno", appauthor=False)
    folder = Path(chosen).expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The data folder {folder} cannot be made ({error.strerror}); "
            "choose another with --data-dir or NOTTURNO_DATA_DIR."
        ) from error
    if not os.access(folder, os.W_OK):
        raise UserError(
            f"The data folder {folder} cannot be written to; "
            "choose another with --data-dir or NOTTURNO_DATA_DIR."
        )
    return folder
