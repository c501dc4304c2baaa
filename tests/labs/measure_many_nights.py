"""How long many nights take: 73 000 nights of 100 movements and 960 epochs, both rules.

    python tests/labs/measure_many_nights.py [NIGHTS] [JOBS] [FOLDER]

Prints seconds by the clock and of the processors, the peak of memory of all processes together,
and the ratio to the plain scorer on rows that lie ready, measured in the same run on one process.
By the clock it needs a machine that does nothing else; the ratio holds on a busy one. No test runs
this.
"""

import os
import resource
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

A_PERSON = 146
LABELS = ("W", "N1", "N2", "N3", "R")


def write(folder, nights):
    """Write movements.parquet and stages.parquet, a thousand nights a row group."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(1)
    persons = pyarrow.array([f"p{i:04d}" for i in range(nights // A_PERSON + 1)])
    names = pyarrow.array([f"n{i:03d}" for i in range(A_PERSON)])
    writers = {}

    def put(name, first, after, each, columns):
        of_night = np.repeat(np.arange(first, after), each)
        keys = {
            key: pyarrow.DictionaryArray.from_arrays(pyarrow.array(codes.astype(np.int32)), texts)
            for key, codes, texts in (
                ("person", of_night // A_PERSON, persons),
                ("night", of_night % A_PERSON, names),
            )
        }
        table = pyarrow.table({**keys, **columns})
        if name not in writers:
            writers[name] = parquet.ParquetWriter(folder / f"{name}.parquet", table.schema)
        writers[name].write_table(table)

    for first in range(0, nights, 1000):
        after = min(nights, first + 1000)
        n = after - first
        steps = rng.choice([12, 20, 25, 30, 40, 60, 120, 400, 600], (n, 100))
        onset = (steps + rng.random((n, 100))).cumsum(1).round(3).ravel()
        put(
            "movements",
            first,
            after,
            100,
            {
                "onset_s": onset,
                "duration_s": (0.3 + 5 * rng.random(100 * n)).round(3),
                "side": pyarrow.DictionaryArray.from_arrays(
                    pyarrow.array(rng.integers(0, 2, 100 * n, dtype=np.int8)), ["L", "R"]
                ),
            },
        )
        stages = np.repeat(rng.choice(5, (n, 80), p=(0.15, 0.1, 0.45, 0.15, 0.15)), 12, axis=1)
        put(
            "stages",
            first,
            after,
            960,
            {
                "onset_s": np.tile(30.0 * np.arange(960), n),
                "stage": pyarrow.DictionaryArray.from_arrays(
                    pyarrow.array(stages.ravel().astype(np.int8)), LABELS
                ),
            },
        )
    for writer in writers.values():
        writer.close()


def plain_ms(folder, nights=300):
    """Processor time of the plain scorer a night, rows and stages lying ready (ms)."""
    from notturno.labs import longform, longnights, longtables
    from notturno.scoring.movements.legs import Row
    from notturno.scoring.movements.score import score_night

    paths = [folder / f"{name}.parquet" for name in ("movements", "stages")]
    plan = longform.plan_of([longtables.table_of(p, p.name) for p in paths], folder / "scratch")
    ready = []
    for night in longnights.nights_of(plan, 0, min(nights, len(plan.nights)))[0]:
        ends = [t for t, _ in night.stages[1:]]
        epochs = [
            (at, name)
            for (start, name), end in zip(night.stages, ends, strict=False)
            for at in range(start, end, 30_000_000)
        ]
        ready.append(([Row(*row) for row in night.rows], epochs))
    start = time.process_time()
    for rows, epochs in ready:
        score_night(rows, "both", epochs)
    return (time.process_time() - start) / len(ready) * 1e3


class Peak(threading.Thread):
    """The most memory that this process and its children held at once (MB, Linux)."""

    def __init__(self):
        super().__init__(daemon=True)
        self.most_mb, self.over = 0.0, False

    def run(self):
        while not self.over:
            held = 0
            children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
            for pid in ("self", *children):
                try:
                    said = Path(f"/proc/{pid}/smaps_rollup").read_text()
                except OSError:
                    continue
                held += int(said.partition("Pss:")[2].split()[0])
            self.most_mb = max(self.most_mb, held / 1024)
            time.sleep(0.2)


def main():
    from notturno.labs import run

    nights = int(sys.argv[1]) if len(sys.argv) > 1 else 73_000
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    folder = Path(sys.argv[3] if len(sys.argv) > 3 else "/tmp/many_nights")
    source = folder / f"in{nights}"
    if not source.is_dir():
        write(source, nights)
    peak = Peak()
    peak.start()
    start = time.monotonic()
    done = run.score([source], folder / "out", count=jobs, force=True)
    took_s = time.monotonic() - start
    peak.over = True
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu_s = sum(each.ru_utime + each.ru_stime for each in used)
    plain = plain_ms(source)
    print(f"{done.rows} with {jobs} jobs; load {os.getloadavg()[0]:.1f}")
    print(f"by the clock {took_s:.1f} s; processors {cpu_s:.1f} s, {cpu_s / jobs:.1f} s each")
    print(f"{1e3 * cpu_s / nights:.3f} ms a night from the files to the tables, processor time")
    print(f"{plain:.3f} ms a night by the plain scorer on ready rows, processor time")
    print(f"ratio {1e3 * cpu_s / nights / plain:.2f}; peak {peak.most_mb:.0f} MB of all processes")


if __name__ == "__main__":
    main()
