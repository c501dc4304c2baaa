"""The electrical check of a build's net list: what would break, lie or drain.

Pure; speaks sentences. Limits and where they come from stand beside their names. They are rules
of thumb and data-sheet figures from memory, not a simulation.
"""

from rendering.circuit import SUPPLY_MV, USB_MAX_MV

HIGH_MV, LOW_MV = 2475, 825  # read as high, as low: 0.75 and 0.25 of the supply
TOLERANCE = 0.05  # of a cheap resistor
DRAIN_MAX_UA = 15.0  # of the battery divider: 7 nights cost 2.5 mAh
SOURCE_MAX_OHM = 10_000  # that an ADC reads well without a capacitor
ADC_CAPACITOR_F = 47e-9
PULL_UP_MIN_OHM = 1_100  # 3 mA at 3.3 V
INNER_PULL_UP_OHM = 45_000  # of the ESP32, switched on by MicroPython
DEVICE_F, WIRE_F_PER_CM = 10e-12, 1e-12
RISE_MAX_S = 300e-9  # I2C at 400 kHz
RISE = 0.847  # R * C to the time from 30 to 70 %


def check(circuit):
    """Return (what is wrong, what a builder should know), two lists of sentences."""
    wrong = _pins(circuit) or (
        _outputs(circuit)
        + _sensor(circuit)
        + _roles(circuit)
        + _dividers(circuit)
        + _pull_ups(circuit)
    )
    charge_wrong, notes = _charge(circuit)
    return wrong + charge_wrong, notes + _floating(circuit)


def _pins(c):
    """Every pin named exists, is in one net, and meets another there."""
    known = {f"{ref}.{pin}" for ref in c.parts for pin in c.pins_of(ref)}
    named = [pin for pins in c.nets.values() for pin in pins]
    wrong = [f"{pin} does not exist." for pin in named if pin not in known]
    wrong += [f"{pin} is in two nets." for pin in sorted(set(named)) if named.count(pin) > 1]
    return wrong + [f"{net} ends nowhere." for net, pins in c.nets.items() if len(pins) < 2]


def _outputs(c):
    """No output meets another, no supply another, and nothing is fed beyond its range."""
    wrong = []
    for net, pins in c.nets.items():
        ways = [c.way(pin) for pin in pins]
        outputs = [pin for pin, way in zip(pins, ways, strict=True) if way in ("out", "power_out")]
        if len(outputs) > 1:
            wrong.append(f"{net}: outputs tied together: {', '.join(outputs)}.")
        if "ground" in ways and outputs:
            wrong.append(f"{net}: {outputs[0]} is tied to ground.")
        if "out" in ways and any(way in ("i2c", "power_in") for way in ways):
            wrong.append(f"{net}: {outputs[0]} drives what is not its own.")
        mv = c.fixed_mv(net)
        for pin in pins:
            ref, _, name = pin.partition(".")
            if c.way(pin) == "gpio" and mv:
                wrong.append(f"{net}: {mv} mV on {pin}, which is for signals.")
            if c.way(pin) == "power_in" and ref in c.sensors():
                limits = c.breakout(ref)["pins"][name]
                if mv is None or not limits["min_v"] * 1000 <= mv <= limits["max_v"] * 1000:
                    wrong.append(
                        f"{net}: {pin} is not fed {limits['min_v']} to {limits['max_v']} V."
                    )
    return wrong


def _sensor(c):
    """What must be connected is, what must stay open is not."""
    wrong = []
    for ref in c.sensors():
        for name, pin in c.breakout(ref)["pins"].items():
            connected = f"{ref}.{name}" in c.net_of
            if "leave_open" not in pin and not connected:
                wrong.append(f"{ref}.{name} is not connected.")
            if pin.get("leave_open", "").startswith("must") and connected:
                wrong.append(f"{ref}.{name} must stay open.")
    return wrong


def _roles(c):
    """Each pin that the firmware uses does what it is for, and can."""
    wrong = []
    gpios = [pin["gpio"] for pin in c.board["pins"].values()]
    if len(set(gpios)) < len(gpios):
        wrong.append("Two roles share a pin.")
    for role, pin in c.board["pins"].items():
        gpio, inside = pin["gpio"], "on_board" in pin
        if gpio in c.soc["straps_gpio"]["value"] and not inside:
            wrong.append(f"{role}: GPIO{gpio} is a strap.")
        if gpio in c.soc["usb_gpio"]["value"] or not 0 <= gpio <= c.soc["gpio_max"]["value"]:
            wrong.append(f"{role}: GPIO{gpio} is not free on this chip.")
        if role in ("SDA", "SCL", "HOLD", "LED", "SENSOR_POWER"):
            if gpio in c.soc["input_only_gpio"]["value"]:
                wrong.append(f"{role}: GPIO{gpio} cannot drive.")
        wrong += _can(c, role, pin)
        pad = pin.get("pad")
        if pad is not None and c.board["pad_gpio"].get(pad) != gpio:
            wrong.append(f"{role}: pad {pad} is not GPIO{gpio}.")
    for role in ("SDA", "SCL", "INT2"):
        net = c.role_net(role)
        ends = [f"{ref}.{role}" for ref in c.sensors()]
        if role in c.board["pins"] and c.sensors() and not set(ends) & set(c.nets.get(net, ())):
            wrong.append(f"{role} of the board does not meet {role} of the sensor.")
    used = {c.board["pins"][role].get("pad") for role in c.board["pins"]}
    for pin in c.net_of:
        ref, _, name = pin.partition(".")
        if ref == c.board_part and c.way(pin) == "gpio" and name not in used:
            wrong.append(f"{pin} is wired, and the firmware does not use it.")
    return wrong


