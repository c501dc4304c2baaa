"""A case as a picture: cut along the strap with the parts in it, and the box from above.

Pure; needs manifold3d. Outlines are cut from the very solids that are printed; points that lie on
a straight line are dropped, so that the picture does not depend on how the library cuts triangles.
"""

import math

from rendering.case import Case

PX, EDGE = 6, 16  # pixels for a mm; margin
COLOURS = {"box": "#8fa8d8", "plate": "#e8a24c", "lid": "#8cc28c"}
PART, TEXT = "#d98880", 12
STRAIGHT_MM = 0.01  # off the line between its neighbours: no corner


def corners(polygon) -> list[tuple[float, float]]:
    """Return a polygon's corners in 0.1 mm, from the least on, without those on a line."""
    rounded = [(round(float(x), 1) + 0.0, round(float(y), 1) + 0.0) for x, y in polygon]
    points = [point for n, point in enumerate(rounded) if point != rounded[n - 1]]
    kept = []
    for n, (x, y) in enumerate(points):
        (ax, ay), (bx, by) = points[n - 1], points[(n + 1) % len(points)]
        twice_area = abs((x - ax) * (by - ay) - (y - ay) * (bx - ax))
        if twice_area > STRAIGHT_MM * math.hypot(bx - ax, by - ay):
            kept.append((x, y))
    least = kept.index(min(kept)) if kept else 0
    return kept[least:] + kept[:least]


def _path(section, x_mm, y_mm, fill):
    """Return a section as one SVG path, its origin at a place in mm, y upwards."""
    text = ""
    for outline in sorted(map(corners, section.to_polygons())):
        places = [f"{(x_mm + x) * PX:.1f} {(y_mm - y) * PX:.1f}" for x, y in outline]
        if places:
            text += "M" + "L".join(places) + "Z"
    return f'<path d="{text}" fill="{fill}" fill-rule="evenodd" stroke="#444"/>'


def _label(x_mm, y_mm, text, anchor="middle"):
    place = f'x="{x_mm * PX:.0f}" y="{y_mm * PX:.0f}"'
    return f'<text {place} text-anchor="{anchor}">{text}</text>'


def case_svg(case: Case, title: str, names: dict[str, str]) -> str:
    """Return the picture. names: what to call each block, by its ref."""
    margin = EDGE / PX
    half = case.outer[0] / 2 + case.shape.strap_gap + case.shape.bar
    middle, ground = margin + half, margin + case.outer[2] + 3
    lines = []
    for part, solid in case.parts.items():
        upright = solid.rotate([-90, 0, 0]).slice(0.0)
        lines.append(_path(upright, middle, ground, COLOURS[part]))
    for block in case.blocks:
        upright = block.solid().rotate([-90, 0, 0]).slice(0.0)
        lines.append(_path(upright, middle, ground, PART))
        x = middle + block.at[0] + block.size[0] / 2
        y = ground - block.at[2] - block.size[2] / 2
        lines.append(_label(x, y + 0.7, names[block.ref]))
    lines.append(_label(middle, ground + 3, "skin"))
    below = ground + 6 + case.outer[1] / 2 + 4
    lines.append(_path(case.parts["box"].slice(1.5), middle, below, COLOURS["box"]))
    sizes = " x ".join(f"{size:.0f}" for size in case.outer)
    lines.append(_label(middle, below, f"box, lid, plate: {sizes} mm without the lugs"))
    width, height = 2 * middle * PX, (below + case.outer[1] / 2 + 6) * PX
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" font-family="sans-serif" '
        f'font-size="{TEXT}"><title>{title}</title>'
    )
    ground_rect = f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>'
    return "\n".join([head, ground_rect, *lines, "</svg>"]) + "\n"
