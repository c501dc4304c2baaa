"""The mutation gate: what it changes, where it looks, and that what it keeps still stands."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "host" / "tools"))
import mutants  # noqa: E402
import mutations  # noqa: E402
import rooms_and_tests  # noqa: E402


@pytest.mark.parametrize(
    ("line", "becomes"),
    [
        ("SIZE = 9", {("constant", "SIZE = 12")}),
        ("SHARE = 0.75", {("constant", "SHARE = 1.0")}),
        ("NONE = 0", {("constant", "NONE = 1")}),
        ("a = -b", {("sign", "a = b")}),
        ("a = b - c", {("sign", "a = b + c"), ("term", "a = b")}),
        ("a += b", {("sign", "a -= b")}),
        ("a = b < c", {("bound", "a = b <= c")}),
        ("a = rng.random() < c", set()),
        ("a = (b) >= c", {("bound", "a = (b) > c")}),
        ("a = b * 1000", {("unit", "a = b"), ("constant", "a = b * 1333")}),
        ("a = b // HOUR_MS", {("unit", "a = b")}),
        ("a = b and c", {("term", "a = b"), ("term", "a = c")}),
        ("a = not b", {("term", "a = b")}),
        ("a: int = 3", {("constant", "a: int = 4")}),
        ("a = 'b %d' % 3", set()),
        ("a = 'b' + c", set()),
        ("a = True", set()),
    ],
)
def test_what_a_line_may_become(line, becomes):
    found = mutations.mutations("x.py", f"import z\n{line}\n")
    assert {(one.kind, one.after) for one in found} == becomes
    for one in found:
        assert one.applied(f"import z\n{line}\n") == f"import z\n{one.after}\n"
        with pytest.raises(ValueError, match="reads otherwise"):
            one.applied("import z\na = 77\n")


def test_every_file_has_tests_and_every_test_of_the_table_is_there():
    assert len(mutants.sources()) > 300
    for file in mutants.sources():
        assert all((ROOT / test).exists() for test in rooms_and_tests.tests_of(file)), file


def test_every_change_of_the_source_is_python():
    for file in mutants.sources()[::17]:
        text = (ROOT / file).read_text(encoding="utf-8")
        for one in mutants.all_of(file)[::5]:
            compile(one.applied(text), file, "exec")


@pytest.mark.parametrize("path", [mutants.SURVIVORS, mutants.KEPT], ids=lambda path: path.stem)
def test_what_is_kept_still_stands_in_the_source(path):
    kept = mutants.kept(path)
    assert len(mutants.of_keys(kept)) == len(kept) > 0
    assert all(len(why.split()) >= 4 for why in kept.values()), "each says why"


def test_what_is_kept_is_in_one_file_alone():
    assert not mutants.kept(mutants.SURVIVORS).keys() & mutants.kept(mutants.KEPT).keys()


def test_what_is_drawn_is_of_every_room_and_the_same_again():
    every = [one for file in mutants.sources()[::9] for one in mutants.all_of(file)]
    rooms = {rooms_and_tests.room_of(one.file) for one in every}
    drawn = mutants.spread(every, len(rooms), "1")
    assert {rooms_and_tests.room_of(one.file) for one in drawn} == rooms
    assert drawn == mutants.spread(every, len(rooms), "1") != mutants.spread(every, 9, "2")


def test_a_file_is_drawn_from_as_often_as_it_has_lines(tmp_path, monkeypatch):
    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    (tmp_path / "long.py").write_text("\n".join(f"A{k} = {k}" for k in range(900)))
    (tmp_path / "short.py").write_text("\n".join(f"A{k} = {k}" for k in range(100)))
    every = [one for name in ("long.py", "short.py") for one in mutants.all_of(name)]
    drawn = mutants.by_lines(every, 200, "1")
    assert drawn == mutants.by_lines(every, 200, "1") != mutants.by_lines(every, 200, "2")
    assert len({one.key() for one in drawn}) == 200
    assert 5 < sum(one.file == "short.py" for one in drawn) < 40
    assert len(mutants.by_lines(every[:9], 42, "1")) == 9


def test_lines_that_are_new_are_found(tmp_path, monkeypatch):
    def git(*words):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    monkeypatch.setattr(mutants, "ROOT", tmp_path)
    (tmp_path / "firmware").mkdir()
    file = tmp_path / "firmware" / "x.py"
    file.write_text("A = 1\nB = 2\nC = 3\n")
    git("init", "-q")
    git("add", ".")
    git("-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x")
    file.write_text("A = 1\nB = 20\nC = 3\nD = 4\nE = 5\n")
    monkeypatch.setattr(mutants, "SOURCES", ("firmware",))
    assert mutants.changed_since("HEAD") == {"firmware/x.py": {2, 4, 5}}


def test_the_tests_that_name_a_module_are_asked_first():
    file = "host/src/notturno/sync/checking.py"
    near = rooms_and_tests.nearest(file, ("tests/selftest", "tests/sync/test_sync.py"), ROOT)
    assert near == ("tests/selftest/test_check_over_the_link.py",)
    by_name = rooms_and_tests.nearest("firmware/button.py", ("tests/firmware",), ROOT)
    assert by_name[0] == "tests/firmware/test_button.py"


def test_the_files_that_a_room_names_first_are_run_before_those_that_only_name_the_module():
    file = "firmware/lib/notturno_core/segments.py"
    order = rooms_and_tests.in_their_order(file, rooms_and_tests.tests_of(file), ROOT)
    assert order[0] == "tests/detector/test_golden_rows.py" and order[-1] == "tests/detector"
    assert "tests/detector/test_real_recordings_replay.py" in order[-2]
    plain = rooms_and_tests.in_their_order("firmware/button.py", ("tests/firmware",), ROOT)
    assert plain[0].startswith("tests/firmware/test_button.py") and plain[1:] == (
        "tests/firmware",
    )
