"""Which commit this program is of, and the versions of what it reads, writes and finds.

Reads one file of the package; in a checkout it runs git. Imports nothing of the house.
"""

import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = HERE / "COMMIT"  # setup.py writes it, by `commit`, into a wheel and a source package
CHECKOUT = HERE.parents[2]
CHANGED = "+"  # behind a commit: files differed from it


def commit() -> str:
    """Return the commit (40 hex letters), "+" behind it where files differ; "" where unknown.

    A package unpacked inside somebody else's repository is of none of that one's commits.
    """
    if KEPT.is_file():
        return KEPT.read_text(encoding="ascii").strip()
    if not (CHECKOUT / ".git").exists():
        return ""
    told = ["git", "-C", str(CHECKOUT), "describe", "--always", "--abbrev=40"]
    told += [f"--dirty={CHANGED}", "--exclude=*"]  # the commit, whatever tags are near
    try:
        done = subprocess.run(told, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def version_line() -> str:
    """Return what `notturno --version` prints: program, commit, detector, wire, log."""
    from notturno_core import protocol, segments, wire

    from notturno import __version__

    at = commit()
    if at:
        changed = " and changes" if at.endswith(CHANGED) else ""
        at = f"commit {at.removesuffix(CHANGED)[:12]}{changed}"
    parts = (
        at or "commit unknown",
        f"detector {segments.DETECTOR_VERSION}",
        f"protocol {protocol.VERSION}",
        f"log {wire.LOG_VERSION}",
    )
    return f"notturno, version {__version__} ({', '.join(parts)})"
