"""Unexpected Maker FeatherS3 (ESP32-S3) with an LSM6DSOX by cable: no soldering. Pin numbers only.

Wiring and sources: hardware/boards/um_feathers3.json (a test holds both equal). The board measures
its cell and sees its charger itself.
MicroPython's image: UM_FEATHERS3.
"""

from boards import Board


class UmFeatherS3(Board):
    name = "um_feathers3"
    SDA = 8  # the STEMMA QT socket
    SCL = 9
    BUTTON = 0  # the BOOT button
    VBUS = 34
    VBAT = 2
    VBAT_RATIO_PERMILLE = 3820  # estimated: the maker's library reads 1.1 V as 4.2 V
    SENSOR_POWER = 39  # LDO2
    LED = 13
    DEEP_WAKE = (0,)  # RTC pads: GPIO0 to 21
