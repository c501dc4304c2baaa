"""The whole picture: title, nights, one night, legend; as SVG, or as an HTML page with a table.

Pure. Takes rows of the nightly table and what `notturno.views.night` makes ready.
"""

from html import escape
from textwrap import wrap
from typing import Any

from notturno.charts import how_it_lay, trend
from notturno.charts import night as one_night
from notturno.charts.page_style import PAGE
from notturno.charts.svg import DEFINITIONS, STYLE, Drawing
from notturno.knowledge.purpose import SHORT
from notturno.nights.state import to_tell
from notturno.words import _, language, n_, rates_text, reason_of, said
from notturno.words.numbers import number_text

MARGIN = 4
LINE = 150  # characters of the small type that fit between the margins
FOOTER = SHORT
SIMULATED = "Simulated: recorded by a virtual band."
TABLE = ("recorded_h", "countable_h", "jerks", "jerks_per_h", "lms", "lms_per_h", "largest_mg")
MOST_ROWS = 120  # of the table: beyond, the newest


def legend() -> list[tuple[str, str]]:
    """Return (class, words) of all that is drawn."""
    return [
        ("jerk", _("single jerk: counted")),
        ("passive", _("left out: awake, not worn, in a rhythm ...")),
        ("lm", _("limb movement")),
        ("rhythm", _("rhythm")),
        ("posture", _("turning over")),
        ("turned", _("how far turned")),
        ("worn", _("counted in")),
        ("awake", _("awake")),
        ("away", _("not worn")),
        ("gap", _("no samples")),
    ]


def picture(
    nights: list[dict],
    views: list[dict],
    persons: list[dict],
    tags: list[dict[str, str]],
    measures: Any = trend.MEASURES,
    levels=None,
) -> tuple[str, str]:
    """Return (SVG, description) of all `nights` and of one of them, band by band.

    views: of that night, one `views.night.band_view` a band; persons: its rows of both legs (told
    in words alone); levels: see `trend.draw`.
    """
    drawing = Drawing()
    y = MARGIN + 24
    drawing.text(MARGIN, y, _("Nights"), "title")
    drawing.text(drawing.width - MARGIN, y, _label(nights) + _(FOOTER), "soft", "end")
    y += 20
    if any(night["date"] for night in nights):
        y = trend.draw(drawing, y, nights, tags, measures, levels) + 20
    for view in views:
        drawing.text(MARGIN, y + 8, heading_of(view["row"], len(views) > 1), "title")
        y = _sentences(drawing, y + 28, describe(view["row"])) - 4
        y = one_night.draw(drawing, y, view) + 26
    for row in persons:
        y = _sentences(drawing, y, f"{_persons_name(row)}: {describe(row)}") + 10
    y = _draw_legend(drawing, y)
    description = describe_all(nights, views, persons)
    return drawing.svg(y + 8, _("notturno: nights"), description), description


def describe_all(nights: list[dict], views: list[dict], persons: list[dict]) -> str:
    """Return what the picture shows, in sentences."""
    said = [
        f"{heading_of(v['row'], len(views) > 1)}: {describe(v['row'])}"
        f" {how_it_lay.lying_text(v['lying'])}".rstrip()
        for v in views
    ]
    said += [f"{_persons_name(row)}: {describe(row)}" for row in persons]
    n = len({night["night"] for night in nights})
    how_many = n_("{n} night", "{n} nights", n).format(n=n)
    return f"{how_many}. {' '.join(said)} {_label(nights)}{_(FOOTER)}"


def _label(nights: list[dict]) -> str:
    return _(SIMULATED) + " " if any(night["simulated"] for night in nights) else ""


def _persons_name(row: dict) -> str:
    return row["band"].capitalize()


def _sentences(drawing: Drawing, y: float, text: str) -> float:
    """Write a text in as many lines as it needs; return the y of the line after them."""
    for line in wrap(text, LINE):
        drawing.text(MARGIN, y, line, "soft")
        y += 16
    return y


def heading_of(night: dict, several: bool = False) -> str:
    """Return the heading of one band's night."""
    if night["date"]:
        text = _("The night of {night}").format(night=night["date"])
    else:
        text = _("A night without a date ({night})").format(night=night["night"])
    return text + (f", {night['band']}" if several else "")


