"""A build's wiring as a picture: the board as it lies there, its parts beside it, a colour a net.

Pure; circuit in, SVG text out. The router is simple and cannot fail: every pin has a height of its
own, every net a vertical track of its own in the channel left or right of the board, and a net
with pins on both sides passes below the board.
"""

from xml.sax.saxutils import escape

from rendering.circuit import Circuit

COLOURS = {
    "GND": "#222222",
    "3V3": "#d0021b",
    "5V": "#e8730c",
    "BAT+": "#8b0000",
    "BAT-": "#777777",
    "SDA": "#1565c0",
    "SCL": "#b58900",
    "INT2": "#7b1fa2",
    "VBAT": "#00796b",
    "VBUS": "#6d4c41",
}
SLOT, TRACK, TOP = 26, 14, 82  # px: between pins, between tracks, above the first pin
PART_W, BOARD_W = 150, 170
USB_W, USB_H = 54, 16


class Picture:
    """Places the parts, routes the nets, and gives the SVG's lines."""

    def __init__(self, circuit: Circuit):
        self._c = circuit
        layout = circuit.build["circuit"]
        self._columns = {"L": layout["left"], "R": layout["right"]}
        pads = circuit.board["pads"]
        right = [*pads["right"], *([None] if pads["under"] else []), *pads["under"]]
        self._pads = {"L": pads["left"], "R": right}
        self._under = set(pads["under"])
        self.places = {}  # pin -> (side, x, y)
        self._lines = []
        widths = {side: self._channel_w(side) for side in "LR"}
        self._left_x = 16 + (PART_W if self._columns["L"] else 0) + widths["L"]
        self._right_x = self._left_x + BOARD_W
        self._part_x = {"L": 16, "R": self._right_x + widths["R"]}
        self.width = self._part_x["R"] + PART_W + 16

    def _nets_of(self, side):
        """Return the nets that need a track in a channel, in a fixed order."""
        c, here = self._c, set(self._columns[side])
        pads = {f"{c.board_part}.{pad}" for pad in self._pads[side] if pad}
        return [
            net
            for net, pins in c.nets.items()
            if any(pin in pads or pin.partition(".")[0] in here for pin in pins)
        ]

    def _channel_w(self, side):
        return TRACK * (len(self._nets_of(side)) + 2) if self._nets_of(side) else 16

    def svg(self):
        """Return the picture as text."""
        c = self._c
        slots = max(len(self._pads["L"]), len(self._pads["R"]))
        bottom = TOP + SLOT * slots
        body = self._board(bottom)
        parts = [self._part(side, ref, y) for side in "LR" for ref, y in self._stack(side)]
        lowest = max([bottom, *(y for _, _, y in self.places.values())]) + SLOT
        wires, height = self._wires(lowest)
        title = escape(f"Wiring of {c.build['title']}")
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" '
            f'width="{self.width}" height="{height}" role="img" '
            f'font-family="sans-serif" font-size="12"><title>{title}</title>'
        )
        ground = f'<rect width="{self.width}" height="{height}" fill="#ffffff"/>'
        return "\n".join([head, ground, *wires, body, *parts, "</svg>"]) + "\n"

    def _stack(self, side):
        """Yield (part, y of its first pin): pins lie half a slot beside those of the board."""
        y = TOP + SLOT // 2
        for ref in self._columns[side]:
            yield ref, y
            y += SLOT * (len(self._c.pins_of(ref)) + (1 if len(self._c.pins_of(ref)) > 2 else 0))
            y += SLOT

    def _board(self, bottom):
        c = self._c
        x, lines = self._left_x, []
        lines.append(box(x, TOP - 52, BOARD_W, bottom - TOP + 58, "#eef3f8"))
        usb_x = x + (BOARD_W - USB_W) / 2
        lines.append(box(usb_x, TOP - 60, USB_W, USB_H, "#cfd4d8"))
        lines.append(text(x + BOARD_W / 2, TOP - 48, "USB", "middle", size=10))
        lines.append(text(x + BOARD_W / 2, TOP - 24, c.board["title"], "middle", bold=True))
        for side, edge in (("L", x), ("R", x + BOARD_W)):
            for slot, pad in enumerate(self._pads[side]):
                if pad is None:
                    lines.append(
                        text(edge - 8, TOP + SLOT * slot + 4, "on its underside:", "end", size=10)
                    )
                    continue
                y = TOP + SLOT * slot
                self.places[f"{c.board_part}.{pad}"] = (side, edge, y)
                lines.append(_pad(edge, y, f"{c.board_part}.{pad}" in c.net_of))
                label = self._pad_label(pad)
                anchor, dx = ("start", 10) if side == "L" else ("end", -10)
                lines.append(text(edge + dx, y + 4, label, anchor))
        return "\n".join(lines)

    def _pad_label(self, pad):
        gpio = self._c.board["pad_gpio"].get(pad)
        return pad if gpio is None else f"{pad} (GPIO{gpio})"

    def _part(self, side, ref, y):
        c, x = self._c, self._part_x[side]
        pins = c.pins_of(ref)
        two = len(pins) == 2
        top = y - (12 if two else 12 + SLOT)
        lines = [box(x, top, PART_W, SLOT * len(pins) + (0 if two else SLOT), _fill(c, ref))]
        edge = x + PART_W if side == "L" else x
        title_x = x + PART_W / 2 + (8 if two else 0)
        lines.append(text(title_x, y + 14 if two else y - 22, _name(c, ref), "middle", bold=True))
        for slot, pin in enumerate(pins):
            name, pin_y = f"{ref}.{pin}", y + SLOT * slot
            self.places[name] = (side, edge, pin_y)
            lines.append(_pad(edge, pin_y, name in c.net_of))
            anchor, dx = ("end", -10) if side == "L" else ("start", 10)
            label = pin
            if name not in c.net_of and not two:
                must = c.breakout(ref)["pins"][pin].get("leave_open", "").startswith("must")
                label += ": LEAVE OPEN" if must else " (open)"
            warn = "LEAVE OPEN" in label
            lines.append(text(edge + dx, pin_y + 4, label, anchor, bold=warn, red=warn))
        return "\n".join(lines)

    def _wires(self, lowest):
        """Return (SVG lines of all nets, height of the picture)."""
        c, lines, bridges = self._c, [], 0
        tracks = {}
        for side, start in (("L", self._part_x["L"] + PART_W), ("R", self._right_x)):
            for n, net in enumerate(self._nets_of(side)):
                tracks[side, net] = start + TRACK * (n + 1) + (TRACK if side == "R" else 0)
        for net, pins in c.nets.items():
            ends = [self.places[pin] for pin in pins]
            paths, dots = [], []
            heights = {"L": [y for s, _, y in ends if s == "L"]}
            heights["R"] = [y for s, _, y in ends if s == "R"]
            if heights["L"] and heights["R"]:
                y = lowest + TRACK * bridges
                bridges += 1
                paths.append(f"M{tracks['L', net]} {y}H{tracks['R', net]}")
                heights["L"].append(y)
                heights["R"].append(y)
            for side in "LR":
                ys = sorted(heights[side])
                if len(ys) > 1:
                    paths.append(f"M{tracks[side, net]} {ys[0]}V{ys[-1]}")
                    dots += [(tracks[side, net], y) for y in ys[1:-1]]
            paths += [f"M{x} {y}H{tracks[side, net]}" for side, x, y in ends]
            lines += _net(net, "".join(paths), dots)
        legend_y = lowest + TRACK * bridges + 26
        lines += self._legend(legend_y)
        return lines, legend_y + 18

    def _legend(self, y):
        x, lines = 24, []
        step = min(74, (self.width - 48) / max(1, len(self._c.nets)))
        for net in self._c.nets:
            lines.append(
                f'<path d="M{x:.0f} {y - 4}h16" stroke="{COLOURS[net]}" stroke-width="3"/>'
            )
            lines.append(text(x + 20, y, net, "start"))
            x += step
        return lines


