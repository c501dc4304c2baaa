"""The whole picture: title, nights, one night, legend; as SVG, or as an HTML page with a table.

Pure. Takes plain rows of the store.
"""

from html import escape
from textwrap import wrap

from notturno.charts import night as one_night
from notturno.charts import trend
from notturno.charts.svg import Drawing
from notturno.knowledge.purpose import SHORT
from notturno.words import counted, rates_text, reason_of

WIDTH = 1000
MARGIN = 24
LINE = 150  # characters of the small type that fit between the margins
FOOTER = SHORT
SIMULATED = "Simulated: recorded by a virtual band."
LEGEND = (
    ("jerk", "single jerk: counted"),
    ("passive", "left out: awake, not worn, in a rhythm ..."),
    ("lm", "limb movement"),
    ("rhythm", "rhythm"),
    ("posture", "turning over"),
)
TABLE = ("recorded_h", "countable_h", "jerks", "jerks_per_h", "lms", "lms_per_h", "largest_mg")
QUALITY = (
    ("worn", "counted in"),
    ("passive", "out of bed"),
    ("awake", "awake"),
    ("away", "not worn"),
    ("gap", "no samples"),
)


def picture(nights, chosen, persons, tags, measures=trend.MEASURES) -> tuple[str, str]:
    """Return (SVG, description) of all `nights` and of one of them, band by band.

    chosen: [(row, NightAxis, gaps, marks)], one entry a band of that night; persons: its rows of
    both legs (told in words alone).
    """
    drawing = Drawing(WIDTH)
    y = MARGIN + 16
    drawing.text(MARGIN, y, "Nights", "title")
    label = SIMULATED + " " if any(night["simulated"] for night in nights) else ""
    drawing.text(WIDTH - MARGIN, y, label + FOOTER, "soft", "end")
    y += 28
    if any(night["date"] for night in nights):
        y = trend.draw(drawing, y, nights, tags, measures) + 24
    said = []
    for row, axis, gaps, marks in chosen:
        heading = _heading(row) + (f", {row['band']}" if len(chosen) > 1 else "")
        summary = describe(row)
        drawing.text(MARGIN, y + 8, heading, "title")
        y = _sentences(drawing, y + 28, summary) - 10
        y = one_night.draw(drawing, y, row, axis, gaps, marks) + 26
        said.append(f"{heading}: {summary}")
    for row in persons:
        said.append(f"{row['band'].capitalize()}: {describe(row)}")
        y = _sentences(drawing, y, said[-1]) + 10
    y = _legend(drawing, y, LEGEND)
    y = _legend(drawing, y, QUALITY)
    how_many = counted(len({night["night"] for night in nights}), "night")
    description = f"{how_many}. {' '.join(said)} {label}{FOOTER}"
    return drawing.svg(y + 8, "notturno: nights", description), description


def _sentences(drawing, y, text):
    """Write a text in as many lines as it needs; return the y of the line after them."""
    for line in wrap(text, LINE):
        drawing.text(MARGIN, y, line, "soft")
        y += 16
    return y


def _heading(night):
    return (
        f"The night of {night['date']}"
        if night["date"]
        else f"A night without a date ({night['night']})"
    )


def describe(night: dict) -> str:
    """Return one line of figures about a night, or why it has none."""
    if night["countable_h"] is None:
        return str(reason_of(night, "countable_h"))
    text = f"{night['recorded_h']:.1f} h recorded, {night['countable_h']:.1f} h counted in"
    if night["gaps"]:
        text += f", {counted(night['gaps'], 'gap')} ({night['gap_h'] * 60:.1f} min)"
    text += f", {rates_text(night)}".rstrip(".") + "."
    if night["state"] != "complete" and night["excluded"] is not None:
        text += f" {night['state_reason']}"  # else the refusal says so
    if night["clock"] == "estimated":
        minutes = night["clock_error_ms"] / 60_000
        text += f" Clock set once: times may be off by up to {minutes:.0f} min."
    if night["clock"] == "unknown":
        text += " The band's clock was not set: times since its start."
    return text


def _legend(drawing, y, entries):
    x = MARGIN
    for kind, text in entries:
        drawing.rect(x, y - 9, 14, 10, kind, radius=2)
        drawing.text(x + 20, y, text, "soft")
        x += 20 + 6.4 * len(text) + 22
    return y + 22


def html(svg: str, description: str, nights: list[dict], measures=trend.MEASURES) -> str:
    """Return a page of the picture and, for those who cannot see it, the same as a table."""
    figures = dict.fromkeys((*TABLE, *measures))
    heads = ("Night", "Band", *map(trend.heading, figures), "No rate because")
    keys = ("night", "band", *figures, "refusal")
    rows = "".join(
        "<tr>" + "".join(f"<td>{_cell(night[key])}</td>" for key in keys) + "</tr>"
        for night in nights
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>notturno: nights</title>
<style>
:root {{ --page: #ffffff; --ink: #1d2430; --grid: #e3e7ee; }}
@media (prefers-color-scheme: dark) {{
  :root {{ --page: #12161d; --ink: #e8ecf3; --grid: #2a3240; }}
}}
body {{ margin: 0 auto; max-width: {WIDTH}px; padding: 8px; background: var(--page);
  color: var(--ink); font-family: system-ui, sans-serif; }}
svg {{ width: 100%; height: auto; }}
table {{ border-collapse: collapse; margin: 12px 0; font-variant-numeric: tabular-nums; }}
td, th {{ padding: 4px 12px; text-align: right; border-bottom: 1px solid var(--grid); }}
td:first-child, th:first-child, td:last-child, th:last-child {{ text-align: left; }}
td:nth-child(-n+2) {{ white-space: nowrap; }} table {{ font-size: 14px; }}
caption {{ text-align: left; padding: 4px 12px; }}
</style></head><body>
<main>{svg}
<details><summary>The nights as a table</summary>
<table><caption>{escape(description)}</caption>
<thead><tr>{"".join(f'<th scope="col">{head}</th>' for head in heads)}</tr></thead>
<tbody>{rows}</tbody></table></details></main>
</body></html>
"""


def _cell(value):
    if isinstance(value, dict):
        value = value["refused"]
    if isinstance(value, float):
        value = f"{value:.2f}"
    return "-" if value is None else escape(str(value))