def describe(night: dict) -> str:
    """Return one line of figures about a night, or why it has none; a refusal comes first."""
    if night["countable_h"] is None:
        return str(reason_of(night, "countable_h"))
    text = _("{recorded} h recorded, {countable} h counted in").format(
        recorded=number_text(night["recorded_h"], 1),
        countable=number_text(night["countable_h"], 1),
    )
    if night["gaps"]:
        gaps = n_("{n} gap", "{n} gaps", night["gaps"]).format(n=night["gaps"])
        text += f", {gaps} ({number_text(night['gap_h'] * 60, 1)} min)"
    text += f", {rates_text(night)}".rstrip(".") + "."
    if night["state"] != "complete" and night["excluded"] is not None:
        text += f" {night['state_reason']}"  # else the refusal says so
    for sentence in to_tell(night | {"warnings": ()}):
        text += f" {said(sentence)}"
    if night["clock"] == "estimated":
        minutes = f"{night['clock_error_ms'] / 60_000:.0f}"
        once = _("Clock set once: times may be off by up to {minutes} min.")
        text += " " + once.format(minutes=minutes)
    if night["clock"] == "unknown":
        text += " " + _("The band's clock was not set: times since its start.")
    return text


def _draw_legend(drawing: Drawing, y: float) -> float:
    x = MARGIN
    for kind, text in legend():
        if x + 26 + 6.4 * len(text) > drawing.width - MARGIN:
            x, y = MARGIN, y + 22
        drawing.rect(x, y - 9, 14, 10, kind, radius=2)
        drawing.text(x + 20, y, text, "soft")
        x += 20 + 6.4 * len(text) + 22
    return y + 22


def html_legend() -> str:
    """Return the legend for a page."""
    marks = "".join(
        f'<li><svg class="key" width="14" height="10"><rect width="100%" height="100%" rx="2"'
        f' class="{kind}"/></svg> {escape(text)}</li>'
        for kind, text in legend()
    )
    return f'<ul class="legend">{marks}</ul>'


def nights_figure(
    nights: list[dict],
    tags: list[dict],
    measures: tuple[str, ...] = trend.MEASURES,
    levels: dict[str, list[dict]] | None = None,
    name: str = "nights",
) -> str:
    """Return the SVG of many nights for a page; "" where none has a date."""
    if not any(night["date"] for night in nights):
        return ""
    drawing = Drawing()
    y = trend.draw(drawing, 0, nights, tags, measures, levels)
    return drawing.inline(y, _("The nights, one bar each"), name)


def night_figure(view: dict, name: str = "night") -> str:
    """Return the SVG of one band's night for a page; view: `views.night.band_view`."""
    drawing = Drawing()
    y = one_night.draw(drawing, 0, view)
    text = f"{describe(view['row'])} {how_it_lay.lying_text(view['lying'])}".strip()
    return drawing.inline(y, heading_of(view["row"], True), name, text)


def html(
    nights: list[dict],
    views: list[dict],
    persons: list[dict],
    tags: list[dict[str, str]],
    measures: Any = trend.MEASURES,
    levels=None,
) -> str:
    """Return a page of the picture and, for those who cannot see it, the same as a table."""
    blocks = [nights_figure(nights, tags, measures, levels)]
    for i, view in enumerate(views):
        row = view["row"]
        refused = ' class="refused"' if row["refusal"] is not None else ""
        blocks.append(
            f"<h2>{escape(heading_of(row, len(views) > 1))}</h2>"
            f"<p{refused}>{escape(describe(row))}</p>{night_figure(view, f'night-{i}')}"
        )
    for row in persons:
        blocks.append(f"<p>{escape(_persons_name(row))}: {escape(describe(row))}</p>")
    title = escape(_("notturno: nights"))
    return f"""<!doctype html>
<html lang="{language()}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{STYLE}{PAGE}</style></head><body>
<svg class="defs" width="0" height="0" aria-hidden="true">{DEFINITIONS}</svg>
<main><h1>{escape(_("Nights"))}</h1>
<p class="soft">{escape(_label(nights) + _(FOOTER))}</p>
{"".join(blocks)}
{html_legend()}
{_table(nights, measures)}</main>
</body></html>
"""


def _table(nights: list[dict], measures: tuple[str, str]) -> str:
    figures = dict.fromkeys((*TABLE, *measures))
    heads = (_("Night"), _("Band"), *map(trend.heading, figures), _("No rate because"))
    keys = ("night", "band", *figures, "refusal")
    names = sorted({night["night"] for night in nights})[-MOST_ROWS:]
    shown = [night for night in nights if night["night"] in set(names)]
    note = _("The nights as a table")
    if len(shown) < len(nights):
        note += " " + _("(the newest {n}; all of them: notturno nights)").format(n=len(names))
    rows = "".join(
        "<tr>" + "".join(f"<td>{_cell(night[key])}</td>" for key in keys) + "</tr>"
        for night in shown
    )
    return (
        f'<details><summary>{escape(note)}</summary><div class="scroll" tabindex="0" role="region"'
        f' aria-label="{escape(note)}"><table><thead><tr>'
        + "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
        + f"</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _cell(value: dict | float | str | None) -> str:
    if isinstance(value, dict):
        value = said(value)
    if isinstance(value, float):
        value = number_text(value, 2)
    return "-" if value is None else escape(str(value))
