"""Writes SVG elements, and finds round numbers for axes. Pure. Speaks pixels.

Colours are CSS variables, so that one picture suits a light and a dark page. The hues of the
kinds are those of Okabe and Ito, which colour-blind people can tell apart; every kind also has
its own lane or its own shape.
"""

from html import escape

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
STYLE = f"""
svg {{ --page: #ffffff; --ink: #1d2430; --soft: #5b6575; --grid: #e3e7ee; --plate: #f6f8fb;
  --jerk: #0067a5; --lm: #c05a00; --rhythm: #8a3d92; --posture: #00795c;
  --passive: #a6b0bf; --awake: #e8b21a; --away: #c3cad6; --gap: #c8312b; --activity: #9db7dd; }}
@media (prefers-color-scheme: dark) {{
  svg {{ --page: #12161d; --ink: #e8ecf3; --soft: #9aa5b6; --grid: #2a3240; --plate: #1a202a;
    --jerk: #56b4f0; --lm: #f0933d; --rhythm: #d795dc; --posture: #34c7a0;
    --passive: #5a6678; --awake: #caa22c; --away: #3b4555; --gap: #ff7a70; --activity: #48648f; }}
}}
text {{ font-family: {FONT}; font-size: 12px; fill: var(--ink); }}
.soft {{ fill: var(--soft); }} .title {{ font-size: 18px; font-weight: 600; }}
.lane {{ font-size: 12px; font-weight: 600; }} .small {{ font-size: 11px; fill: var(--soft); }}
.count {{ font-size: 11px; font-variant-numeric: tabular-nums; }}
.grid {{ stroke: var(--grid); stroke-width: 1; }} .axis {{ stroke: var(--soft); stroke-width: 1; }}
.plate {{ fill: var(--plate); }}
.jerk {{ fill: var(--jerk); stroke: var(--jerk); }} .lm {{ fill: var(--lm); }}
.rhythm {{ fill: var(--rhythm); }} .posture {{ fill: var(--posture); }}
.passive {{ fill: var(--passive); stroke: var(--passive); }}
.awake {{ fill: var(--awake); }} .away {{ fill: url(#away); }} .gap {{ fill: var(--gap); }}
.worn {{ fill: var(--posture); opacity: .35; }}
.curve {{ fill: none; stroke: var(--jerk); stroke-width: 1.2; stroke-linejoin: round; }}
.activity {{ fill: var(--activity); }} .short {{ opacity: .45; }} .b {{ opacity: .6; }}
"""
HATCH = (
    '<defs><pattern id="away" width="6" height="6" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect width="6" height="6" fill="var(--plate)"/>'
    '<rect width="3" height="6" fill="var(--away)"/></pattern></defs>'
)


class Drawing:
    """Elements of one picture, in the order of painting."""

    def __init__(self, width: int):
        self.width = width
        self.parts = []

    def rect(self, x, y, width, height, kind, title=None, radius=0):
        """Draw a rectangle of a CSS class; `title` is shown by the mouse and read aloud."""
        round_ = f' rx="{radius}"' if radius else ""
        self._add(
            "rect",
            f'x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
            f'{round_} class="{kind}" stroke="none"',
            title,
        )

    def line(self, x1, y1, x2, y2, kind, width=None, title=None):
        """Draw a line of a CSS class."""
        stroke = f' stroke-width="{width}"' if width else ""
        self._add(
            "line",
            f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"{stroke}',
            title,
        )

    def dot(self, x, y, radius, kind, title=None):
        """Draw a disc."""
        self._add("circle", f'cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{kind}"', title)

    def shape(self, points, kind, title=None):
        """Draw a closed polygon of (x, y)."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._add("polygon", f'points="{path}" class="{kind}" stroke="none"', title)

    def curve(self, points, kind):
        """Draw an open line through (x, y) points; a single one as a dot."""
        if len(points) == 1:
            self.dot(*points[0], 1, kind)
            return
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._add("polyline", f'points="{path}" class="{kind}"', None)

    def text(self, x, y, text, kind="", anchor="start"):
        """Write one line of text."""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">'
            f"{escape(str(text))}</text>"
        )

    def _add(self, element, attributes, title):
        if title is None:
            self.parts.append(f"<{element} {attributes}/>")
        else:
            self.parts.append(
                f"<{element} {attributes}><title>{escape(title)}</title></{element}>"
            )

    def svg(self, height: int, title: str, description: str) -> str:
        """Return the whole picture as an SVG document."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height:.0f}"'
            f' width="{self.width}" height="{height:.0f}" role="img"'
            ' aria-labelledby="picture-title picture-text">'
            f'<title id="picture-title">{escape(title)}</title>'
            f'<desc id="picture-text">{escape(description)}</desc>'
            f"<style>{STYLE}</style>{HATCH}"
            f'<rect width="100%" height="100%" fill="var(--page)"/>'
            + "\n".join(self.parts)
            + "</svg>"
        )


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
