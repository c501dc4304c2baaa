"""Seeed XIAO ESP32-C3 with an LSM6DSOX breakout: small and cheap. Pin numbers only.

Wiring and sources: hardware/boards/xiao_esp32c3.json (a test holds both equal). D0 = GPIO2,
D8 = GPIO8 and D9 = GPIO9 are strapping pins; GPIO9 is the BOOT button and may be read after boot.
MicroPython's image: SEEED_XIAO_ESP32C3.
"""

from boards import Board


class XiaoEsp32C3(Board):
    name = "xiao_esp32c3"
    SDA = 6  # D4
    SCL = 7  # D5
    INT2 = 3  # D1
    BUTTON = 9  # the BOOT button
    VBUS = 5  # D3, from 5V through 220k / 330k; one of the pins that end a deep sleep
    VBAT = 4  # D2, from BAT+ through 220k / 220k
    DEEP_WAKE = (5,)  # GPIO0 to 5 can; the BOOT button is on another
