"""What a night and a glance at it cost in a store of many nights: steps and plans of SQLite.

No clock is read. `python tests/one_truth/test_ten_years.py` measures ten years once, in seconds.
"""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno import store as of_store
from notturno.store import Store, door
from notturno_core import wire
from surfaces import ROME, printed
from whole import whole_or

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
DAY_MS = 86_400_000
NIGHTS_A_BOOT = 10  # so both ages that are compared lie at the end of a boot
RIGHT = b"VB\0\0\0\0\0\2".hex()
YOUNG, OLD = whole_or((50, 200), (30, 120))
LM = {"kind": wire.EVENT_LM, "duration_samples": 156}


def steps_count(age):
    """Say whether the night of this age, or one that lies near it, is a full one."""
    return any(0 <= wanted - age < 4 for wanted in (YOUNG, OLD))


def a_night(pen, number, minutes=40, movements=24):
    """Write the next night; return its frames."""
    pen.frames.clear()
    pen.boot_id, day = 1 + number // NIGHTS_A_BOOT, number % NIGHTS_A_BOOT
    pen.time(1000 + day * DAY_MS, EVENING + number * DAY_MS)
    apart = (minutes - 6) / movements
    events = [(5 + i * apart, LM if i % 2 else {}) for i in range(movements)]
    pen.night(2000 + day * DAY_MS, minutes, events)
    return list(pen.frames)


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """(folder of OLD nights of two named bands, {age: steps, in tens, of adding that night})."""
    folder = tmp_path_factory.mktemp("old")
    pens = {DEVICE: Pen(), RIGHT: Pen()}
    steps, waiting = {}, {device: [] for device in pens}
    with Store.open(folder) as store:
        store._db.execute("pragma synchronous = off")
        for number in range(OLD):
            # Between the ages that are compared the nights are as full of rows, but quickly made.
            full = number < 2 or steps_count(number + 1)
            size = {} if full else {"minutes": 12}
            worn = pens if full or number % 2 else [DEVICE]
            for device in worn:
                waiting[device] += a_night(pens[device], number, **size)
            if not (full or steps_count(number + 2) or number % 4 == 0):
                continue  # a sync brings some nights at once, where nothing is measured
            count = 0

            def step():
                nonlocal count
                count += 1

            if steps_count(number + 1):
                store._db.set_progress_handler(step, 10)
            for device, given in waiting.items():
                if given:
                    store.add(store.begin_sync(device, LOG_ID, ROME, "0.1.0"), given)
            waiting = {device: [] for device in pens}
            store._db.set_progress_handler(None, 0)
            if steps_count(number + 1):
                steps[number + 1] = count
            if number == 0:
                store.name_band(DEVICE, "left", side="L")
                store.name_band(RIGHT, "right", side="R")
    return folder, steps


def test_an_old_night_of_both_legs_costs_what_a_young_one_does(old):
    _, steps = old
    assert steps[YOUNG] > 1000  # the measure measures
    assert steps[OLD] <= 1.2 * steps[YOUNG]


@pytest.fixture
def plans(old, monkeypatch):
    """Return a function: run a command; return {SQL: lines of its plan} of all it asks."""
    folder, _ = old
    asked = {}

    def traced(path):
        db = real(path)
        db.set_trace_callback(lambda sql: asked.setdefault(sql))
        return db

    real = door.for_reading
    monkeypatch.setattr(of_store.door, "for_reading", traced)

    def run(*arguments):
        asked.clear()
        found = printed(folder, *arguments)
        statements = [sql for sql in asked if sql.lstrip().lower().startswith(("select", "with"))]
        assert statements
        with Store.open(folder) as store:
            explained = {
                sql: [row[3] for row in store._db.execute("explain query plan " + sql)]
                for sql in statements
            }
        return found, explained

    return run


def scans(explained, table):
    """Return the plain scans of a table (aliases: t is events or minutes)."""
    return [
        (sql, line)
        for sql, lines in explained.items()
        for line in lines
        if line.startswith("SCAN ")
        and (line.split()[1] == table or (line.split()[1] == "t" and f"from {table} t" in sql))
    ]


def test_a_plain_scan_is_seen(old):
    folder, _ = old
    asked = "select t.peak_mg from events t where t.peak_mg > 3"
    with Store.open(folder, create=False) as store:
        lines = [row[3] for row in store._db.execute("explain query plan " + asked)]
    assert len(scans({asked: lines}, "events")) == 1


NIGHT = "2026-05-01"
COMMANDS = [
    ("nights",),
    ("nights", "--last", "7"),
    ("show",),
    ("show", NIGHT),
    ("chart", "--last", "30"),
    ("stats", "--night", NIGHT),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_glance_at_a_night_scans_no_events(plans, tmp_path, command):
    if command[0] == "chart":
        command = (*command, "--out", tmp_path / "x.svg")
    found, explained = plans(*command)
    assert found
    for table in ("events", "minutes", "records", "segments"):
        assert scans(explained, table) == [], table
    if command == ("nights",):
        assert len({row["night"] for row in found["nights"]}) == OLD < len(found["nights"])


def test_figures_of_all_nights_scan_no_events(plans):
    _, explained = plans("stats")
    assert len(scans(explained, "events")) <= 3


def ten_years(folder, nights=3650, movements=274):
    """Fill a folder with ten years of nights and print what the commands take, in seconds."""
    import time

    pen = Pen()
    with Store.open(folder) as store:
        store._db.execute("pragma synchronous = off")
        for number in range(nights):
            began = time.perf_counter()
            frames = a_night(pen, number, 480, movements)
            store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0"), frames)
            if number % 365 in (49, 364):
                print(number + 1, f"{time.perf_counter() - began:.3f} s to add", flush=True)
    for command in COMMANDS + [("stats",)]:
        began = time.perf_counter()
        out = ("--out", folder / "x.svg") if command[0] == "chart" else ()
        printed(folder, *command, *out)
        print(*command, f"{time.perf_counter() - began:.3f} s", flush=True)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as made:
        ten_years(Path(made), *map(int, sys.argv[1:]))
