"""Writes SVG elements, and finds round numbers for axes. Pure. Speaks units and pixels.

Colours are CSS variables, so that one picture suits a light and a dark page. The hues of the
kinds are those of Okabe and Ito, which colour-blind people can tell apart; every kind also has
its own lane or its own shape.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notturno.words.written import Written

UNITS = 1000
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
STYLE = f"""
svg {{ --page: #ffffff; --ink: #1d2430; --soft: #5b6575; --grid: #e3e7ee; --plate: #f6f8fb;
  --jerk: #0067a5; --lm: #c05a00; --rhythm: #8a3d92; --posture: #00795c;
  --passive: #a6b0bf; --awake: #e8b21a; --away: #c3cad6; --gap: #c8312b; --activity: #9db7dd; }}
@media screen and (prefers-color-scheme: dark) {{
  svg {{ --page: #12161d; --ink: #e8ecf3; --soft: #9aa5b6; --grid: #2a3240; --plate: #1a202a;
    --jerk: #56b4f0; --lm: #f0933d; --rhythm: #d795dc; --posture: #34c7a0;
    --passive: #5a6678; --awake: #caa22c; --away: #3b4555; --gap: #ff7a70; --activity: #48648f; }}
}}
text {{ font-family: {FONT}; font-size: 12px; fill: var(--ink); }}
.soft {{ fill: var(--soft); }} .title {{ font-size: 18px; font-weight: 600; }}
.lane {{ font-size: 12px; font-weight: 600; }} .small {{ font-size: 11px; fill: var(--soft); }}
.scale {{ font-size: 11px; fill: var(--soft); paint-order: stroke; stroke: var(--plate);
  stroke-width: 3px; }}
.count {{ font-size: 11px; font-variant-numeric: tabular-nums; }}
.grid {{ stroke: var(--grid); stroke-width: 1; }} .axis {{ stroke: var(--soft); stroke-width: 1; }}
.plate {{ fill: var(--plate); }}
.jerk {{ fill: var(--jerk); }} line.jerk {{ stroke: var(--jerk); }} .lm {{ fill: var(--lm); }}
.rhythm {{ fill: var(--rhythm); }} .posture {{ fill: var(--posture); }}
.passive {{ fill: var(--passive); }} line.passive {{ stroke: var(--passive); }}
.awake {{ fill: var(--awake); }} .away {{ fill: url(#away); }} .gap {{ fill: var(--gap); }}
.worn {{ fill: var(--posture); opacity: .35; }}
.curve, .typical {{ fill: none; stroke: var(--jerk); stroke-width: 1.2; stroke-linejoin: round;
  vector-effect: non-scaling-stroke; }}
.typical {{ stroke: var(--ink); stroke-width: 2; }}
.turned {{ fill: var(--posture); opacity: .5; }}
.asleep {{ fill: var(--rhythm); opacity: .35; }} .spread {{ fill: var(--ink); opacity: .12; }}
.bars {{ fill: none; stroke: var(--jerk); stroke-width: 1; vector-effect: non-scaling-stroke; }}
.bars.lm {{ stroke: var(--lm); }} .bars.away {{ stroke: var(--passive); }}
line.jerk, line.passive {{ stroke-linecap: round; }}
.activity {{ fill: var(--activity); }} .short {{ opacity: .45; }} .b {{ opacity: .6; }}
"""
DEFINITIONS = (
    '<defs><path id="diamond" d="M0-6L5 0L0 6L-5 0z"/>'
    '<pattern id="away" width="6" height="6" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect width="6" height="6" fill="var(--plate)"/>'
    '<rect width="3" height="6" fill="var(--away)"/></pattern></defs>'
)


class Drawing:
    """Elements of one picture, in the order of painting.

    Across, a picture is UNITS wide whatever it is shown on, and x and widths are in these units;
    down, y and heights are pixels, and so is all type: a narrow page squeezes what is drawn, and
    leaves the words as large as they are.
    """

    def __init__(self, width: int = UNITS) -> None:
        self.width = width
        self.parts = []

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        kind: str,
        title: Written | str | None = None,
        radius: int = 0,
        no: int | None = None,
    ) -> None:
        """Draw a rectangle of a CSS class; `title` is shown by the mouse and read aloud.

        no: the number of the event that it stands for.
        """
        round_ = f' rx="{radius}"' if radius else ""
        self._add(
            "rect",
            f'x="{self._x(x)}" y="{_px(y)}" width="{self._x(max(width, 0))}"'
            f' height="{_px(max(height, 0))}"{round_} class="{kind}"',
            title,
            no,
        )

    def line(
        self,
        x1: float,
        y1: float,
        x2: float,
        y2: float,
        kind: str,
        width: float | None = None,
        title: str | None = None,
        no: int | None = None,
    ) -> None:
        """Draw a line of a CSS class; width: of the stroke, in px."""
        stroke = f' stroke-width="{width}"' if width else ""
        self._add(
            "line",
            f'x1="{self._x(x1)}" y1="{_px(y1)}" x2="{self._x(x2)}" y2="{_px(y2)}"'
            f' class="{kind}"{stroke}',
            title,
            no,
        )

    def dot(self, x, y: float, radius: int, kind, title: str | None = None) -> None:
        """Draw a disc."""
        at = f'cx="{self._x(x)}" cy="{_px(y)}"'
        self._add("circle", f'{at} r="{radius}" class="{kind}"', title)

    def diamond(
        self, x: float, y: float, kind: str, title: str | None = None, no: int | None = None
    ) -> None:
        """Draw a diamond of 12 px around a place."""
        at = f'x="{self._x(x)}" y="{_px(y)}"'
        self._add("use", f'href="#diamond" {at} class="{kind}"', title, no)

    def curve(self, points: list[tuple[float, float]], kind: str) -> None:
        """Draw an open line through (x, y) points; a single one as a dot."""
        if len(points) == 1:
            self.dot(*points[0], 1, kind)
            return
        ys = [y for _, y in points]
        path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.path(path, kind, min(ys), max(ys))

    def path(self, d: str, kind: str, top: float, bottom: float) -> None:
        """Draw an SVG path of a class between two y; its x are units and its y are pixels."""
        height = max(bottom - top, 1)
        self.parts.append(
            f'<svg x="0" y="{_px(top)}" width="100%" height="{_px(height)}"'
            f' viewBox="0 {_px(top)} {self.width} {_px(height)}" preserveAspectRatio="none"'
            f' overflow="visible"><path d="{d}" class="{kind}"/></svg>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: Written | str,
        kind: str = "",
        anchor: str = "start",
        dx: int = 0,
    ) -> None:
        """Write one line of text; dx: so many pixels to the right of x."""
        moved = f' dx="{dx}"' if dx else ""
        aligned = "" if anchor == "start" else f' text-anchor="{anchor}"'
        class_ = f' class="{kind}"' if kind else ""
        self.parts.append(
            f'<text x="{self._x(x)}" y="{_px(y)}"{class_}{aligned}{moved}>'
            f"{escape(str(text))}</text>"
        )

    def _x(self, units: float) -> str:
        return f"{units * 100 / self.width:.2f}".rstrip("0").rstrip(".") + "%"

    def _add(
        self, element: str, attributes: str, title: Written | str | None, no: int | None = None
    ) -> None:
        if no is not None:
            attributes += f' data-no="{no}"'
        if title is None:
            self.parts.append(f"<{element} {attributes}/>")
        else:
            self.parts.append(
                f"<{element} {attributes}><title>{escape(title)}</title></{element}>"
            )

    def svg(self, height: float, title: str, description: str, name: str = "picture") -> str:
        """Return the whole picture as an SVG document that brings its own style."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height:.0f}"'
            f' width="{self.width}" height="{height:.0f}" role="img"'
            f' aria-labelledby="{name}-title {name}-text">'
            f'<title id="{name}-title">{escape(title)}</title>'
            f'<desc id="{name}-text">{escape(description)}</desc>'
            f"<style>{STYLE}</style>{DEFINITIONS}"
            f'<rect width="100%" height="100%" fill="var(--page)"/>'
            + "".join(self.parts)
            + "</svg>"
        )

    def inline(self, height: float, title: str, name: str, description: str = "") -> str:
        """Return the picture for a page that has STYLE and DEFINITIONS; as wide as there is room.

        name: its own on the page; description: what it shows, for those who cannot see it.
        """
        described = told = ""
        if description:
            described = f' aria-describedby="{name}-text"'
            told = f'<desc id="{name}-text">{escape(description)}</desc>'
        return (
            f'<svg class="picture" width="100%" height="{height:.0f}" role="img"'
            f' aria-labelledby="{name}-title"{described}>'
            f'<title id="{name}-title">{escape(title)}</title>{told}'
            + "".join(self.parts)
            + "</svg>"
        )


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def round_steps(top: float, wanted: int = 4) -> list[float]:
    """Return axis values from 0 to at least `top` in steps of 1, 2 or 5 times a power of ten."""
    step = 1.0
    while step * wanted < top:
        for factor in (2, 2.5, 2):
            step *= factor
            if step * wanted >= top:
                break
    count = max(1, -(-top // step))
    return [i * step for i in range(int(count) + 1)]


def number(value: float) -> str:
    """Return a number without a needless fraction."""
    return f"{value:.0f}" if value == int(value) else f"{value:g}"
