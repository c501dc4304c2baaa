"""Real recordings that may be passed on; ATTRIBUTION.md says whose, and what they show."""

from pathlib import Path

FOLDER = Path(__file__).parent
ASLEEP = FOLDER / "asleep_wrist_30hz_240min.npz"
ASLEEP_FROM_S = 3720.0  # 21:02; the recording begins at 20:00


def paths() -> list[Path]:
    """Return the recordings' files, in order of name."""
    return sorted(FOLDER.glob("*.npz"))
