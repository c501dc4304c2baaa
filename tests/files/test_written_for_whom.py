"""Who may read what is written, and what lies beside it afterwards."""

import os

import pytest
from notturno.errors import UserError
from notturno.files.written import must_be_free, whole_file

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
