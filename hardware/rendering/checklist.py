"""What the first builder of a build is asked to measure: exactly what the data guesses.

Pure; data in, Markdown out.
"""

from rendering.circuit import Circuit
from rendering.data import CHIPS, figures
from rendering.markdown import table

# What a first builder can find out with a meter, a scale, a USB meter or a receipt.
ASKED = {
    "charger_ma": "mA into the cell, soon after plugging in a half empty one",
    "active_ma": "mA from the cell while it runs, radio off",
    "light_sleep_ma": "mA from the cell while it records, averaged over a minute",
    "deep_sleep_ma": "mA from the cell while it rests",
    "radio_idle_ma": "mA from the cell with the radio on, nobody connected",
    "radio_connected_ma": "mA from the cell during a sync",
    "boot_mc": "mA times s of one start, from a recording meter",
    "aux_ma": "mA of dividers and breakout alone, board asleep",
    "vbat_ratio": "the cell by a meter, divided by the voltage at the pin",
    "i2c_pull_up_ohm": "Ohm from SDA to 3V3 of the board alone, nothing powered",
    "vbus_on_battery_mv": "mV at the 5V pad while it runs from the cell, divider in place",
    "size_mm": "length, width, height with everything that sticks out",
    "button_mm": "BOOT button: from the USB edge, from the middle line",
    "pull_up_ohm": "Ohm from SDA to the supply pin of the breakout alone",
    "accel_ma": "mA of the sensor while it samples",
    "off_ma": "mA of the sensor, powered down",
    "rate_error_pct": "percent by which the sensor's rate misses the nominal one",
    "noise_ug_rthz": "noise lying still on a table, ug per root Hz",
    "passes_share": "lying still: to which share of its rate the noise is as strong as low down",
    "cell_mah": "mAh that came out of the cell until the band stopped",
    "address": "the number that the band finds",
}
PIN_ASKED = "does this pin do what it is for"


def guessed(build: dict) -> list[tuple[str, str, dict]]:
    """Return (thing, name, figure) of all that a build takes from memory or from elsewhere."""
    circuit = Circuit(build)
    things = [circuit.board, CHIPS[build["chip"]], *map(circuit.breakout, circuit.sensors())]
    return [
        (thing["title"], name, figure)
        for thing in things
        for name, figure in figures(thing)
        if question(name) and (figure["tag"] != "F" or "borrowed" in figure)
    ]


def question(name: str) -> str | None:
    """Return what is asked of a figure, or None for what paper tells."""
    return PIN_ASKED if name.startswith("pins.") else ASKED.get(name)


def checklist(build: dict) -> str:
    """Return the list of what the first builder is asked to measure, made from the tags."""
    rows = [
        (thing, f"{name}: {question(name)}", _taken(figure), "")
        for thing, name, figure in guessed(build)
    ]
    return table("of | what | taken as | you measured", rows)


def _taken(figure):
    if "gpio" in figure:
        return f"GPIO{figure['gpio']}"
    value = figure["value"]
    text = " x ".join(f"{v:g}" for v in value) if isinstance(value, list) else f"{value}"
    text = "not known" if value is None else text
    if figure.get("low") is not None:
        text += f" ({figure['low']} to {figure['high']})"
    return text + (f", on {figure['borrowed']}" if "borrowed" in figure else "")
