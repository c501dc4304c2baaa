"""Real recordings that may be passed on; ATTRIBUTION.md says whose, and what they show."""

from pathlib import Path

FOLDER = Path(__file__).parent


def paths() -> list[Path]:
    """Return the recordings' files, in order of name."""
    return sorted(FOLDER.glob("*.npz"))
