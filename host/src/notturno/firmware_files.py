"""Where the firmware's files are: in the wheel that was installed, or in the checkout.

Touches file names. What lies there is the same in both: setup.py copies the folder as it is.
"""

from pathlib import Path

from notturno.errors import UserError

HERE = Path(__file__).resolve().parent
PLACES = (HERE / "firmware", HERE.parents[2] / "firmware")  # the wheel's, the checkout's
STAGE_0 = ("main.py", "slots.py")  # lie in the band's root, as sources; all else in a slot
NOT_FOR_A_BAND = {"__pycache__"}


def folder() -> Path:
    """Return the folder of the firmware; raises UserError where there is none."""
    for place in PLACES:
        if (place / "main.py").is_file():
            return place
    raise UserError(
        "The firmware's files are not at {places}; install notturno anew: pip "
        "install --force-reinstall notturno.",
        places=PLACES[0],
    )


def sources(root: Path | None = None) -> dict[str, Path]:
    """Return the Python files of a firmware: name below `root` -> path, in the order of names."""
    root = folder() if root is None else Path(root)
    return {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*.py"))
        if not NOT_FOR_A_BAND & set(path.relative_to(root).parts)
    }
