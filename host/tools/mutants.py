"""Change the source by one line at a time and see whether a test of its room goes red.

Run from the checkout:
    mutants.py                   what changed since the last tag, 42 changes at most
    mutants.py --all --most 0    all that the source allows (days); --room scoring: of a room
    mutants.py --all --by-lines  drawn over all lines alike, and not one of each room in turn
    mutants.py --kept            those that once survived, and are held by a test since

Touches copies of the checkout in a temporary folder, never the checkout. What survives and stands
in tests/house/survivors.toml is explained there; any other survivor ends the run with 1.
Neither mutmut (which changes what stands inside functions, by exchanging them at run time: a
constant of a module or a file that runs in the band's MicroPython stays as it was) nor cosmic-ray
(one test command for all rooms, numbers off by one) asks what is asked here.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path
from queue import Queue

from mutations import Mutation, mutations
from rooms_and_tests import in_their_order, room_of, tests_of

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("firmware", "host/src/notturno")
SURVIVORS = ROOT / "tests" / "house" / "survivors.toml"
KEPT = ROOT / "tests" / "house" / "killed.toml"
NODE_MODULES = "host/src/notturno/virtualband/vm/node_modules"
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", ".*_cache")
MOST = 42
CPU_S, HANG_S = 900, 3600  # of one run of a room's tests; longer is an endless loop, or a wait


def sources() -> list[str]:
    """Return the source files that may be changed, as paths from the checkout."""
    paths = [path for top in SOURCES for path in (ROOT / top).rglob("*.py")]
    return sorted(p.relative_to(ROOT).as_posix() for p in paths if "node_modules" not in p.parts)


def all_of(file: str) -> list[Mutation]:
    """Return every change of a source file."""
    return mutations(file, (ROOT / file).read_text(encoding="utf-8"))


def changed_since(base: str) -> dict[str, set[int]]:
    """Return {file: numbers of its lines that are new since a commit}, of the working tree."""
    words = ["git", "diff", "-U0", base, "--", *SOURCES]
    diff = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found: dict[str, set[int]] = {}
    for line in diff.splitlines():
        if line.startswith("+++ b/"):
            file = line.removeprefix("+++ b/")
        elif line.startswith("@@"):
            first, _, count = line.split()[2].removeprefix("+").partition(",")
            found.setdefault(file, set()).update(range(int(first), int(first) + int(count or 1)))
    return found


def last_tag() -> str:
    """Return the last tag, or the twentieth commit before this one where there is none."""
    words = ["git", "describe", "--tags", "--abbrev=0", "HEAD^"]
    found = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "HEAD~20"


def spread(found: list[Mutation], most: int, seed: str) -> list[Mutation]:
    """Return at most `most` changes (0: all): in turn one of each room, the same for one seed."""

    def drawn(one: Mutation) -> str:
        return hashlib.sha256(f"{seed}{one.key()}".encode()).hexdigest()

    rooms: dict[str, list[Mutation]] = {}
    for one in sorted(found, key=drawn):
        rooms.setdefault(room_of(one.file), []).append(one)
    in_turn = [one for row in zip_longest(*rooms.values()) for one in row if one]
    return in_turn[:most] if most else in_turn


def by_lines(found: list[Mutation], most: int, seed: str) -> list[Mutation]:
    """Return `most` changes: of a file as often as it has lines, the same for one seed."""
    chance, drawn = random.Random(seed), {}
    files: dict[str, list[Mutation]] = {}
    for one in found:
        files.setdefault(one.file, []).append(one)
    names = sorted(files)
    lines = [len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in names]
    while len(drawn) < min(most or len(found), len(found)):
        one = chance.choice(files[chance.choices(names, lines)[0]])
        drawn.setdefault(one.key(), one)
    return list(drawn.values())


def kept(path: Path) -> dict[tuple[str, str, str], str]:
    """Return {key of a change: what a file says of it} of survivors.toml or killed.toml."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["change"]
    return {(row["file"], row["line"], row["becomes"]): row.get("why", "") for row in rows}


def of_keys(keys) -> list[Mutation]:
    """Return the changes of those keys. Raises SystemExit where the source reads otherwise."""
    files = {file for file, _, _ in keys}
    every = {one.key(): one for file in sorted(files) for one in all_of(file)}
    gone = [" | ".join(key) for key in keys if key not in every]
    if gone:
        raise SystemExit("the source no longer reads so:\n" + "\n".join(gone))
    return [every[key] for key in keys]


