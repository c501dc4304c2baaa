"""The folder of the locks on bands is its owner's alone, whatever is usual on this computer."""

import os
import stat

import pytest
from notturno.link import held


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(held, "_path", lambda address: tmp_path / "locks" / address)
    return tmp_path / "locks"


@pytest.mark.skipif(held.fcntl is None, reason="no locks on files here")
def test_nobody_else_may_look_into_the_folder_of_locks(folder):
    before = os.umask(0)
    try:
        assert held.is_held("a") is False
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(held.fcntl is None, reason="no locks on files here")
def test_a_band_is_held_while_its_lock_is_and_not_afterwards(folder):
    with held.held("a"):
        assert held.is_held("a") and not held.is_held("b")
    assert not held.is_held("a")
