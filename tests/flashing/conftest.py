"""A program is compiled once for the same sources, chip and version, by whoever asks for it."""

import pytest
from fakes import programs
from notturno.flashing import package


@pytest.fixture(autouse=True, scope="module")
def compiled_once():
    with pytest.MonkeyPatch.context() as patch:  # before what a file makes for all of its tests
        patch.setattr(package, "build", programs.once)
        yield
