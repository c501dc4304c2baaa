"""Every name that the firmware takes from its port is one that the ESP32-C3's 1.29 has."""

import importlib.util

import pytest
import small_kit

TOOL = small_kit.ROOT / "host" / "tools" / "port_names.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("port_names", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stubs_are_those_of_the_esp32_c3(tool):
    head = (tool.STUBS / "esp32.pyi").read_text(encoding="utf-8")[:1500]
    assert "v1.29.0-esp32-ESP32_GENERIC_C3" in head


def test_every_name_of_the_port_exists(tool, tmp_path):
    assert tool.unknown(tmp_path) == []


def test_a_name_that_the_port_has_not_is_found(tool, tmp_path):
    """What the check is worth: wrong names of each module, and a wrong argument."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text(
        "import bluetooth, esp32, machine, os, time\n"
        "machine.PWM_NEVER\n"
        "esp32.wake_on_moon()\n"
        "bluetooth.BLE().gatts_shout(1)\n"
        "time.sleep_hours(1)\n"
        "os.sink()\n"
        "machine.Pin(1, machine.Pin.IN).levels()\n"
    )
    found = tool.complaints(tmp_path, wrong)
    words = " ".join(message for _, _, message in found)
    for name in ("PWM_NEVER", "wake_on_moon", "gatts_shout", "sleep_hours", "sink", "levels"):
        assert f'"{name}"' in words, name
    assert found[0][:2] == ("wrong.py", 2)
