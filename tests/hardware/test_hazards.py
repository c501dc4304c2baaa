"""The table of known hazards, held against the stated MicroPython and the firmware's boards."""

import json
import sys
from pathlib import Path

import pytest
from notturno.flashing import chips

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "hardware"))
from rendering import data  # noqa: E402

STATED = data.HAZARDS["micropython"]["release"]
HAZARDS = data.HAZARDS["hazards"]
OURS = {data.BOARDS[name]["soc"] for name in data.firmware_boards()}


def release(text):
    return tuple(int(part) for part in text.split("."))


def applies(hazard, soc, at):
    """Does a processor have this hazard with a release of MicroPython?"""
    until = hazard["until"]
    later = until is not None and release(at) > release(until)
    return soc in hazard["socs"] and release(at) >= release(hazard["since"]) and not later


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])
def test_a_hazard_says_where_since_when_what_is_done_and_by_whom(hazard):
    assert set(hazard["socs"]) <= {*data.SOCS, "esp32c6", "esp32h2"}
    assert release(hazard["since"]) <= release(hazard["until"] or STATED)
    assert hazard["what"].endswith(".") and hazard["answer"].endswith(".")
    assert "#" in hazard["source"] or "micropython" in hazard["source"] or "/" in hazard["source"]


def test_no_board_of_ours_has_a_fatal_hazard_with_the_stated_release():
    fatal = [hazard for hazard in HAZARDS if hazard["fatal"]]
    assert {hazard["id"] for hazard in fatal} == {"light-sleep-hangs", "no-wake-on-gpio"}
    for hazard in fatal:
        for soc in OURS:
            assert not applies(hazard, soc, STATED), (hazard["id"], soc)
    # The releases before have one, and so has the processor that we have no board of.
    assert any(applies(hazard, "esp32c3", "1.27") for hazard in fatal)
    assert not any(applies(hazard, "esp32c3", "1.28") for hazard in fatal)
    assert any(applies(hazard, "esp32c6", STATED) for hazard in fatal)
    assert OURS == {"esp32", "esp32s3", "esp32c3"}


def test_the_stated_release_is_the_first_with_an_image_for_the_reference_board():
    (images,) = [hazard for hazard in HAZARDS if hazard["id"] == "no-board-definition"]
    major, minor = release(images["until"])
    assert release(STATED) == (major, minor + 1) == (1, 29)


def test_one_release_is_stated_everywhere():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"MicroPython {STATED} or newer" in readme and "1.28" not in readme
    for build in data.BUILDS.values():
        page = (ROOT / "hardware" / f"{build['name']}.md").read_text(encoding="utf-8")
        assert f"MicroPython {STATED} or newer" in page
    assert release(STATED) == chips.LEAST_MICROPYTHON
    vm = ROOT / "host" / "src" / "notturno" / "virtualband" / "vm" / "package.json"
    versions = json.loads(vm.read_text(encoding="utf-8"))["dependencies"]
    assert all(version.lstrip("^~").startswith(f"{STATED}.") for version in versions.values())


def test_the_hazards_that_sank_bands_are_told():
    told = {hazard["id"] for hazard in HAZARDS}
    assert told >= {
        "light-sleep-hangs",
        "ext0-pad-reads-0",
        "usb-lost-in-light-sleep",
        "nimble-assert-on-pairing",
        "i2c-timeout-is-whole",
        "ble-and-light-sleep",
    }
    assert len(told) == len(HAZARDS)


def test_what_the_answers_claim_of_the_firmware_holds():
    from drivers import MAX_RUN, bmi270, lsm6dsox

    answers = {hazard["id"]: hazard["answer"] for hazard in HAZARDS}
    whats = {hazard["id"]: hazard["what"] for hazard in HAZARDS}
    piece = MAX_RUN * lsm6dsox.WORD_BYTES
    assert f"pieces of {piece} bytes" in answers["i2c-timeout-is-whole"]
    assert f"pieces of {bmi270.PIECE_BYTES} bytes" in answers["bmi270-configuration-is-long"]
    assert f"of {bmi270.CONFIG_BYTES} bytes" in whats["bmi270-configuration-is-long"]
    import config

    assert "pause after each start" in answers["usb-lost-in-light-sleep"]
    assert config.MAINTENANCE_MS >= 1000


@pytest.mark.parametrize("name", data.BOARDS)
def test_a_board_gets_the_machine_code_of_its_processor(name):
    """The old ESP32 has Xtensa's windowed code as the S3 has."""
    wanted = {"esp32": "xtensawin", "esp32s3": "xtensawin", "esp32c3": "rv32imc"}
    assert chips.arch_of_board(name) == wanted[data.BOARDS[name]["soc"]]
    assert chips.chip_of_board(name) == data.BOARDS[name]["soc"]
    assert chips.image_of_board(name) == data.BOARDS[name]["micropython_board"]