def _net(net, path, dots):
    """Two strokes: a white one below, so that a crossing is seen to be none."""
    colour = COLOURS[net]
    return [
        f'<path d="{path}" fill="none" stroke="#ffffff" stroke-width="6"/>',
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2.2">'
        f"<title>{net}</title></path>",
        *(f'<circle cx="{x}" cy="{y}" r="3.6" fill="{colour}"/>' for x, y in dots),
    ]


def _name(c, ref):
    part = c.parts[ref]
    if "breakout" in part:
        return c.breakout(ref)["title"].partition(" breakout")[0].partition(" (")[0]
    if "cell_mah" in part:
        return f"LiPo {part['cell_mah']} mAh"
    if "ohm" in part:
        return f"{ref}  {part['ohm'] / 1000:g} kOhm"
    return f"{ref}  {part['farad'] * 1e9:g} nF"


def _fill(c, ref):
    part = c.parts[ref]
    if "breakout" in part:
        return "#f3eef8"
    return "#fdf1dc" if "cell_mah" in part else "#f4f4f0"


def box(x, y, w, h, fill) -> str:
    """Return a rounded box, px."""
    place = f'x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}"'
    return f'<rect {place} rx="6" fill="{fill}" stroke="#888"/>'


def _pad(x, y, used):
    fill = "#d9a400" if used else "#ffffff"
    return f'<circle cx="{x}" cy="{y}" r="5" fill="{fill}" stroke="#555"/>'


def text(x, y, words, anchor, size=12, bold=False, red=False) -> str:
    """Return a text, px."""
    style = ' font-weight="bold"' if bold else ""
    style += ' fill="#c00000"' if red else ""
    style += f' font-size="{size}"' if size != 12 else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}"{style}>{escape(words)}</text>'


def wiring_svg(circuit: Circuit) -> str:
    """Return the picture of a build with wires."""
    return Picture(circuit).svg()
