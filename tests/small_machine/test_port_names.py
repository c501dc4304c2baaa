"""Every name that the firmware takes from its port is one that the ESP32-C3's 1.29 has."""

import importlib.util

import pytest
import small_kit

TOOL = small_kit.ROOT / "host" / "tools" / "port_names.py"

WRONG = """import bluetooth, esp32, machine, os, time
machine.PWM_NEVER
esp32.wake_on_moon()
bluetooth.BLE().gatts_shout(1)
time.sleep_hours(1)
os.sink()
machine.Pin(1, machine.Pin.IN).levels()
"""


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("port_names", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stubs_are_those_of_the_esp32_c3(tool):
    head = (tool.STUBS / "esp32.pyi").read_text(encoding="utf-8")[:1500]
    assert "v1.29.0-esp32-ESP32_GENERIC_C3" in head


@pytest.fixture(scope="module")
def found(tool, tmp_path_factory):
    """What is said of the firmware and, beside it, of wrong names: the checker starts once."""
    folder = tmp_path_factory.mktemp("port")
    (folder / "wrong.py").write_text(WRONG)
    return tool.complaints(folder, tool.FIRMWARE, folder / "wrong.py")


def test_every_name_of_the_port_exists(tool, found):
    of_firmware = [row for row in found if row[0] != "wrong.py"]
    assert {name for name in tool.KNOWN if any(f'"{name}"' in row[2] for row in of_firmware)}
    assert tool.unknown(of_firmware) == []


def test_a_name_that_the_port_has_not_is_found(tool, found):
    """What the check is worth: wrong names of each module, and a wrong argument."""
    wrong = tool.unknown([row for row in found if row[0] == "wrong.py"])
    words = " ".join(message for _, _, message in wrong)
    for name in ("PWM_NEVER", "wake_on_moon", "gatts_shout", "sleep_hours", "sink", "levels"):
        assert f'"{name}"' in words, name
    assert wrong[0][:2] == ("wrong.py", 2)
