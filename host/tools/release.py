"""Say what stands between this checkout and a release; where nothing does, the commands for it.

Run from the checkout: release.py. Reads files and git; changes nothing and sets no tag. Ends with
1 where something stands in the way. What the tests say is not looked at: CONTRIBUTING.md, Release.
"""

import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NUMBER = r'"(\d+\.\d+\.\d+)"'
# File -> how it says the version.
SAID = {
    "host/src/notturno/__init__.py": rf"__version__ = {NUMBER}",
    "firmware/config.py": rf"FIRMWARE_VERSION = {NUMBER}",
}
DATED = r"^## {version} \(\d{{4}}-\d\d-\d\d\)$"


def version_of(root: Path) -> str:
    """Return the version that the package says."""
    text = (root / "host" / "pyproject.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["project"]["version"]


def in_the_way(root: Path, version: str, changed: list[str], tags: list[str]) -> list[str]:
    """Return one sentence for each thing that is not ready, none where all is.

    changed: files that git has not in a commit. tags: those that there are.
    """
    found = []
    for name, pattern in SAID.items():
        said = re.search(pattern, (root / name).read_text(encoding="utf-8"))
        if said is None or said[1] != version:
            is_there = said[1] if said else "no version"
            found.append(f"{name} says {is_there}, host/pyproject.toml {version}.")
    changes = (root / ".github" / "CHANGELOG.md").read_text(encoding="utf-8")
    if not re.search(DATED.format(version=re.escape(version)), changes, re.MULTILINE):
        found.append(f"CHANGELOG.md has no heading  ## {version} (YEAR-MONTH-DAY).")
    waiting = changes.partition("## Unreleased\n")[2].partition("\n## ")[0].strip()
    if waiting:
        found.append(f"CHANGELOG.md has Unreleased lines: they are {version}'s, or of the next.")
    if f"v{version}" in tags:
        found.append(f"The tag v{version} is there: raise the version.")
    if changed:
        found.append(f"Not in a commit: {', '.join(changed[:5])}.")
    return found


def commands(version: str) -> list[str]:
    """Return the commands of a release, in their order."""
    return [
        "make lint test-whole try-dist",
        f'git tag -a v{version} -m "notturno {version}"',
        "make dist sbom",
        f"git push origin v{version}",
    ]


def told(*words: str) -> list[str]:
    """Return the lines that git says."""
    done = subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def main() -> None:
    version = version_of(ROOT)
    changed = [line[3:] for line in told("status", "--porcelain")]
    found = in_the_way(ROOT, version, changed, told("tag"))
    if found:
        raise SystemExit("\n".join([f"{version} is not ready:", *found]))
    print("\n".join([f"{version} is ready; what is left to do:", *commands(version)]))


if __name__ == "__main__":
    main()
