"""The case of a build: box with strap lugs, plate, lid; and the parts as they lie in it.

Touches nothing; needs manifold3d (PyPI, 1.4 MB). Speaks mm. x runs along the strap, z away from
the skin; z = 0 is the skin. The cell lies on the floor, the plate keeps solder joints off it, and
what computes lies on the plate. The board's USB socket looks to the end where x is least.

Nothing was printed yet. Clearances are for a 0.4 mm nozzle, from experience of others.
"""

from dataclasses import dataclass

import manifold3d as m3

from rendering.circuit import Circuit

USB_OPENING = (10.5, 4.5)  # a USB-C plug's metal is 8.4 x 2.6
USB_Z = 2.6  # of the socket's middle above the plate: board 1.0 mm, socket 3.2 mm
BUTTON_D = 3.5
WIRE_NOTCH = (8.0, 3.0)


@dataclass(frozen=True)
class Shape:
    """The numbers that somebody may change."""

    floor: float = 2.0  # between cell and skin
    wall: float = 2.0
    lid: float = 1.6
    plate: float = 1.2
    ledge: float = 2.0  # on which the plate lies, at both ends
    clearance: float = 0.5  # around each part
    swelling: float = 0.1  # of a cell's thickness, with the years
    gap: float = 1.5  # between neighbours
    wires: float = 2.3  # above the upper parts, and more than the lip
    chamfer: float = 1.2  # of all edges on the skin
    corner: float = 3.0
    lip: float = 2.0  # of the lid, inside the box
    lip_clearance: float = 0.15
    strap_gap: float = 3.0  # height of the slot in a lug, for strap and stitches
    bar: float = 3.0  # of a lug, beyond the slot
    lug: float = 3.0  # thickness


@dataclass(frozen=True)
class Block:
    """A part as a box: where its least corner is, and its size."""

    ref: str
    at: tuple[float, float, float]
    size: tuple[float, float, float]

    def solid(self, grow: float = 0.0) -> m3.Manifold:
        size = [s + 2 * grow for s in self.size]
        return m3.Manifold.cube(size).translate([a - grow for a in self.at])


def part_size(circuit: Circuit, ref: str) -> tuple[float, float, float]:
    """Return length, width, height of a part. Raises KeyError for one that has no size."""
    part = circuit.parts[ref]
    if "board" in part:
        return tuple(circuit.board["size_mm"]["value"])
    if "breakout" in part:
        return tuple(circuit.breakout(ref)["size_mm"]["value"])
    return tuple(part["size_mm"])


