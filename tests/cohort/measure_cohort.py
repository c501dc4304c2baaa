"""How much a cohort costs, as ratios in one run. Made-up people; their nights are no one's.

    python tests/cohort/measure_cohort.py [PEOPLE NIGHTS]  # 500 146: 73 000 nights, 20 M events

Processor time is told beside the time on the wall, which others on the machine lengthen. Prints
the counts of a person's night by our query against one written by hand, and the whole command by
DuckDB and by Dask with two processes, with the most memory that all of them held at once.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import psutil
import pyarrow

sys.path.append(str(Path(__file__).resolve().parent))
import made_people as made
from notturno.cohort import engines, queries

ROUNDS = 7
KEY = "00" * 32


def make(folder: Path, people: int, nights: int) -> Path:
    """Write people with about 260 events a night, as exports; and all of them as one table."""
    rng = np.random.default_rng(1)
    with duckdb.connect() as db:
        for number in range(people):
            own, device, rows = np.log(24) + rng.normal(0, 0.7), f"{number:016x}", []
            for day in range(nights):
                jerks = int(rng.poisson(7 * np.exp(own + rng.normal(0, 0.4) - 0.3)))
                rows.append(made.night(day, device, jerks))
            place = made.person(folder / "people" / f"p{number:05d}", rows[:0])
            made.write(place, "nights", rows)
            made.write(place, "hours", made.hours(rows))
            columns = ("night", "device_id", "jerks", "lms")
            found = {name: [row[name] for row in rows] for name in columns}
            db.register("nights", pyarrow.table(found))
            db.sql(
                "copy (select night, device_id, case when e < jerks then 'jerk' else 'lm' end as"
                " kind, true as counts, null::varchar as left_out, e * 60.0 as onset_s, 1.0 as"
                " duration_s from nights, range(20000) t(e) where e < jerks + lms order by all)"
                f" to '{place}/events.parquet' (compression zstd)"
            )
        (folder / "lab").mkdir()
        db.sql(
            "copy (select parse_path(filename)[-2] as person, night, onset_s, duration_s,"
            f" 'L' as side from read_parquet('{folder}/people/*/events.parquet', filename = true)"
            f" order by all) to '{folder}/lab/events.parquet' (compression zstd)"
        )
    return folder


def counted(folder: Path) -> None:
    """Print what counting costs, by hand and by the query."""
    table = str(folder / "lab" / "events.parquet")
    paths = sorted(str(path) for path in folder.glob("people/*/events.parquet"))
    of_lab = queries.Share("lab", "events", {table: ""})
    of_bands = queries.Share("band", "events", {path: Path(path).parent.name for path in paths})
    by_hand = {
        "one table": f"select person, night, count(*) as n from '{table}' group by all",
        "exports": "select filename, night, device_id, count(*) filter (where kind = 'jerk') as j,"
        " count(*) filter (where kind = 'lm') as l from read_parquet($files, filename = true)"
        " where counts group by all",
    }
    print("events:", duckdb.sql(f"select count(*) from '{table}'").fetchall()[0][0])
    for name, share in (("one table", of_lab), ("exports", of_bands)):
        params = {"files": paths} if name == "exports" else {}

        def hand(text=by_hand[name], params=params):
            with duckdb.connect() as db:
                db.sql(text, params=params).to_arrow_table()

        def ours(share=share):
            engines.Here().ask([share], "counts")

        took = {"hand": [], "ours": []}
        for _ in range(ROUNDS):
            for who, asked in (("hand", hand), ("ours", ours)):
                cpu, wall = time.process_time(), time.perf_counter()
                asked()
                took[who].append((time.process_time() - cpu, time.perf_counter() - wall))
        for place, kind in enumerate(("processor", "wall")):
            least, middle = (
                {who: of(one[place] for one in took[who]) for who in took}
                for of in (min, statistics.median)
            )
            print(
                f"{name}, {kind}: by hand {least['hand']:.2f} s, ours {least['ours']:.2f} s, "
                f"ratio {least['ours'] / least['hand']:.2f} "
                f"(of medians {middle['ours'] / middle['hand']:.2f})"
            )


def whole(folder: Path) -> None:
    """Print what the command costs, with all its processes, by both engines."""
    (folder / "key").write_text(KEY)
    (folder / "key").chmod(0o600)
    told = []
    for engine in ("duckdb", "dask"):
        line = [sys.executable, "-m", "notturno", "cohort", str(folder / "people"), "--json"]
        line += ["--key", str(folder / "key"), "--engine", engine, "--workers", "2"]
        begun = time.perf_counter()
        process = psutil.Popen(line, stdout=subprocess.PIPE)
        most, cpu_s = 0, {}
        with open(folder / engine, "wb") as out:
            import threading

            reader = threading.Thread(target=lambda p=process, o=out: o.write(p.stdout.read()))
            reader.start()
            while process.poll() is None:
                held = 0
                try:
                    for one in (process, *process.children(recursive=True)):
                        held += one.memory_info().rss
                        cpu_s[one.pid] = sum(one.cpu_times()[:2])
                except psutil.Error:
                    pass
                most = max(most, held)
                time.sleep(0.05)
            reader.join()
        print(
            f"whole, {engine}: wall {time.perf_counter() - begun:.1f} s, processor "
            f"{sum(cpu_s.values()):.1f} s, most memory {most / 1e6:.0f} MB"
        )
        told.append((folder / engine).read_bytes())
    print("equal:", told[0] == told[1], "bytes:", len(told[0]))


if __name__ == "__main__":
    people, nights = (int(text) for text in sys.argv[1:3]) if len(sys.argv) > 2 else (500, 146)
    with tempfile.TemporaryDirectory() as place:
        made_here = make(Path(place), people, nights)
        counted(made_here)
        whole(made_here)
