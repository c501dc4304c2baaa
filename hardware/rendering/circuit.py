"""A build's wiring as a net list, with what each pin is: the ground of check and picture.

Pure. A pin is written PART.PIN, as in the builds' JSON: "U1.D4", "R1.2", "BT1.+".
"""

from rendering.data import BOARDS, BREAKOUTS, SOCS

CELL_MAX_MV = 4250  # charged, with the charger's tolerance
USB_MIN_MV, USB_MAX_MV = 4400, 5500  # at the far end of a long cable; the most that USB allows
SUPPLY_MV = 3300


class Circuit:
    """Parts, nets and pins of one build.

    boards, breakouts: descriptions by name; given by tests that change one.
    """

    def __init__(self, build, boards=BOARDS, breakouts=BREAKOUTS):
        self.build = build
        self.parts = build["circuit"]["parts"]
        self.nets = build["circuit"]["nets"]
        self._boards, self._breakouts = boards, breakouts
        self.board_part = next(ref for ref, part in self.parts.items() if "board" in part)
        self.board = boards[self.parts[self.board_part]["board"]]
        self.soc = SOCS[self.board["soc"]]
        self.net_of = {pin: net for net, pins in self.nets.items() for pin in pins}

    def breakout(self, ref):
        """Return the breakout board that a part is, or None."""
        name = self.parts[ref].get("breakout")
        return None if name is None else self._breakouts[name]

    def sensors(self):
        """Return the parts that are breakouts."""
        return [ref for ref in self.parts if "breakout" in self.parts[ref]]

    def pins_of(self, ref):
        """Return the names of a part's pins."""
        part = self.parts[ref]
        if "board" in part:
            pads = self.board["pads"]
            return [*pads["left"], *pads["right"], *pads["under"]]
        if "breakout" in part:
            return list(self.breakout(ref)["pins"])
        return ["+", "-"] if "cell_mah" in part else ["1", "2"]

    def way(self, pin):
        """Return what a pin does: out, power_out, power_in, ground, i2c, in, gpio, passive."""
        ref, _, name = pin.partition(".")
        part = self.parts[ref]
        if "breakout" in part:
            return self.breakout(ref)["pins"][name]["way"]
        if "board" in part:
            return self._board_way(name)
        if "cell_mah" in part:
            return "power_out" if name == "+" else "ground"
        return "passive"

    def _board_way(self, name):
        if name in self.board["pad_gpio"]:
            return "gpio"
        if name.endswith("GND") or name == "BAT-":
            return "ground"
        return "power_in" if name == "BAT+" else "power_out"

    def fixed_mv(self, net, highest=True):
        """Return the voltage of a supply net, or None for a signal."""
        for pin in self.nets[net]:
            ref, _, name = pin.partition(".")
            if self.way(pin) == "ground":
                return 0
            if ref != self.board_part:
                continue
            if name.endswith("3V3"):
                return SUPPLY_MV
            if name == "5V":
                return USB_MAX_MV if highest else USB_MIN_MV
            if name == "BAT+":
                return CELL_MAX_MV
        return None

    def resistors_at(self, net):
        """Return [(ohm, net at the other end)] of the resistors that end on a net."""
        found = []
        for ref, part in self.parts.items():
            if "ohm" not in part:
                continue
            ends = [self.net_of.get(f"{ref}.{pin}") for pin in "12"]
            if net in ends and ends[0] != ends[1]:
                found.append((part["ohm"], ends[1 - ends.index(net)]))
        return found

    def capacitor_at(self, net):
        """Return the farads between a net and ground."""
        total = 0.0
        for ref, part in self.parts.items():
            ends = [self.net_of.get(f"{ref}.{pin}") for pin in "12"]
            if "farad" in part and net in ends:
                other = ends[1 - ends.index(net)]
                if other in self.nets and self.fixed_mv(other) == 0:
                    total += part["farad"]
        return total

    def divided_mv(self, net, highest=True, tolerance=0.0):
        """Return the voltage of a net that resistors alone feed; None where none do.

        tolerance: of each resistor, in the direction that raises the voltage.
        """
        current = conductance = 0.0
        for ohm, other in self.resistors_at(net):
            mv = self.fixed_mv(other, highest) if other in self.nets else None
            if mv is None:
                return None
            ohm *= 1 - tolerance if mv else 1 + tolerance
            current += mv / ohm
            conductance += 1 / ohm
        return current / conductance if conductance else None

    def role_net(self, role):
        """Return the net at the pad of a role of the board (SDA, VBAT ...), or None."""
        pad = self.board["pins"].get(role, {}).get("pad")
        return None if pad is None else self.net_of.get(f"{self.board_part}.{pad}")
