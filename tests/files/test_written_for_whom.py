"""Who may read what is written, and what lies beside it afterwards."""

import os

import pytest
from notturno.errors import UserError
from notturno.files.written import left_of, must_be_free, own_folder, whole_file, whole_folder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes are of POSIX")


@pytest.fixture
def open_to_all():
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o666)])
def test_a_private_file_is_its_owners_alone_from_the_first_byte(
    open_to_all, tmp_path, private, mode
):
    path = tmp_path / "x"
    with whole_file(path, private=private) as stream:
        stream.write(b"a")
        (beside,) = tmp_path.iterdir()
        assert beside != path and beside.stat().st_mode & 0o7777 == mode
    assert [p.name for p in tmp_path.iterdir()] == ["x"]
    assert path.stat().st_mode & 0o7777 == mode and path.read_bytes() == b"a"


def test_what_goes_wrong_leaves_the_old_one_and_nothing_beside(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(ValueError, match="stop"), whole_file(path, force=True) as stream:
        stream.write(b"new")
        raise ValueError("stop")
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("x", b"old")]


def test_what_is_there_is_replaced_by_force_alone(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")
    with pytest.raises(UserError, match="is there already"), whole_file(path):
        pass
    with whole_file(path, force=True) as stream:
        stream.write(b"new")
    assert path.read_bytes() == b"new"
    with pytest.raises(UserError, match="is a folder; name a file"), whole_file(tmp_path, True):
        pass


def test_a_link_to_nowhere_is_there_too(tmp_path):
    (tmp_path / "x").symlink_to(tmp_path / "nowhere")
    with pytest.raises(UserError, match="is there already"):
        must_be_free(tmp_path / "x", False)
    must_be_free(tmp_path / "x", True)
    must_be_free(tmp_path / "y", False)


def test_a_folder_of_its_own_goes_with_all_that_is_in_it_and_says_where_it_could_not_be(
    tmp_path, monkeypatch
):
    with own_folder(tmp_path) as folder:
        assert folder.parent == tmp_path and folder.stat().st_mode & 0o777 == 0o700
        (folder / "x").write_text("x")
    assert list(tmp_path.iterdir()) == []

    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkdtemp", full)
    for beside, where in (
        (tmp_path, f"in {tmp_path} [(]No space"),
        (None, "in The temporary folder"),
    ):
        with pytest.raises(UserError, match=where), own_folder(beside):
            pass


@pytest.mark.parametrize("name", ["x" * 255, "睡" * 85, "🦵" * 63])
def test_what_a_disk_takes_as_a_name_is_written(tmp_path, name):
    """Of 255 bytes at most; what stands beside it until it is whole has a longer ending."""
    with whole_file(tmp_path / name) as stream:
        stream.write(b"a")
    with whole_folder(tmp_path / (name[:-1] + "y")) as folder:
        (folder / "a").write_text("1")
    assert (tmp_path / name).read_bytes() == b"a" and len(list(tmp_path.iterdir())) == 2


def test_what_was_left_is_known_by_its_name():
    assert left_of(".x.csv.unfinished-0123456789ab") == "x.csv"
    for other in ("x.csv", ".x.csv", "x.csv.unfinished-0123456789ab", ".unfinished", ""):
        assert left_of(other) is None


def test_an_empty_folder_is_taken_and_one_of_an_export_replaced_by_force(tmp_path):
    place = tmp_path / "out"
    place.mkdir()
    with whole_folder(place) as folder:
        (folder / "a").write_text("1")
    assert (place / "a").read_text() == "1"
    with pytest.raises(UserError, match="is there already"), whole_folder(place):
        pass
    with whole_folder(place, force=True) as folder:
        (folder / "b").write_text("2")
    assert sorted(p.name for p in place.iterdir()) == [".notturno-export", "b"]
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
    link = tmp_path / "link"
    link.symlink_to(place)
    (tmp_path / "file").write_text("x")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").write_text("x")
    (tmp_path / "empty").mkdir()
    (tmp_path / "to-empty").symlink_to(tmp_path / "empty")
    for name in ("link", "file", "mine", "to-empty"):
        with pytest.raises(UserError, match="not made by an export"):
            with whole_folder(tmp_path / name, force=True):
                pass
