"""Adafruit Feather ESP32-S3 with an LSM6DSOX by cable: no soldering. Pin numbers only.

Wiring and sources: hardware/boards/adafruit_feather_esp32s3.json (a test holds both equal). It
sees no charger, and its fuel gauge is not read: no voltage.
MicroPython's image: ESP32_GENERIC_S3.
"""

from boards import Board


class AdafruitFeatherEsp32S3(Board):
    name = "adafruit_feather_esp32s3"
    SDA = 3  # the STEMMA QT socket
    SCL = 4
    BUTTON = 0  # the BOOT button
    SENSOR_POWER = 7  # of the socket
    LED = 13
    DEEP_WAKE = (0,)  # RTC pads: GPIO0 to 21
