"""A run of 10 000 nights killed half way and gone on with; 1, 2 and 8 jobs and other orders.

    python tests/labs/measure_resumption.py [NIGHTS] [FOLDER]

Prints whether all results are the same bytes, and that no night is there twice or missing.
No test runs this; `test_score_many.py` does the same with few nights.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from measure_many_nights import A_PERSON, write

FILES = ("nights.parquet", "events.parquet", "qc.csv", "settings.json")
RUN = "import sys; from notturno.labs import run; run.score(sys.argv[2:-1], sys.argv[1], count=2)"
MAIN = "if __name__ == '__main__':\n    "


def command(folder, out, *paths):
    code = folder / "go.py"
    code.write_text(f"{MAIN}{RUN}\n".replace("; ", "\n    "))
    return [sys.executable, str(code), str(out), *map(str, paths), "end"]


def main():
    from notturno.labs import run
    from pyarrow import parquet

    nights = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "/tmp/resumption")
    shutil.rmtree(folder, ignore_errors=True)
    source = folder / "in"
    write(source, nights)
    killed = folder / "killed"
    process = subprocess.Popen(command(folder, killed, source), start_new_session=True)
    half = nights // run.NIGHTS_A_BATCH // 2

    def pieces():
        at = killed / ".pieces"
        return [p for p in at.iterdir() if p.name[0] != "."] if at.is_dir() else []

    while process.poll() is None and len(pieces()) < half:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)  # the parent alone: its processes must end by themselves
    process.wait()
    time.sleep(1.0)
    left = subprocess.run(
        ["pgrep", "-r", "R,S,D,T", "-g", str(process.pid)], capture_output=True, text=True
    )
    before = len(pieces())
    done = run.score([source], killed, count=2)
    print(
        f"killed with {before} of {done.batches} parts; taken up {done.resumed}; "
        f"processes left behind: {len(left.stdout.split())}"
    )
    found = parquet.read_table(killed / "nights.parquet", columns=["person", "night"]).to_pylist()
    wanted = [(f"p{i // A_PERSON:04d}", f"n{i % A_PERSON:03d}") for i in range(nights)]
    names = [(row["person"], row["night"]) for row in found]
    print(f"{len(names)} nights, {len(set(names))} different, missing {len({*wanted} - {*names})}")
    files = sorted(source.iterdir())
    for name, paths, jobs in (
        ("1 job", [source], 1),
        ("8 jobs", [source], 8),
        ("files in another order, 2 jobs", files[::-1], 2),
    ):
        out = folder / name.replace(" ", "_")
        run.score(paths, out, count=jobs)
        same = all((out / f).read_bytes() == (killed / f).read_bytes() for f in FILES)
        print(f"{name}: {'the same bytes' if same else 'DIFFERENT'}")


if __name__ == "__main__":
    main()
