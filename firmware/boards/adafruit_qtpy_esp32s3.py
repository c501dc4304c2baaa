"""Adafruit QT Py ESP32-S3 on its LiPo Charger BFF, with an LSM6DSOX by cable. Pin numbers only.

Wiring and sources: hardware/boards/adafruit_qtpy_esp32s3.json (a test holds both equal). It sees
neither charger nor cell: the BFF's divider (GPIO9) hangs behind a diode, at the 5 V rail. Its one
LED is a NeoPixel, and stays dark.
MicroPython's image: ESP32_GENERIC_S3.
"""

from boards import Board


class AdafruitQtPyEsp32S3(Board):
    name = "adafruit_qtpy_esp32s3"
    SDA = 41  # the STEMMA QT socket
    SCL = 40
    BUTTON = 0  # the BOOT button
    DEEP_WAKE = (0,)  # RTC pads: GPIO0 to 21
