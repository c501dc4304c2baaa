"""Seeed XIAO ESP32-S3 with an LSM6DSOX breakout: the reference build. Pin numbers only.

Wiring and sources: hardware/boards/xiao_esp32s3.json (a test holds both equal). D2 = GPIO3 is a
strapping pin and stays free.
MicroPython's image: SEEED_XIAO_ESP32S3.
"""

from boards import Board


class XiaoEsp32S3(Board):
    name = "xiao_esp32s3"
    SDA = 5  # D4
    SCL = 6  # D5
    INT2 = 2  # D1
    BUTTON = 0  # the BOOT button
    VBUS = 4  # D3, from 5V through 220k / 330k
    VBAT = 1  # D0, from BAT+ through 220k / 220k
    LED = 21  # on the board
    LED_ON = 0
    DEEP_WAKE = (0, 4)  # RTC pads: GPIO0 to 21