class Workplace:
    """A copy of the checkout in which one change at a time is made and its room's tests run."""

    def __init__(self, folder: Path):
        self._root = folder / "checkout"
        shutil.copytree(ROOT, self._root, ignore=LEFT_OUT)
        (self._root / NODE_MODULES).symlink_to((ROOT / NODE_MODULES).resolve())
        self._path = f"{self._root / 'host/src'}{os.pathsep}{self._root / 'firmware/lib'}"
        self._greens: set[str] = set()

    def is_green(self, tests: tuple[str, ...]) -> bool:
        """Run tests without a change, once each: else nothing that follows means anything."""
        new = [one for one in tests if one not in self._greens]
        self._greens.update(new)
        return not new or self._run(tuple(new)) == ""

    def killed_by(self, one: Mutation, tests: tuple[str, ...]) -> str:
        """Return the first test that goes red with a change made; "" where none does."""
        path = self._root / one.file
        text = path.read_text(encoding="utf-8")
        path.write_text(one.applied(text), encoding="utf-8")
        try:
            return self._run(in_their_order(one.file, tests, self._root))
        finally:
            path.write_text(text, encoding="utf-8")

    def _run(self, tests: tuple[str, ...]) -> str:
        for test in filter(None, tests):
            words = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=no"]
            words += ["-p", "no:cacheprovider", "-p", "no:randomly", *test.split()]
            env = os.environ | {"PYTHONPATH": self._path, "NOTTURNO_LONGEST_LAST": "1"}
            try:
                done = subprocess.run(
                    words,
                    cwd=self._root,
                    env=env,
                    capture_output=True,
                    text=True,
                    timeout=HANG_S,
                    preexec_fn=_as_in_front,
                )
            except subprocess.TimeoutExpired:
                return f"{test}: never ends"
            if done.returncode == 5:
                continue  # nothing in it can run here
            if done.returncode:
                red = [x for x in done.stdout.splitlines() if x.startswith(("FAILED", "ERROR"))]
                return (red or [f"{test}: ended with {done.returncode}"])[0][:160]
        return ""


def _as_in_front() -> None:
    """Bound a test's CPU time, and let it be interrupted: a shell's background is not.

    A test that presses Ctrl-C would go red there whatever was changed.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(chosen: list[Mutation], jobs: int, trusted: bool, told) -> list[tuple[Mutation, str]]:
    """Return (change, what killed it or "") of each, in the order in which they ended."""
    with tempfile.TemporaryDirectory(prefix="notturno-mutants-") as folder:
        places: Queue[Workplace] = Queue()
        for number in range(jobs):
            places.put(Workplace(Path(folder) / str(number)))
        done: list[tuple[Mutation, str]] = []

        def work(one: Mutation) -> None:
            place, tests = places.get(), tests_of(one.file)
            try:
                if not trusted and not place.is_green(tests):
                    raise SystemExit(f"red without a change: {' '.join(tests)}")
                done.append((one, place.killed_by(one, tests)))
                told(len(done), *done[-1])
            finally:
                places.put(place)

        with ThreadPoolExecutor(jobs) as pool:
            for _ in pool.map(work, chosen):
                pass
    return done


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--since", help="a commit; what is new since then (the last tag)")
    parser.add_argument("--all", action="store_true", help="the whole source")
    parser.add_argument("--kept", action="store_true", help="those of tests/house/killed.toml")
    parser.add_argument("--room", help="only files whose path contains this")
    parser.add_argument("--most", type=int, default=MOST, help="at most so many; 0: no limit")
    parser.add_argument("--seed", default="", help="which are drawn, where there are more")
    parser.add_argument("--by-lines", action="store_true", help="drawn over all lines alike")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--trusted", action="store_true", help="the tests are known to be green")
    parser.add_argument("--out", type=Path, help="a file for one JSON line a change")
    asked = parser.parse_args()
    if asked.kept:
        chosen = of_keys(kept(KEPT))
    else:
        new = None if asked.all else changed_since(asked.since or last_tag())
        chosen = [
            one
            for file in sources()
            if new is None or file in new
            for one in all_of(file)
            if new is None or one.number in new[file]
        ]
    chosen = [one for one in chosen if (asked.room or "") in one.file]
    chosen = (by_lines if asked.by_lines else spread)(chosen, asked.most, asked.seed)
    explained = kept(SURVIVORS)

    def told(count: int, one: Mutation, killer: str) -> None:
        fate = "killed" if killer else "known " if one.key() in explained else "ALIVE "
        words = f"{one.file}:{one.number} [{one.kind}] {one.before.strip()} -> {one.after.strip()}"
        print(f"{count:4}/{len(chosen)} {fate} {words}", flush=True)
        if asked.out:
            row = {"file": one.file, "kind": one.kind, "line": one.before.strip()}
            row |= {"becomes": one.after.strip(), "killed_by": killer, "number": one.number}
            with asked.out.open("a", encoding="utf-8") as out:
                print(json.dumps(row), file=out)

    done = run(chosen, asked.jobs, asked.trusted, told)
    alive = [one for one, killer in done if not killer]
    unexplained = [one for one in alive if one.key() not in explained]
    print(f"{len(done) - len(alive)} of {len(done)} killed, {len(unexplained)} unexplained")
    raise SystemExit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
