"""M5Stack M5Capsule (ESP32-S3): sensor, cell and charger in one closed piece. Pin numbers only.

Sources: hardware/boards/m5capsule.json (a test holds both equal). HOLD must be driven high first
of all, or it switches itself off. It sees no charger. GPIO42 ends no deep sleep (its button would
switch the device on, were it off).
MicroPython's image: ESP32_GENERIC_S3.
"""

from boards import Board


class M5Capsule(Board):
    name = "m5capsule"
    SDA = 8
    SCL = 10
    BUTTON = 42  # the WAKE button
    VBAT = 6  # half of the cell's voltage
    HOLD = 46
    DEEP_WAKE = ()  # RTC pads: GPIO0 to 21