class Case:
    """Box, plate and lid around a build's parts.

    Attributes: inner (length, width, height of the room), outer, blocks, parts {name: Manifold}
    placed as they are worn.
    """

    def __init__(self, circuit: Circuit, shape: Shape | None = None):
        self.shape = s = shape or Shape()
        self._c = circuit
        self._layout = layout = circuit.build["case"]
        sizes = {level: self._sizes(layout[level]) for level in ("lower", "upper")}
        spans = {level: self._span(sizes[level]) for level in sizes}
        lower_h = max(
            h * (1 + (s.swelling if "cell_mah" in circuit.parts[ref] else 0)) + s.clearance
            for ref, (_, _, h) in sizes["lower"]
        )
        upper_h = max(h for _, (_, _, h) in sizes["upper"]) + s.wires
        self.plate_z = s.floor + lower_h
        self.inner = (
            max(spans["upper"], spans["lower"] + 2 * s.ledge) + 2 * s.clearance,
            max(w for level in sizes.values() for _, (_, w, _) in level) + 2 * s.clearance,
            lower_h + s.plate + upper_h,
        )
        self.outer = (
            self.inner[0] + 2 * s.wall,
            self.inner[1] + 2 * s.wall,
            s.floor + self.inner[2] + s.lid,
        )
        self.blocks = self._placed(sizes, spans)
        self.parts = {"box": self._box(), "plate": self._plate(), "lid": self._lid()}

    def _sizes(self, names):
        """Return [(ref, size)]; "U2 turned" lies across."""
        found = []
        for name in names:
            ref, _, turned = name.partition(" ")
            length, width, height = part_size(self._c, ref)
            found.append((ref, (width, length, height) if turned else (length, width, height)))
        return found

    def _span(self, level):
        return sum(size[0] for _, size in level) + self.shape.gap * (len(level) - 1)

    def _placed(self, sizes, spans):
        s, blocks = self.shape, []
        for level, z in (("lower", s.floor), ("upper", self.plate_z + s.plate)):
            # Above, the socket must reach the wall; below, the middle is the cell's place.
            x = -self.inner[0] / 2 + s.clearance
            if level == "lower":
                x = -spans[level] / 2
            for ref, size in sizes[level]:
                blocks.append(Block(ref, (x, -size[1] / 2, z), size))
                x += size[0] + s.gap
        return blocks

    def _slab(self, length, width, corner, height):
        """Return a plate with round corners, standing on z = 0."""
        core = m3.CrossSection.square([length - 2 * corner, width - 2 * corner], center=True)
        return core.offset(corner, m3.JoinType.Round, circular_segments=48).extrude(height)

    def _box(self):
        s = self.shape
        length, width, height = self.outer[0], self.outer[1], self.outer[2] - s.lid
        foot = self._slab(length - 2 * s.chamfer, width - 2 * s.chamfer, s.corner, 0.01)
        body = self._slab(length, width, s.corner, height - s.chamfer)
        solid = m3.Manifold.batch_hull([foot, body.translate([0, 0, s.chamfer])])
        solid += self._lugs()
        room = self._slab(self.inner[0], self.inner[1], 1.0, self.inner[2] + 1)
        solid -= room.translate([0, 0, s.floor])
        for end in (-1, 1):  # the plate lies on these
            ledge = m3.Manifold.cube([s.ledge, self.inner[1], self.plate_z - s.floor])
            x = self.inner[0] / 2 - (s.ledge if end > 0 else 0)
            solid += ledge.translate([end * x, -self.inner[1] / 2, s.floor])
        return solid - self.usb_probe(*USB_OPENING)

    def usb_probe(self, width: float, height: float) -> m3.Manifold:
        """Return a bar through the end wall where the board's socket is."""
        board = next(b for b in self.blocks if b.ref == self._c.board_part)
        z = board.at[2] + USB_Z
        bar = m3.Manifold.cube([2 * self.shape.wall + 2, width, height], center=True)
        return bar.translate([-self.outer[0] / 2 + self.shape.wall / 2, 0, z])

    def _lugs(self):
        """Return both lugs: a bar beyond a slot, at the height of the skin, edges chamfered."""
        s = self.shape
        reach = s.strap_gap + s.bar
        width = self._layout["strap_mm"] + 2 + 2 * s.bar
        lugs = m3.Manifold()
        for end in (-1, 1):
            length = reach + s.corner + s.wall
            lug = m3.Manifold.batch_hull(
                [
                    self._slab(length - 2 * s.chamfer, width - 2 * s.chamfer, 1.5, 0.01),
                    self._slab(length, width, 1.5, s.lug - s.chamfer).translate([0, 0, s.chamfer]),
                ]
            )
            middle = end * (self.outer[0] / 2 + reach - length / 2)
            lugs += lug.translate([middle, 0, 0]) - self.strap_probe(end, 2.0, s.strap_gap)
        return lugs

    def strap_probe(self, end: int, more_width: float, height: float) -> m3.Manifold:
        """Return what passes through a lug at one end: a strap's cross-section, upright."""
        s = self.shape
        bar = m3.Manifold.cube([height, self._layout["strap_mm"] + more_width, 20], center=True)
        return bar.translate([end * (self.outer[0] / 2 + s.strap_gap / 2), 0, 0])

    def _plate(self):
        s = self.shape
        play = 2 * s.lip_clearance
        plate = self._slab(self.inner[0] - play, self.inner[1] - play, 1.0, s.plate)
        notch = m3.Manifold.cube([*WIRE_NOTCH, 4 * s.plate], center=True)
        plate -= notch.translate([self.inner[0] / 4, self.inner[1] / 2, 0])
        return plate.translate([0, 0, self.plate_z])

    def _lid(self):
        s = self.shape
        lid = self._slab(self.outer[0], self.outer[1], s.corner, s.lid).translate([0, 0, s.lip])
        play = 2 * s.lip_clearance
        lip = self._slab(self.inner[0] - play, self.inner[1] - play, 1.0, s.lip)
        hollow = self._slab(self.inner[0] - play - 3, self.inner[1] - play - 3, 0.8, s.lip)
        lid += lip - hollow
        z = self.outer[2] - s.lid - s.lip
        board = next(b for b in self.blocks if b.ref == self._c.board_part)
        x, y = self._c.board["button_mm"]["value"]
        hole = m3.Manifold.cylinder(20, BUTTON_D / 2, circular_segments=32, center=True)
        return lid.translate([0, 0, z]) - hole.translate([board.at[0] + x, y, z])
