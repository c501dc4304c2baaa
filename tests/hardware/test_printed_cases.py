"""The printed cases: watertight, the parts fit with room, and 2 mm lie between cell and skin."""

import sys
from pathlib import Path

import manifold3d as m3
import numpy as np
import pytest

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
sys.path.append(str(HARDWARE))
from rendering import build_page, data, make_hardware, stl  # noqa: E402
from rendering.case import Case, Shape  # noqa: E402
from rendering.case_svg import corners  # noqa: E402
from rendering.circuit import Circuit  # noqa: E402

CASED = {
    other["name"]: other
    for build in data.BUILDS.values()
    if "none" not in build["case"]
    for change, other in [({"cell_mm": 0}, build), *data.variants(build)]
    if "cell_mm" in change
}
CASES = {name: Case(Circuit(build)) for name, build in CASED.items()}
FILES = sorted(f"{name}_{part}" for name in CASED for part in ("box", "plate", "lid"))
TINY_MM3 = 1e-3


def test_there_is_a_file_of_every_part_and_no_other():
    assert sorted(path.stem for path in (HARDWARE / "case").glob("*")) == FILES
    assert sorted(make_hardware.cases()) == [f"{name}.stl" for name in FILES]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_watertight_looks_outwards_and_is_what_is_made_now(name):
    triangles = stl.read(HARDWARE / "case" / f"{name}.stl")
    assert stl.open_edges(triangles) == 0
    build, _, part = name.rpartition("_")
    solid = CASES[build].parts[part]
    assert len(solid.decompose()) == 1, "one piece"
    assert stl.volume_mm3(triangles) == pytest.approx(solid.volume(), rel=1e-5)
    low_high = np.array(solid.bounding_box()).reshape(2, 3)
    corners = triangles.reshape(-1, 3)
    assert np.array([corners.min(0), corners.max(0)]) == pytest.approx(low_high, abs=1e-3)
    # Another release of the library may cut the same faces into other triangles.
    made = stl.triangles_of(solid)
    faces = np.cross(made[:, 1] - made[:, 0], made[:, 2] - made[:, 0])
    kept = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    for axis in range(3):
        assert np.abs(kept[:, axis]).sum() == pytest.approx(np.abs(faces[:, axis]).sum(), rel=1e-4)


def test_a_hole_in_a_mesh_is_seen():
    triangles = stl.triangles_of(m3.Manifold.cube([1, 2, 3]))
    assert stl.open_edges(triangles) == 0 and stl.volume_mm3(triangles) == pytest.approx(6)
    assert stl.open_edges(triangles[1:]) == 3
    assert stl.volume_mm3(triangles[:, ::-1]) == pytest.approx(-6)


def test_the_same_shape_gives_the_same_file(tmp_path):
    solid = CASES["r1_xiao"].parts["lid"]
    for name in "ab":
        stl.write(tmp_path / name, solid)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert len(stl.read(tmp_path / "a")) == solid.num_tri()


@pytest.mark.parametrize("name", CASES)
def test_every_part_fits_and_lies_inside(name):
    case = CASES[name]
    whole = case.parts["box"] + case.parts["plate"] + case.parts["lid"]
    outside = m3.Manifold.cube(case.outer).translate([-case.outer[0] / 2, -case.outer[1] / 2, 0])
    assert {block.ref for block in case.blocks} == {"U1", "U2", "BT1"}
    for block in case.blocks:
        solid = block.solid()
        assert (solid ^ whole).volume() < TINY_MM3, f"{block.ref} touches the case"
        assert (solid - outside).volume() < TINY_MM3, f"{block.ref} sticks out"
        others = [other.solid() for other in case.blocks if other is not block]
        assert all(solid.min_gap(other, 5) >= 1.0 for other in others), "parts touch"
    for part, solid in case.parts.items():
        for other, their in case.parts.items():
            assert part == other or (solid ^ their).volume() < TINY_MM3, f"{part} in {other}"


@pytest.mark.parametrize("name", CASES)
def test_there_is_room_around_each_part_and_for_a_cell_that_swells(name):
    case = CASES[name]
    walls = case.parts["box"]
    for block in case.blocks:
        grown = m3.Manifold.cube([block.size[0] + 0.8, block.size[1] + 0.8, block.size[2]])
        grown = grown.translate([block.at[0] - 0.4, block.at[1] - 0.4, block.at[2]])
        assert (grown ^ walls).volume() < TINY_MM3, block.ref
    cell = next(block for block in case.blocks if block.ref == "BT1")
    above = case.plate_z - (cell.at[2] + cell.size[2])
    assert above == pytest.approx(cell.size[2] * 0.1 + 0.5)
    assert case.parts["plate"].bounding_box()[2] == pytest.approx(case.plate_z)


