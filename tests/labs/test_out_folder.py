"""A folder of results: whole, in the order of its batches, and gone on with after a kill."""

import json
from functools import partial
from pathlib import Path

import pytest
from notturno.errors import UserError
from notturno.files.columns import INT, TEXT, Field
from notturno.labs import jobs, outfolder, stamps, tables
from pyarrow import parquet
from whole import whole_or

FIELDS = (Field("name", TEXT, "", "its name"), Field("number", INT, "s", "its number"))


def work(pieces, batch):
    """One batch: its key and its numbers."""
    key, numbers = batch
    rows = {"name": [str(n) for n in numbers], "number": numbers}
    noted = [{"source": str(n), "what": "noted", "n": n, "reason": "a, b"} for n in numbers[:1]]
    every = {"rows": FIELDS, "qc": outfolder.QC_FIELDS}
    outfolder.put(pieces, key, {"rows": rows, "qc": outfolder.qc_rows(noted)}, every)
    return len(numbers)


def go(folder, n=5, count=1, stop_after=None, force=False, settings=None, changed_ns=0):
    """Run n batches; stop_after: leave as a kill would, after so many."""
    inputs = stamps.Inputs({"n": n}, changed_ns, 10**18)
    with outfolder.opened(folder, {"rows": FIELDS}, settings or {"a": 1}, inputs, force) as out:
        if out.whole:
            return "whole"
        keys = [out.key_of("batch", i) for i in range(n)]
        batches = [(key, list(range(i * 3, i * 3 + 3))) for i, key in enumerate(keys)]
        todo = out.todo(keys)
        done = []
        for number, _ in jobs.run(partial(work, out.pieces), [batches[i] for i in todo], count):
            done.append(todo[number])
            if len(done) == stop_after:
                return done
        out.finish(keys)
        return done


def bytes_of(folder):
    return {p.name: p.read_bytes() for p in Path(folder).iterdir() if p.name[0] != "."}


def test_what_is_written_is_in_the_order_of_the_batches_whatever_the_jobs(tmp_path):
    go(tmp_path / "one")
    table = parquet.read_table(tmp_path / "one" / "rows.parquet")
    assert table["number"].to_pylist() == list(range(15))
    assert table.schema.field("number").metadata[b"unit"] == b"s"
    lines = (tmp_path / "one" / "qc.csv").read_text().splitlines()
    assert lines[0].startswith("source,person,night,what") and len(lines) == 6
    assert lines[2] == '3,,,noted,,3,"a, b"'
    assert json.loads((tmp_path / "one" / "settings.json").read_text())["settings"] == {"a": 1}
    assert not (tmp_path / "one" / ".pieces").exists()
    go(tmp_path / "many", count=whole_or(3, 2))
    assert bytes_of(tmp_path / "one") == bytes_of(tmp_path / "many")


def test_a_run_that_was_stopped_goes_on_and_does_nothing_twice(tmp_path):
    assert go(tmp_path / "a", stop_after=2) == [0, 1]
    assert not (tmp_path / "a" / "settings.json").exists()
    # A piece that was being written when the power went is no piece.
    (tmp_path / "a" / ".pieces" / ".x.unfinished-1").mkdir()
    assert go(tmp_path / "a") == [2, 3, 4]
    go(tmp_path / "b")
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    assert go(tmp_path / "a") == "whole"


def test_pieces_of_other_settings_are_not_taken_up(tmp_path):
    go(tmp_path / "a", stop_after=2)
    assert go(tmp_path / "a", settings={"a": 2}) == [0, 1, 2, 3, 4]


def test_results_of_other_settings_are_replaced_only_when_asked(tmp_path):
    go(tmp_path / "a")
    with pytest.raises(UserError, match="--force"):
        go(tmp_path / "a", n=4)
    assert go(tmp_path / "a", n=4, force=True) == [0, 1, 2, 3]
    assert parquet.read_table(tmp_path / "a" / "rows.parquet").num_rows == 12


def test_what_was_changed_since_it_was_read_is_not_whole(tmp_path):
    """Also where names and sizes are the same: a figure was corrected in its place."""
    go(tmp_path / "a", changed_ns=10**17)
    assert go(tmp_path / "a", changed_ns=10**18) == "whole"
    with pytest.raises(UserError, match="--force"):
        go(tmp_path / "a", changed_ns=10**18 + 1)


def test_a_run_that_was_killed_while_it_put_the_pieces_together_goes_on(tmp_path):
    go(tmp_path / "a")
    go(tmp_path / "b", stop_after=5)
    for name in (".rows.parquet.unfinished-0123456789ab", ".settings.json.unfinished-ab"):
        (tmp_path / "b" / name).write_bytes(b"PAR1")
    assert go(tmp_path / "b") == []
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    (tmp_path / "b" / ".pieces").mkdir()  # killed behind the last file
    assert go(tmp_path / "b") == "whole"
    assert sorted(path.name for path in (tmp_path / "b").iterdir() if path.name[0] == ".") == [
        ".lock"
    ]


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.doc").write_text("x")
    with pytest.raises(UserError, match=r"thesis\.doc"):
        go(tmp_path)
    with pytest.raises(UserError, match="cannot be written"):
        go(tmp_path / "thesis.doc" / "x")
    with pytest.raises(UserError, match="cannot be written"):
        go(tmp_path / "thesis.doc")


def test_two_runs_at_once_do_not_write_one_folder(tmp_path):
    with (
        outfolder.opened(tmp_path, {"rows": FIELDS}, {}, stamps.Inputs({}, 0, 0)),
        pytest.raises(UserError, match="Another run"),
        outfolder.opened(tmp_path, {"rows": FIELDS}, {}, stamps.Inputs({}, 0, 0)),
    ):
        pass


def test_rows_go_out_in_groups_of_one_size_wherever_the_pieces_end(tmp_path, monkeypatch):
    monkeypatch.setattr(outfolder, "ROWS_A_GROUP", 4)
    go(tmp_path / "a")
    file = parquet.ParquetFile(tmp_path / "a" / "rows.parquet")
    groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
    assert groups == [4, 4, 4, 3]
    assert file.read()["number"].to_pylist() == list(range(15))


def test_no_batch_at_all_makes_empty_tables(tmp_path):
    go(tmp_path / "a", n=0)
    assert parquet.read_table(tmp_path / "a" / "rows.parquet").column_names == ["name", "number"]


def fail_at_2(batch):
    if batch == 2:
        raise UserError("two")
    return batch


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_in_a_batch_comes_out_as_it_is(count):
    with pytest.raises(UserError, match="two"):
        list(jobs.run(fail_at_2, [0, 1, 2, 3], count))


def die_at_1(batch):
    import os

    if batch == 1:
        os._exit(9)
    return batch


def test_a_process_that_dies_is_told_in_a_sentence():
    with pytest.raises(UserError, match="goes on where it was"):
        list(jobs.run(die_at_1, [0, 1, 2, 3], 2))
    with pytest.raises(UserError, match="--jobs is 0"):
        list(jobs.run(die_at_1, [0], 0))


def test_the_page_of_the_tables_is_the_list_of_the_tables():
    page = Path(tables.__file__).with_name("TABLES.md").read_text(encoding="utf-8")
    assert page == tables.page()
    for fields in (*tables.TABLES.values(), *tables.REPLAYED.values()):
        for field in fields:  # of both commands
            assert f"| `{field.name}` | {field.type} | {field.unit or '-'} |" in page
        names = [field.name for field in fields]
        assert len(names) == len(set(names)) and names[:2] == ["person", "night"]
