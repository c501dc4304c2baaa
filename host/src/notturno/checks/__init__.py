"""What a band's test of itself found, in words: one sentence for each code, here and only here.

Touches nothing. Speaks the codes of `notturno_core.checks`, and the records START and FAULT.
"""

from notturno_core import checks, wire

SENTENCES = {
    checks.PASS: "all is well.",
    checks.SENSOR_SILENT: (
        "the sensor does not answer though both its wires lead to something: SDA and SCL are the "
        "wrong way round, so swap them."
    ),
    checks.SDA_OPEN: (
        "the sensor's wire SDA is loose or on a wrong pin: solder it anew at both ends."
    ),
    checks.SCL_OPEN: (
        "the sensor's wire SCL is loose or on a wrong pin: solder it anew at both ends."
    ),
    checks.SENSOR_UNPOWERED: (
        "the sensor has no power, or neither SDA nor SCL is connected: check its wires to 3V3 and "
        "GND first."
    ),
    checks.SENSOR_LOST: (
        "the sensor does not answer: its wire SDA or SCL is loose or the two are swapped, or it "
        "has no power; check its four wires."
    ),
    checks.OTHER_ADDRESS: (
        "a sensor chip answers at another address than expected: set its address pin (SDO, SA0 or "
        "AD0) to ground, or use the sensor of the parts list."
    ),
    checks.WRONG_CHIP: (
        "the sensor is another chip than this firmware has a driver for: use the one of the parts "
        "list."
    ),
    checks.SENSOR_UNCONFIGURED: (
        "the sensor is a BMI270, and its maker's configuration is not on the band: pip install "
        "'notturno[bmi270]', then notturno flash once more."
    ),
    checks.BUS_WEAK: (
        "the sensor answers only now and then: a wire of SDA or SCL is loose or long, or the "
        "pull-up resistors are missing (4.7 kOhm from each to 3V3)."
    ),
    checks.INT1_HIGH: (
        "the sensor starts in the wrong mode (I3C), because its pin INT1 is tied high: leave INT1 "
        "unconnected."
    ),
    checks.AXIS_DEAD: (
        "one axis of the sensor always shows the same: the chip is broken, replace it."
    ),
    checks.GRAVITY_HALF: (
        "the sensor shows half of gravity: it is an LSM6DSO32, which would halve every movement; "
        "use an LSM6DSOX or LSM6DSO."
    ),
    checks.GRAVITY_OFF: (
        "the sensor does not show 1 g at rest: lay the band down still and check again; if it "
        "stays so, replace the sensor."
    ),
    checks.NOISY: (
        "the sensor's noise is far above its kind's: shorten its wires and check 3V3 and GND; if "
        "it stays so, replace the sensor."
    ),
    checks.RATE_OFF: (
        "the sensor's clock and the band's differ by more than parts do: replace the sensor, or "
        "the board if it stays so."
    ),
    checks.DIVIDER_OPEN: (
        "the battery's voltage cannot be measured: the divider's wire to BAT+ or to its pin is "
        "loose or missing, solder it."
    ),
    checks.DIVIDER_RATIO: (
        "the battery's voltage reads higher than a cell can have: the divider's resistor to "
        "ground is missing or loose; unplug the cell first, then solder it."
    ),
    checks.DIVIDER_AT_3V3: (
        "the battery reads 3.3 V: charge it for an hour, and if it still reads so, the divider is "
        "at 3V3 and belongs at BAT+."
    ),
    checks.BATTERY_EMPTY: "the battery is empty: charge it.",
    checks.VBUS_HIGH: (
        "the pin for the charger says that a cable is plugged in while it is out, so no night "
        "would be recorded: check its resistors to 5V and to ground."
    ),
    checks.VBUS_LOW: (
        "the pin for the charger does not see the cable that is plugged in: its wire to 5V is "
        "loose or missing, solder it."
    ),
    checks.VBUS_FLOATS: (
        "the pin for the charger leads nowhere: solder its two resistors, to 5V and to ground."
    ),
    checks.BUTTON_STUCK: (
        "the button reads as pressed all the time: it is stuck, or its pin touches ground."
    ),
    checks.FLASH_FULL: "the memory has no room for a night: sync, which makes room.",
    checks.FLASH_REFUSES: (
        "the memory does not keep what is written to it: put the firmware on the band anew, and "
        "replace the board if it stays so."
    ),
    checks.KEY_MISSING: (
        "the band has no key, so nothing can fetch its nights: give it one by cable (notturno "
        "bands key)."
    ),
    checks.RADIO_MISSING: (
        "this MicroPython has no Bluetooth: put the one that the board's page names on it."
    ),
    checks.CLOCK_UNSET: "the band does not know the date: sync once.",
}
FAULT_SENTENCES = {
    wire.FAULT_SENSOR_LOST: (
        "its sensor did not answer, or is another chip than expected: check the sensor's four "
        "wires and its kind (notturno check)."
    ),
    wire.FAULT_STORAGE: "its memory refused to keep records: check the band (notturno check).",
    wire.FAULT_LOG_CORRUPT: "records in its memory are damaged: the rest was fetched.",
    wire.FAULT_WRONG_CHIP: (
        "its sensor is another chip than its firmware has a driver for, or a BMI270 whose "
        "configuration is not on the band: check the band (notturno check)."
    ),
    wire.FAULT_RADIO: SENTENCES[checks.RADIO_MISSING],
}
START_SENTENCES = {
    wire.START_HANG: "its program hung and was started anew: if it comes again, report it.",
    wire.START_CRASH: "its program crashed and was started anew: if it comes again, report it.",
}


def sentence(verdict: int) -> str:
    """Return what a verdict says and what to do, for the middle of a line; also a newer one's."""
    step = verdict - checks.STEP_BROKE
    if 0 <= step < len(checks.STEP_NAMES):
        return (
            f"its test of '{checks.STEP_NAMES[step]}' broke off: put the firmware on the band "
            "anew by cable."
        )
    return SENTENCES.get(
        verdict, f"it names a fault that only a newer notturno knows ({verdict}): update notturno."
    )


def steps(bits: int) -> list[str]:
    """Return the names of the steps of a record's bits."""
    return [name for step, name in enumerate(checks.STEP_NAMES) if bits >> step & 1]


def complaint_text(complaint: dict) -> str:
    """Return a complaint of the store's (`what` and `code`) in words, for the middle of a line."""
    what, code = complaint["what"], complaint["code"]
    if what == "check":
        return sentence(code)
    known = FAULT_SENTENCES if what == "fault" else START_SENTENCES
    return known.get(code, f"it names a {what} that only a newer notturno knows ({code}).")
