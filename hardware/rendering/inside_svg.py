"""The picture of a build of one piece: what is inside, by which pins.

Pure; circuit in, SVG text out.
"""

from xml.sax.saxutils import escape

from rendering.circuit import Circuit
from rendering.wiring_svg import box, text


def inside_svg(circuit: Circuit) -> str:
    """Return the picture of a build of one piece: what is inside, by which pins."""
    board, chip = circuit.board, circuit.build["chip"]
    groups = {"sensor": ("SDA", "SCL", "INT2"), "cell": ("VBAT", "HOLD"), "you": ("BUTTON", "LED")}
    titles = {
        "sensor": f"{chip.upper()}, address 0x{board['inside']['address']:02X}",
        "cell": f"cell {board['cell_mah']['value']} mAh and its charger",
        "you": "button, light",
    }
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 250" width="620" height="250" '
        'role="img" font-family="sans-serif" font-size="12">'
        f"<title>{escape('Inside the ' + board['title'])}</title>",
        '<rect width="620" height="250" fill="#ffffff"/>',
        box(10, 10, 600, 230, "#fafafa"),
        text(24, 32, board["title"] + ": closed, nothing to wire", "start", bold=True),
        box(40, 60, 150, 150, "#eef3f8"),
        text(115, 138, board["soc"].upper(), "middle", bold=True),
    ]
    for n, (group, roles) in enumerate(groups.items()):
        y = 60 + 54 * n
        lines.append(box(400, y, 190, 42, "#f3eef8"))
        lines.append(text(495, y + 25, titles[group], "middle", bold=True))
        used = [(r, board["pins"][r]["gpio"]) for r in roles if r in board["pins"]]
        label = ", ".join(f"{role} GPIO{gpio}" for role, gpio in used)
        lines.append(f'<path d="M190 {y + 21}H400" stroke="#1565c0" stroke-width="2"/>')
        lines.append(text(295, y + 15, label, "middle", size=11))
    return "\n".join([*lines, "</svg>"]) + "\n"
