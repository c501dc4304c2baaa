"""A sync in a process of its own, and how it goes: so that a radio that hangs holds no page.

Touches processes: `notturno sync --json` of this very program, for one data folder at a time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from notturno.dashboard.say import _, n_
from notturno.store import FILE_NAME

if TYPE_CHECKING:
    from notturno.dashboard.asked import Asked

PROGRAM = "from notturno.cli import main; main()"
MOST_S = 1800.0
LAST_LINE = 400  # characters of what a sync says of its failure
IDLE, RUNNING, DONE, FAILED = "idle", "running", "done", "failed"


class Runner:
    """The syncs of one dashboard, by data folder. virtual: HOST:PORT of a virtual band's radio."""

    def __init__(
        self,
        virtual: str | None = None,
        program: tuple[str, ...] = (sys.executable, "-c", PROGRAM),
    ) -> None:
        self._more = [] if virtual is None else ["--virtual", virtual]
        self._program = list(program)
        self._lock = threading.Lock()
        self._jobs: dict = {}

    def begin(self, asked: Asked) -> None:
        """Start a sync into the folder of `asked`, where none is running there."""
        with self._lock:
            job = self._jobs.get(asked.folder)
            if job is not None and job.state == RUNNING:
                return
            job = self._jobs[asked.folder] = _Job(_records(asked))
        command = [*self._program, "sync", "--json", "--data-dir", str(asked.folder), *self._more]
        threading.Thread(target=job.run, args=(command,), daemon=True).start()

    def state(self, asked: Asked) -> dict:
        """Return `state` (IDLE, RUNNING, DONE, FAILED), `new_records` so far, and `words`."""
        job = self._jobs.get(asked.folder)
        if job is None:
            return {"state": IDLE, "new_records": 0, "words": ""}
        if job.state == RUNNING:
            job.new = max(job.new, _records(asked) - job.before)
        return {"state": job.state, "new_records": job.new, "words": job.words()}

    def stop(self) -> None:
        """End what is still running: what was stored stays stored."""
        for job in self._jobs.values():
            job.stop()


class _Job:
    """One sync."""

    def __init__(self, before: int) -> None:
        self.before = before
        self.new = 0
        self.state = RUNNING
        self._said = ""
        self._process = None

    def run(self, command: list[str]) -> None:
        try:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe
            )
            out, err = self._process.communicate(timeout=MOST_S)
            found = json.loads(out) if self._process.returncode == 0 else None
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            self.stop()
            out, err, found = b"", str(error).encode(), None
        if found is None:
            lines = err.decode(errors="replace").strip().splitlines() or [""]
            self._said = lines[-1].removeprefix("notturno: ")[:LAST_LINE]
            self.state = FAILED
            return
        self.new = found["new_records"]
        self._said = "  ".join(found["warnings"])
        self.state = DONE

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()  # nothing where it has ended

    def words(self) -> str:
        n = self.new
        if self.state == FAILED:
            return _("The sync failed: {why}").format(why=self._said)
        if self.state == RUNNING:
            if not n:
                return _("Looking for the band ...")
            return n_("Fetching: {n} new record", "Fetching: {n} new records", n).format(n=n)
        text = n_("Done: {n} new record.", "Done: {n} new records.", n).format(n=n)
        return f"{text} {self._said}".strip()


def _records(asked: Asked) -> int:
    if not (asked.folder / FILE_NAME).exists():
        return 0
    with asked.reading() as store:
        return store.count_records()
