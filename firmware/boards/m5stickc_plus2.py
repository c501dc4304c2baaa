"""M5Stack M5StickC Plus2 (ESP32): sensor, cell and charger in one closed piece. Pin numbers only.

Sources: hardware/boards/m5stickc_plus2.json (a test holds both equal). HOLD must be driven high
within 0.1 s, or it switches itself off. It sees no charger.
MicroPython's image: ESP32_GENERIC-SPIRAM.
"""

from boards import Board


class M5StickCPlus2(Board):
    name = "m5stickc_plus2"
    SDA = 21
    SCL = 22
    BUTTON = 37  # button A; an input without a pull-up of its own, the device has one
    VBAT = 38  # half of the cell's voltage
    HOLD = 4
    LED = 19
    DEEP_WAKE = (37,)