def _can(c, role, pin):
    wrong, gpio = [], pin["gpio"]
    low, high = c.soc["adc_gpio"]["value"]
    if role == "VBAT" and not low <= gpio <= high:
        wrong.append(f"VBAT: GPIO{gpio} is no input of the first ADC.")
    wakes = any(first <= gpio <= last for first, last in c.soc["wake_gpio"]["value"])
    if role in ("INT2", "BUTTON", "VBUS") and not wakes and "no_deep_wake" not in pin:
        wrong.append(f"{role}: GPIO{gpio} cannot end a deep sleep, and nothing says so.")
    return wrong


def _dividers(c):
    """Battery and charger are measured within what a pin stands, at little cost."""
    wrong = []
    for role, feed in (("VBAT", "BAT+"), ("VBUS", "5V")):
        net = c.role_net(role)
        if "pad" not in c.board["pins"].get(role, {}):
            continue
        mv = None if net is None else c.divided_mv(net)
        feeds = [] if net is None else [other for _, other in c.resistors_at(net)]
        if mv is None or feed not in {name for o in feeds for name in _supply(c, o)}:
            wrong.append(f"{role}: no divider from {feed} to its pin.")
            continue
        if mv > SUPPLY_MV:  # poor resistors add 0.13 V; a pin stands 0.3 V more
            wrong.append(f"{role}: {mv:.0f} mV at most is too much for a pin.")
        if role == "VBUS":
            least = c.divided_mv(net, highest=False, tolerance=-TOLERANCE)
            if least < HIGH_MV:
                wrong.append(f"VBUS: only {least:.0f} mV from a weak charger: not read as high.")
        else:
            wrong += _battery(c, net, mv)
    return wrong


def _supply(c, net):
    return {pin.partition(".")[2] for pin in c.nets[net] if pin.startswith(c.board_part + ".")}


def _battery(c, net, mv):
    wrong = []
    ends = c.resistors_at(net)
    total_ohm = sum(ohm for ohm, _ in ends)
    ratio = c.fixed_mv(next(other for _, other in ends if c.fixed_mv(other))) / mv
    if abs(ratio / c.board["vbat_ratio"]["value"] - 1) > 0.01:
        wrong.append(f"VBAT: divides by {ratio:.2f}, and the firmware multiplies by another.")
    if mv > c.soc["adc_max_mv"]["value"]:
        wrong.append(f"VBAT: {mv:.0f} mV is more than this chip's ADC reads.")
    drain_ua = c.fixed_mv("BAT+") * 1000 / total_ohm
    if drain_ua > DRAIN_MAX_UA:
        wrong.append(f"VBAT: the divider takes {drain_ua:.0f} uA day and night.")
    source_ohm = 1 / sum(1 / ohm for ohm, _ in ends)
    if source_ohm > SOURCE_MAX_OHM and c.capacitor_at(net) < ADC_CAPACITOR_F:
        wrong.append("VBAT: a divider this high needs 100 nF from the pin to ground.")
    return wrong


def pull_up_ohm(c):
    """Return the pull-up of the bus, breakouts and board in parallel; None: there is none."""
    known = [c.board["i2c_pull_up_ohm"]["value"]]
    known += [c.breakout(ref)["pull_up_ohm"]["value"] for ref in c.sensors()]
    known = [ohm for ohm in known if ohm]
    return 1 / sum(1 / ohm for ohm in known) if known else None


def _pull_ups(c):
    ohm = pull_up_ohm(c)
    if ohm is None:
        return ["SDA and SCL have no pull-up."]
    wrong = []
    if ohm < PULL_UP_MIN_OHM:
        wrong.append(f"SDA and SCL: pull-ups of {ohm:.0f} Ohm together are too strong.")
    farad = (1 + len(c.sensors())) * DEVICE_F + 2 * c.build["circuit"]["wire_cm"] * WIRE_F_PER_CM
    rise_s = RISE * farad / (1 / ohm + 1 / INNER_PULL_UP_OHM)
    if rise_s > RISE_MAX_S:
        wrong.append(f"SDA and SCL rise in {rise_s * 1e9:.0f} ns: shorter wires, or more pull-up.")
    return wrong


def _charge(c):
    """Return (wrong, notes) of the charger's current for the cell."""
    charger = c.board["charger_ma"]
    cells = [part["cell_mah"] for part in c.parts.values() if "cell_mah" in part]
    mah = cells[0] if cells else c.board["cell_mah"]["value"]
    wrong, notes = [], []
    if charger["value"] > mah:
        wrong.append(f"The charger gives {charger['value']} mA: more than 1 C of {mah} mAh.")
    elif charger.get("high", charger["value"]) > mah:
        notes.append("If its charger gives the most that was found, that is more than 1 C.")
    elif charger["value"] > mah / 2:
        notes.append("Its charger gives more than half of the cell's capacity in an hour (0.5 C).")
    if charger["tag"] != "F" or "borrowed" in charger:
        notes.append("What its charger gives is **not known**: measure it at the first charge.")
    return wrong, notes


def _floating(c):
    """Return a note where the charger's pad may not be low while the cell feeds the board."""
    figure, net = c.board.get("vbus_on_battery_mv"), c.role_net("VBUS")
    if figure is None or net is None or not c.divided_mv(net):
        return []
    ratio = c.divided_mv(net) / USB_MAX_MV
    if figure["value"] * ratio > LOW_MV:
        return ["**Its 5V pad on battery alone reads as a charger: it would not record.**"]
    if figure["high"] * ratio <= LOW_MV:
        return []
    below_v, seen_v = LOW_MV / ratio / 1000, figure["high"] / 1000
    return [
        f"On battery alone the 5V pad must stay below {below_v:.1f} V, or the band believes that "
        f"it charges; up to {seen_v:g} V was seen on one without a divider. Measure it."
    ]
