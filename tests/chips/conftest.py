"""What the chips' tests share: a configuration for the chip that wants one."""

import pytest
from drivers import bmi270
from notturno.virtualband.chips.bmi270 import stand_in


@pytest.fixture(autouse=True)
def configuration(monkeypatch, tmp_path):
    """Put the stand-in of a BMI270's configuration where the driver looks; return its path."""
    path = tmp_path / "bmi270.bin"
    path.write_bytes(stand_in())
    monkeypatch.setattr(bmi270, "CONFIG", str(path))
    return path
