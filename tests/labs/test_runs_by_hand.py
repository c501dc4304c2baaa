"""One run's pieces by hand: processes, stamps, batches, and what is told of a file."""

import os
from concurrent.futures import Future
from types import SimpleNamespace

import numpy as np
import pytest
from notturno.errors import UserError
from notturno.labs import jobs, longplan, outfolder, run, stamps
from notturno.labs.inputs import Inputs, Unit
from notturno.scoring.movements import conventions

# --- processes -----------------------------------------------------------------------------------


def test_processors_are_those_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0: {1, 4, 7}}[pid], raising=False)
    assert jobs.processors() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    for told, used in ((5, 5), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda told=told: told)
        assert jobs.processors() == used


class Pool:
    """Processes that are done at once; keeps what was handed out."""

    made = []

    def __init__(self, workers, context, initializer):
        self.workers, self.given = workers, []
        Pool.made.append(self)

    def submit(self, work, batch):
        self.given.append(batch)
        future = Future()
        future.set_result(work(batch))
        return future

    def shutdown(self, wait, cancel_futures):
        self.ended = wait and cancel_futures


@pytest.fixture
def pools(monkeypatch):
    monkeypatch.setattr(jobs, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(Pool, "made", [])
    return Pool.made


@pytest.mark.parametrize(
    ("batches", "count", "workers"), [(3, 1, None), (1, 4, None), (2, 2, 2), (3, 2, 2), (3, 9, 3)]
)
def test_one_batch_or_one_job_needs_no_other_process(pools, batches, count, workers):
    found = list(jobs.run(lambda batch: batch * 10, list(range(batches)), count))
    assert sorted(found) == [(n, 10 * n) for n in range(batches)]
    assert [pool.workers for pool in pools] == ([workers] if workers else [])
    assert all(pool.ended for pool in pools)


def test_two_batches_wait_for_each_process_and_no_more(pools):
    going = jobs.run(lambda batch: batch, list(range(10)), 2)
    assert next(going) == (0, 0) and pools[0].given == [0, 1, 2, 3]
    rest = list(going)
    assert [number for number, _ in rest] == list(range(1, 10)) == pools[0].given[1:]


# --- stamps --------------------------------------------------------------------------------------


def test_what_was_read_is_told_by_names_and_sizes_and_dated_by_the_newest(tmp_path, monkeypatch):
    for name, size, at_ns in (("a", 3, 5_000), ("b", 4, 9_000)):
        (tmp_path / name).write_bytes(bytes(size))
        os.utime(tmp_path / name, ns=(at_ns, at_ns))
    files = [(str(tmp_path / name), f"n/{name}") for name in ("b", "a", "a")]
    # a file's time of change may lag by a fiftieth of a second
    monkeypatch.setattr(stamps.time, "time_ns", lambda: 20_000_000 + 70_000)
    found = stamps.read_from(files)
    assert found.told["files"] == 2 and (found.changed_ns, found.read_ns) == (9_000, 70_000)
    assert found.told["names_and_sizes"] == stamps.digest([["n/a", 3], ["n/b", 4]])
    monkeypatch.setattr(stamps.time, "time_ns", lambda: 20_000_000 + 8_000)
    assert stamps.read_from(files).read_ns == 9_000
    assert stamps.stamp_of(str(tmp_path / "a")) == [str(tmp_path / "a"), 3, 5_000]
    assert stamps.stamp_of(str(tmp_path / "gone")) == [str(tmp_path / "gone"), -1, -1]


# --- batches -------------------------------------------------------------------------------------


class Folder:
    """Keys that say what they are made of."""

    def key_of(self, *parts):
        return parts


def batches(monkeypatch, nights=0, units=0, refused=(), empty=(), others=0):
    plan = SimpleNamespace(nights=list(range(nights)), empty=tuple(empty))
    monkeypatch.setattr(run, "found_plan", lambda found, folder: plan)
    monkeypatch.setattr(run, "_cut", lambda plan, first, after: (first, after))
    monkeypatch.setattr(run.stamps, "stamp_of", lambda path: f"of {path}")
    tables = [SimpleNamespace(path="t")] if nights or empty else []
    made = [Unit(f"p{n}", "1", ((f"f{n}", "name"),)) for n in range(units)]
    return run._batches(Inputs(tables, made, list(refused), others), Folder())


def test_nights_go_in_batches_of_five_hundred_and_files_in_those_of_fifty(monkeypatch):
    keys, found = batches(monkeypatch, nights=1001, units=51)
    assert found[:3] == [("long", (0, 500)), ("long", (500, 1000)), ("long", (1000, 1001))]
    assert [len(units) for _, units in found[3:]] == [50, 1] and found[4][1][0].person == "p50"
    assert keys[0] == ("long", stamps.digest(["of t"]), 0, 500)
    assert keys[4] == ("files", [["p50", "1", (("f50", "name"),), False]], [["of f50"]])


def test_what_was_not_read_is_a_batch_of_its_own(monkeypatch):
    keys, ((kind, rows),) = batches(
        monkeypatch, refused=[("a", "why")], empty=["b", "c"], others=7
    )
    assert kind == "told" and len(keys) == 1
    assert [(row.get("source"), row["what"], row["code"], row["n"]) for row in rows] == [
        *[("a", "refused", "not_read", 1), ("b", "noted", "no_rows", 1)],
        *[("c", "noted", "no_rows", 1), (None, "noted", "other_files", 7)],
    ]
    assert "not read: 7" in str(rows[3]["reason"])
    assert batches(monkeypatch)[1] == [("told", [])], "also where there is nothing at all"
    assert [kind for kind, _ in batches(monkeypatch, units=1)[1]] == ["files"]


def test_a_batch_of_nights_holds_their_rows_and_tables_alone():
    segments = [[1, 0, 0, 5, 0], [3, 1, 5, 9, 1], [1, 0, 9, 11, 1], [2, 0, 0, 4, 2]]
    plan = longplan.Plan(
        ["t0", "t1", "t2", "t3"], ["a", "b", "c"], np.array(segments), True, False
    )
    cut = run._cut(plan, 1, 3)
    assert (cut.tables, cut.nights, cut.resp) == (["t1", "t2", "t3"], ["b", "c"], True)
    assert cut.segments.tolist() == [[2, 1, 5, 9, 0], [0, 0, 9, 11, 0], [1, 0, 0, 4, 1]]
    assert plan.segments.tolist() == segments, "the whole stays as it was"


def test_a_file_that_is_refused_or_breaks_its_reader_costs_itself(monkeypatch):
    from notturno.labs import readers

    def nights_of(unit):
        if unit.person == "bad":
            raise UserError("it is {what}.", what="bad")
        if unit.person == "breaks":
            raise KeyError("x")
        return [unit.person, unit.night]

    monkeypatch.setattr(readers, "nights_of", nights_of)
    units = [Unit(who, "1", (("/x/a", "a"), ("/x/b", "b"))) for who in ("bad", "good", "breaks")]
    nights, qc = run._of_files(units)
    assert nights == ["good", "1"]
    assert [
        (row["source"], row["person"], row["night"], row["what"], row["code"], row["n"])
        for row in qc
    ] == [("a; b", who, "1", "refused", "not_read", 1) for who in ("bad", "breaks")]
    assert [str(row["reason"]) for row in qc] == [
        *("it is bad.", "The file cannot be read (KeyError: 'x')."),
    ]


def test_what_is_told_of_rows_stands_before_what_was_found_in_them(monkeypatch):
    from notturno.labs import scored

    monkeypatch.setattr(
        scored, "score_nights", lambda *_: {"nights": "n", "qc": [{"code": "b", "n": 2}]}
    )
    work = run.Work(None, {}, "both")
    tables = run._tables_of(work, run.TOLD, [{"code": "a", "n": 1}])
    assert tables["nights"] == "n" and tables["qc"]["code"] == ["a", "b"]
    assert tables["qc"]["n"] == [1, 2] and tables["qc"]["source"] == [None, None]


# --- a whole run ---------------------------------------------------------------------------------

LIST = "onset_s,duration_s,side\n10,2,L\n30,2,L\n50,2,L\n"


def test_a_run_tells_its_progress_and_what_it_found_there(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.csv").write_text(LIST)
    (tmp_path / "in" / "b.csv").write_text("no list\n")
    (tmp_path / "in" / "c.doc").write_text("of another kind")
    told = []
    done = run.score([tmp_path / "in"], tmp_path / "out", progress=lambda *step: told.append(step))
    assert told == [(0, 2), (1, 2), (2, 2)]
    assert (done.resumed, done.batches, done.whole) == (0, 2, False)
    assert done.rows == {"nights": 1, "events": 3, "qc": 2}
    again = run.score([tmp_path / "in"], tmp_path / "out", progress=lambda *_: told.append(0))
    assert again == run.Done({}, 0, 0, True) and len(told) == 3
    text = (tmp_path / "out" / "settings.json").read_text()
    assert '"like": null' in text and '"rules": "both"' in text


def test_a_key_is_of_128_bits(tmp_path):
    with outfolder.opened(tmp_path, {}, {}, stamps.Inputs({}, 0, 0)) as folder:
        key = folder.key_of("a", 1)
        assert len(bytes.fromhex(key)) == 16 and key != folder.key_of("a", 2)


def test_a_run_works_by_the_settings_it_was_given(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text(LIST)
    given, work = [], run.Work
    monkeypatch.setattr(run, "Work", lambda *how: given.append(how) or work(*how))
    name, convention = next(iter(conventions.CONVENTIONS.items()))
    settings = {name: convention.options[-1]}
    run.score([tmp_path / "a.csv"], tmp_path / "out", settings=settings, rules="aasm3")
    run.score([tmp_path / "a.csv"], tmp_path / "plain")
    assert [how[1:] for how in given] == [(settings, "aasm3"), ({}, "both")]