@pytest.mark.parametrize("name", CASES)
def test_two_mm_of_plastic_lie_between_cell_and_skin(name):
    case = CASES[name]
    cell = next(block for block in case.blocks if block.ref == "BT1")
    assert cell.at[2] == 2.0 == Shape().floor == build_page.FLOOR_MM
    below = m3.Manifold.cube([*cell.size[:2], 2.0]).translate([*cell.at[:2], 0])
    assert (below - case.parts["box"]).volume() < TINY_MM3
    for end in (-1, 1):  # and at its sides, up to the lid
        side = m3.Manifold.cube([cell.size[0] / 2, 1.99, case.plate_z - 2], center=True)
        y = end * (case.inner[1] / 2 + 1.0)
        side = side.translate([0, y, 2 + (case.plate_z - 2) / 2])
        assert (side - case.parts["box"]).volume() < TINY_MM3


@pytest.mark.parametrize("name", CASES)
def test_the_plate_lies_on_its_ledges_and_the_lid_on_the_walls(name):
    case = CASES[name]
    for part, support in (("plate", "box"), ("lid", "box")):
        sunk = case.parts[part].translate([0, 0, -0.1])
        assert (sunk ^ case.parts[support]).volume() > 1.0, f"{part} falls in"


@pytest.mark.parametrize("name", CASES)
def test_a_usb_plug_a_strap_and_a_finger_get_through(name):
    case, build = CASES[name], CASED[name]
    box, lid = case.parts["box"], case.parts["lid"]
    assert (case.usb_probe(9.0, 3.2) ^ box).volume() < TINY_MM3
    assert (case.usb_probe(12.5, 3.2) ^ box).volume() > 1.0, "the opening has an edge"
    strap = build["case"]["strap_mm"]
    for end in (-1, 1):
        assert (case.strap_probe(end, 1.0, 2.5) ^ box).volume() < TINY_MM3
        reach = end * (case.outer[0] / 2 + 3.0 + 1.5)
        bar = m3.Manifold.cube([2.9, strap, 1.0], center=True).translate([reach, 0, 2.0])
        assert (bar - box).volume() < TINY_MM3, "the bar of the lug is whole"
    board = next(block for block in case.blocks if block.ref == "U1")
    x, y = Circuit(build).board["button_mm"]["value"]
    pen = m3.Manifold.cylinder(30, 1.5, center=True).translate([board.at[0] + x, y, 15])
    assert (pen ^ lid).volume() < TINY_MM3


@pytest.mark.parametrize("name", CASES)
def test_no_edge_on_the_skin_is_sharp(name):
    """On the skin's side the outline is smaller by the chamfer than 1.2 mm above."""
    box = CASES[name].parts["box"]
    foot, above = box.slice(0.005), box.slice(1.3)
    assert above.offset(-1.0).area() > foot.area() * 0.9
    low, high = np.array(foot.bounds()).reshape(2, 2), np.array(above.bounds()).reshape(2, 2)
    assert (low[0] - high[0] > 1.1).all() and (high[1] - low[1] > 1.1).all()


def test_a_case_follows_its_numbers():
    thick = Case(Circuit(CASED["r1_xiao"]), Shape(floor=3.0, wall=3.0))
    thin = CASES["r1_xiao"]
    assert thick.outer == pytest.approx([thin.outer[0] + 2, thin.outer[1] + 2, thin.outer[2] + 1])
    assert thick.inner == pytest.approx(thin.inner)


@pytest.mark.parametrize("name", make_hardware.case_pictures())
def test_the_picture_of_a_case_is_what_make_hardware_makes(name):
    made = make_hardware.case_pictures()[name]
    assert (HARDWARE / name).read_text(encoding="utf-8") == made, "run: make hardware"
    for word in ("board", "sensor", "cell", "skin"):
        assert f">{word}</text>" in made


def test_an_outline_keeps_its_corners_alone():
    square = [(2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 2.001), (0, 0), (1, 0.004)]
    assert corners(square) == [(0, 0), (2, 0), (2, 2), (0, 2)]
    assert corners([(0, 0), (1, 0.0), (1.2, 0.1), (1.2, 1), (0, 1)]) == [
        (0, 0),
        (1, 0),
        (1.2, 0.1),
        (1.2, 1),
        (0, 1),
    ]
