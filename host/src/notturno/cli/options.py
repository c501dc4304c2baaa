"""What commands take and open alike: options, files, dates, the stored night asked for.

Touches the logbook and the files named on the command line. Imports click alone at the start.
"""

from pathlib import Path

import click

from notturno.errors import UserError
from notturno.paths import data_dir

NOTHING_YET = "Nothing is stored yet: bring your band near and run  notturno sync"
HELP_NAMES = {"help_option_names": ["-h", "--help"]}
data_dir_option = click.option(
    "--data-dir",
    "folder",
    metavar="DIR",
    help="Folder of your data (also NOTTURNO_DATA_DIR; otherwise the platform's own).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


def check_date(text: str | None) -> str | None:
    """Return the ISO date or None; raises UserError for anything else."""
    from notturno.nights.calendar import parse_date

    if text is None:
        return None
    try:
        return parse_date(text)
    except ValueError:
        raise UserError(f"{text} is no date; write it as 2026-01-31.") from None


def open_for_reading(option):
    """Open the logbook (a Store) without making one where there is none."""
    from notturno.store import Store

    return Store.open(data_dir(option), create=False)


def which_night(store, night: str | None) -> str | None:
    """Return the key of the night asked for, or of the latest; None where nothing is stored.

    Raises UserError for a night that is not stored, and says which are near it.
    """
    stored = [row["night"] for row in store.nights()]
    if night is None:
        return stored[-1] if stored else None
    if night in stored:
        return night
    if not night.startswith("undated-"):
        check_date(night)
    known = f"the latest stored one is {stored[-1]}" if stored else "nothing is stored yet"
    raise UserError(f"The night {night} is not stored; {known} (see notturno nights).")


def last_nights(nights: list, last: int | None) -> list:
    """Return the rows of the last `last` different nights (all for None), whatever the band."""
    keys = list(dict.fromkeys(row["night"] for row in nights))
    kept = set(keys if last is None else keys[-last:])
    return [row for row in nights if row["night"] in kept]


def needs_scipy() -> None:
    """Raise a UserError where the statistics part is not installed."""
    from importlib.util import find_spec

    if find_spec("scipy") is None:
        raise UserError("Statistics need scipy; install it: pip install scipy.")


def text_of(path) -> str:
    """Return a file's text; raises UserError where it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text; save the list as CSV in UTF-8.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}); check the name.") from None


def stages_of(path):
    """Return the `lists.StageList` of a hypnogram file: CSV, or EDF+ or BDF+ by its suffix.

    Labels that name no stage are told on the error stream: they count as unscored.
    """
    from notturno.scoring.movements import lists

    if Path(path).suffix.lower() in (".edf", ".bdf"):
        from notturno.scoring.movements.edf_stages import read_edf_stages

        found = read_edf_stages(path)
    else:
        found = lists.read_stages(text_of(path), path)
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
    form = "KEY=VALUE" + (" with a whole number as the value" if whole else "")
    raise UserError(f"--set {text}: write it as {form}.")
