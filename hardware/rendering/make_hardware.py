"""Make all that is made in hardware/: pages, pictures, cases. Run by `make hardware`.

Touches the files that it makes. The cases need manifold3d.
"""

import sys
from pathlib import Path

HARDWARE = Path(__file__).resolve().parents[1]
if str(HARDWARE) not in sys.path:
    sys.path.insert(0, str(HARDWARE))

from rendering import build_page, index_page, inside_svg, power_page, wiring_svg  # noqa: E402
from rendering.circuit import Circuit  # noqa: E402
from rendering.data import BOARDS, BUILDS, variants  # noqa: E402


def texts() -> dict[str, str]:
    """Return {file in hardware/: its text} of every page and picture."""
    made = {
        "README.md": index_page.readme(),
        "HAZARDS.md": index_page.hazards_page(),
        "POWER.md": power_page.page(),
    }
    for name, build in BUILDS.items():
        circuit = Circuit(build)
        draw = wiring_svg.wiring_svg if circuit.nets else inside_svg.inside_svg
        made[f"{name}.md"] = build_page.page(build)
        made[build_page.picture_name(build)] = draw(circuit)
        for change, other in variants(build):
            if "board" in change and BOARDS[change["board"]]["pads"]["left"]:
                made[build_page.picture_name(other)] = wiring_svg.wiring_svg(Circuit(other))
    return made


def cases() -> dict[str, object]:
    """Return {file in hardware/case/: Manifold} of every part to print, where it is worn."""
    from rendering.case import Case

    made = {}
    for build in BUILDS.values():
        if "none" in build["case"]:
            continue
        others = [other for change, other in variants(build) if "cell_mm" in change]
        for cased in (build, *others):
            for part, solid in Case(Circuit(cased)).parts.items():
                made[f"{cased['name']}_{part}.stl"] = solid
    return made


def case_pictures() -> dict[str, str]:
    """Return {file in hardware/: its text} of the cases' pictures."""
    from rendering.case import Case
    from rendering.case_svg import case_svg

    made = {}
    for build in BUILDS.values():
        if "none" not in build["case"]:
            title = f"The case of {build['title']}, cut along the strap, and from above"
            names = {ref: build_page.part_word(part) for ref, part in build_parts(build)}
            made[build_page.case_picture_name(build)] = case_svg(
                Case(Circuit(build)), title, names
            )
    return made


def build_parts(build):
    """Return [(ref, part)] of a build's circuit."""
    return build["circuit"]["parts"].items()


def main() -> None:
    from rendering import stl

    pages, solids = {**texts(), **case_pictures()}, cases()  # all, before any is written
    for name, text in pages.items():
        (HARDWARE / name).write_text(text, encoding="utf-8")
    (HARDWARE / "case").mkdir(exist_ok=True)
    for name, solid in solids.items():
        stl.write(HARDWARE / "case" / name, solid)


if __name__ == "__main__":
    try:
        main()
    except ImportError as error:
        raise SystemExit(f"{error}; install it: pip install 'notturno[hardware]'.") from error
    except (ValueError, KeyError, OSError) as error:
        raise SystemExit(f"Nothing was made; mend the data and try again: {error}") from error
