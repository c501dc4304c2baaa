"""One made-up life for all tests of the room; who changes it takes a copy."""

import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))
from lives import live


@pytest.fixture(scope="session")
def life(tmp_path_factory):
    """Return the folder of a life, to be read alone."""
    return live(tmp_path_factory.mktemp("life") / "home")


@pytest.fixture
def own_life(life, tmp_path):
    """Return a copy of that folder, to be changed."""
    shutil.copytree(life, tmp_path / "own")
    return tmp_path / "own"
