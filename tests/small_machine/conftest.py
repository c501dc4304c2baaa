"""What the small machines are given, made once: the firmware's bytecode and files of samples."""

import pytest
import small_kit


@pytest.fixture(scope="session")
def firmware(tmp_path_factory):
    return small_kit.build(tmp_path_factory.mktemp("firmware"))


@pytest.fixture(scope="session")
def restless(tmp_path_factory):
    path = tmp_path_factory.mktemp("restless") / "words.bin"
    path.write_bytes(small_kit.restless_words())
    return path


@pytest.fixture(scope="session")
def still(tmp_path_factory):
    path = tmp_path_factory.mktemp("still") / "words.bin"
    path.write_bytes(small_kit.still_words())
    return path


@pytest.fixture(autouse=True)
def unix_port_is_there():
    assert small_kit.unix_port(), "the unix port of MicroPython is missing: run `make setup`"
