"""What a band's test of itself can say: its steps by bit, its verdicts by code.

Touches nothing. A CHECK record carries the bits of its steps and one verdict: the code of the one
thing to mend first. What a person reads for a code stands on the host, in `notturno.checks`.
"""

# The steps, in the order in which a person would mend: the first that fails gives the verdict.
STEP_NAMES = (
    "sensor answers",
    "right chip",
    "bus",
    "axes",
    "gravity",
    "noise",
    "rate",
    "battery",
    "charger pin",
    "button",
    "flash",
    "key",
    "radio",
    "clock",
)
(
    SENSOR,
    CHIP,
    BUS,
    AXES,
    GRAVITY,
    NOISE,
    RATE,
    BATTERY,
    VBUS,
    BUTTON,
    FLASH,
    KEY,
    RADIO,
    CLOCK,
) = range(14)

PASS = 0
SENSOR_SILENT = 1  # nothing answers, and both lines are pulled up: wires the wrong way round
SDA_OPEN = 2  # nothing pulls this line up; the other one is
SCL_OPEN = 3
SENSOR_UNPOWERED = 4  # no line is pulled up
OTHER_ADDRESS = 5  # the chip answers elsewhere
WRONG_CHIP = 6
BUS_WEAK = 7  # it answers, and not always
INT1_HIGH = 8  # it came up as an I3C device and was called back
AXIS_DEAD = 9
GRAVITY_HALF = 10
GRAVITY_OFF = 11
NOISY = 12
RATE_OFF = 13
DIVIDER_OPEN = 14
DIVIDER_RATIO = 15
DIVIDER_AT_3V3 = 16
BATTERY_EMPTY = 17
VBUS_HIGH = 18  # says charger, and the cable is out
VBUS_LOW = 19  # says no charger, and the cable is in
VBUS_FLOATS = 20
BUTTON_STUCK = 21
FLASH_FULL = 22
FLASH_REFUSES = 23
KEY_MISSING = 24
RADIO_MISSING = 25
CLOCK_UNSET = 26
SENSOR_LOST = 27  # nothing answers, and the board cannot say how its lines stand
SENSOR_UNCONFIGURED = 28  # the chip's own program is not on the band, or not whole
STEP_BROKE = 100  # and the step: its test itself raised

# What is known of the charger's cable when the test runs.
CABLE_UNKNOWN, CABLE_OUT, CABLE_IN = 0, 1, 2
