"""Chance and ciphers of the virtual board: what repeats, what never does, and AES."""

import shutil

import pytest
from virtual_kit import FIRMWARE, HANG_S, PROGRAMS, make_band, wait_for


def firmware(folder, program):
    """Return a folder with the firmware's boards and the program of that name."""
    shutil.copytree(FIRMWARE / "boards", folder / "boards")
    shutil.copy(PROGRAMS / program / "main.py", folder)
    return folder


def lines(band, word, n=1):
    def found():
        said = band.output().decode().splitlines()
        return [line.split()[1:] for line in said if line.startswith(word)]

    assert wait_for(lambda: len(found()) >= n or band.check()), band.output()
    return found()[:n]


@pytest.fixture(scope="module")
def chances(tmp_path_factory):
    """[folder][run][boot] -> what the program printed; each run has a power cut in it."""
    program = firmware(tmp_path_factory.mktemp("program"), "chance")
    got = []
    for name in ("first", "second"):
        folder = tmp_path_factory.mktemp(name)
        runs = []
        for _ in range(2):
            with make_band(folder, firmware=program, seed=4) as band:
                band.wait_nights(timeout_s=HANG_S)
                lines(band, "chance")
                band.power_cut()
                runs.append(lines(band, "chance", 2))
        got.append(runs)
    return got


def test_the_systems_chance_never_repeats(chances):
    seen = [boot[0] for folder in chances for run in folder for boot in run]
    assert len({len(text) for text in seen}) == 1 and len(seen[0]) == 32
    assert len(set(seen)) == len(seen) == 8


def test_the_seeded_chance_repeats_on_a_fresh_folder(chances):
    first, second = ([boot[1:] for run in folder for boot in run] for folder in chances)
    assert first == second


def test_a_log_made_again_later_in_the_life_of_a_flash_has_another_number(chances):
    numbers = [number for run in chances[0] for boot in run for number in boot[2:]]
    assert len(set(numbers)) == len(numbers) == 8


@pytest.fixture(scope="module")
def ciphers(tmp_path_factory):
    program = firmware(tmp_path_factory.mktemp("program"), "cipher")
    with make_band(tmp_path_factory.mktemp("band"), firmware=program) as band:
        band.wait_nights(timeout_s=HANG_S)
        yield band


def test_aes_gives_the_published_vectors_whole_in_parts_and_in_place(ciphers):
    said = [" ".join(words) for words in lines(ciphers, "known", 4)]
    direction = "can't encrypt & decrypt"
    assert said == [f"True True True True True {direction} {direction}"] * 4
    assert lines(ciphers, "fips") == [
        ["b'69c4e0d86a7b0430d8cdb78070b4c55a'", "b'8ea2b7ca516745bfeafc49904b496089'"]
    ]


def test_aes_refuses_what_the_port_refuses(ciphers):
    assert " ".join(lines(ciphers, "refused")[0]) == (
        "['mode', 'key', 'IV', 'IV', 'blksize % 16', 'output too small'] b''"
    )
    assert lines(ciphers, "longer") == [["True", r"b'\x00\x00\x00\x00'"]]


def test_aes_goes_on_over_many_calls(ciphers):
    assert lines(ciphers, "many") == [["True"]]
