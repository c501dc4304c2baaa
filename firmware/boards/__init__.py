"""Which board this is, and what every board gives: the one hardware door.

Touches `machine` and the pins that a board file names; nobody else makes a pin or a bus. Speaks mV
and plain true/false.

A board file is a class of pin numbers; its first line names the processor (ESP32-S3), and another
one MicroPython's image, for the host that flashes it. What a band needs and the XIAO has not: a
button (its BOOT button will do), VBAT on an ADC through 1:2, VBUS on a pin through a divider (see
hardware/).
"""

import sys

import machine

I2C_HZ = 400000
I2C_TIMEOUT_US = 50000  # of a whole transfer; the driver's longest takes 10 ms


class Board:
    """Pins by number; the subclass fills them in. `None`: this board has no such pin."""

    name = ""
    SDA = SCL = None
    INT2 = None  # optional: the timer wakes the band as well
    BUTTON = None  # pressed: low
    VBUS = None  # high while a charger is connected
    VBAT = None  # ADC, half the battery's voltage
    LED = None
    LED_ON = 1  # its level when it shines
    HOLD = None  # keeps the board's own supply on: high before anything else
    SENSOR_POWER = None  # high, or the sensor has none
    VBAT_RATIO_PERMILLE = 2000  # battery voltage over that at the ADC
    DEEP_WAKE = ()  # of these pins, those that can end a deep sleep

    def __init__(self):
        for number in (self.HOLD, self.SENSOR_POWER):
            if number is not None:
                machine.Pin(number, machine.Pin.OUT, value=1)
        self._button = self._input(self.BUTTON, machine.Pin.PULL_UP)
        self._vbus = self._input(self.VBUS, None)
        self._vbat = None if self.VBAT is None else machine.ADC(machine.Pin(self.VBAT))
        self._led = None
        if self.LED is not None:
            self._led = machine.Pin(self.LED, machine.Pin.OUT, value=1 - self.LED_ON)
        self.i2c = None
        self.make_i2c()

    def _input(self, number, pull):
        if number is None:
            return None
        if pull is None:
            return machine.Pin(number, machine.Pin.IN)
        return machine.Pin(number, machine.Pin.IN, pull)

    def make_i2c(self):
        """Make the bus, or make it anew after a fault; return it."""
        self.i2c = machine.I2C(
            0,
            scl=machine.Pin(self.SCL),
            sda=machine.Pin(self.SDA),
            freq=I2C_HZ,
            timeout=I2C_TIMEOUT_US,
        )
        return self.i2c

    def unstick_i2c(self):
        """Nine clock pulses with SDA released, then a stop: a chip stuck in a byte lets go."""
        sda = machine.Pin(self.SDA, machine.Pin.OPEN_DRAIN, value=1)
        scl = machine.Pin(self.SCL, machine.Pin.OPEN_DRAIN, value=1)
        for _ in range(9):
            scl.value(0)
            scl.value(1)
        scl.value(0)
        sda.value(0)
        scl.value(1)
        sda.value(1)

    def bus_lines(self):
        """Return the levels of (SDA, SCL) against a weak pull to ground: 1 is pulled up outside.

        A breakout's 10 kOhm win over the chip's own 45 kOhm; an open wire or a sensor without
        power does not. None where the machine has no such pull. The bus is made anew behind it.
        """
        down = getattr(machine.Pin, "PULL_DOWN", None)
        if down is None:
            return None
        pins = (machine.Pin(number, machine.Pin.IN, down) for number in (self.SDA, self.SCL))
        levels = tuple(pin.value() for pin in pins)
        self.make_i2c()
        return levels

    def docked(self):
        """Is a charger connected? Then the firmware neither records nor light-sleeps."""
        return self._vbus is not None and self._vbus.value() == 1

    def button_pressed(self):
        """Say whether the button is down."""
        return self._button is not None and self._button.value() == 0

    def battery_mv(self):
        """One reading; 0 where it is not wired."""
        return (
            0
            if self._vbat is None
            else self._vbat.read_uv() // 1000 * self.VBAT_RATIO_PERMILLE // 1000
        )

    def led(self, on):
        """Let the LED shine, or not; nothing where there is none."""
        if self._led is not None:
            self._led.value(self.LED_ON if on else 1 - self.LED_ON)

    def arm_wake(self):
        """Let the button end light sleeps from now on.

        By wake_on_gpio (MicroPython 1.28): ext0 leaves the pad with the RTC, and it reads as
        pressed from the first sleep on (micropython #3835).
        """
        if self._button is None:
            return
        import esp32

        esp32.wake_on_gpio((self._button,), esp32.WAKEUP_ALL_LOW)

    def can_wake_deep(self):
        """Say whether a person can end a deep sleep of this board: by its button."""
        return self.BUTTON is not None and self.BUTTON in self.DEEP_WAKE

    def arm_deep_wake(self):
        """Let the button, and the charger where it can, end the deep sleep that follows."""
        import esp32

        if hasattr(esp32, "wake_on_ext0"):
            esp32.wake_on_ext0(self._button, esp32.WAKEUP_ALL_LOW)
            if self.VBUS in self.DEEP_WAKE:
                esp32.wake_on_ext1((self._vbus,), esp32.WAKEUP_ANY_HIGH)
        else:  # one level for all pins: the button's
            esp32.wake_on_gpio((self._button,), esp32.WAKEUP_ALL_LOW)

    def device_id(self):
        """Eight bytes that are this board's own."""
        return (machine.unique_id() + bytes(8))[:8]

    def random_u32(self):
        """Return 32 bits by chance, of the chip's own source."""
        import os

        return int.from_bytes(os.urandom(4), "little")

    def rtc_utc_ms(self):
        """UTC by a clock chip that outlives resets and an empty cell; None: the board has none.

        The ESP32's own RTC does not count: it forgets with the power, and who set it to which
        zone is not known.
        """
        return None

    def ble(self):
        """Return the radio."""
        import bluetooth

        return bluetooth.BLE()


def pick(name=None):
    """Return the board called `name`, or the one that this looks like.

    Raises ValueError for a board that no file describes.
    """
    if name is None:
        name = _looks_like()
    try:
        module = __import__("boards." + name, None, None, (name,))
    except ImportError as error:
        if "named 'boards.%s'" % name not in str(error):
            raise  # the file is there, and lacks something itself
        raise ValueError("no board is called %s: set BOARD in config.py" % name) from None
    board = Board
    for found in [getattr(module, said) for said in dir(module)]:
        if isinstance(found, type) and issubclass(found, board):
            board = found  # and of one that derives from another's, not the other
    if board is Board:
        raise ValueError("boards/%s.py holds no board" % name)
    return board()


def _looks_like():
    machine_name = getattr(sys.implementation, "_machine", "")
    for chip in ("ESP32S3", "ESP32C3"):
        if chip in machine_name:
            return "xiao_" + chip.lower()
    try:
        import _sim  # noqa: F401  only the virtual band has it

        return "virtual"
    except ImportError:
        return machine_name
