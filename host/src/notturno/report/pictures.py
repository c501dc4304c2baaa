"""The words of a report's two pictures: titles, legends, and what who cannot see them is told.

Takes the contents (`report.contents`) in JSON form; the lines are placed by `drawings`.
"""

from notturno.report import drawings
from notturno.report.figures_said import is_refused, number, reason
from notturno.report.findings import counted
from notturno.report.naming import named, phase_name
from notturno.words import _, n_


def hours_picture(found: dict) -> dict:
    """Return the picture of the hours of the night with its words; `refusal` in place of it."""
    hours = found["hours"]
    drawn = drawings.hours(hours)
    of_band = ""
    if found["subject"]["side"] == "LR" and hours["band"]:
        of_band = " (" + _("of {band} alone").format(band=named(hours["band"])) + ")"
    refusal = None
    if not drawn:
        best = max(hours["hours"], key=lambda row: row["nights"], default=None)
        refusal = reason(best["p50"]) if best else _("There is no night to draw.")
    return {
        "title": _("Hour of the night"),
        "what": _what(hours) + of_band,
        "alt": _hours_alt(hours),
        "legend": [
            {"kind": "line", "text": _("median")},
            {"kind": "inner", "text": _("25 to 75 %")},
            {"kind": "outer", "text": _("10 to 90 % of the nights")},
        ],
        "refusal": refusal,
        "drawn": drawn,
    }


def _what(hours: dict) -> str:
    n = hours["nights"]
    if hours["left_for_length"]:
        told = _(
            "single jerks an hour by the clock, over the last {n} nights; in brackets the nights "
            "of each hour"
        )
    else:
        told = n_(
            "single jerks an hour by the clock, over {n} night; in brackets the nights of each "
            "hour",
            "single jerks an hour by the clock, over {n} nights; in brackets the nights of each "
            "hour",
            n,
        )
    return told.format(n=number(n, 0))


def _hours_alt(hours: dict) -> str:
    told = [
        _("{hour} o'clock: {median}").format(
            hour=number(row["clock"], 0), median=number(row["p50"])
        )
        for row in hours["hours"]
        if not is_refused(row["p50"])
    ]
    return _("Median rate of single jerks by hour of the night.") + " " + "; ".join(told)


def nights_picture(found: dict) -> dict:
    """Return the picture of every night with its words; `refusal` in place of it."""
    nights = found["nights"]
    typical = found["measures"]["jerks_per_h"]["typical"]
    drawn = drawings.nights(nights, found["phases"], typical)
    for phase in drawn.get("phases", ()):
        phase["name"] = phase_name(phase["name"])
    return {
        "title": _("Every night"),
        "what": _("single jerks an hour, with the 95 % interval of chance alone"),
        "alt": _("Rate of single jerks of every night with its 95 % interval.")
        + " "
        + counted(found),
        "legend": [
            {"kind": "dot", "text": _("night with its interval")},
            {"kind": "cross", "text": _("night that is not counted")},
            {"kind": "typical", "text": _("typical night")},
        ],
        "refusal": None if drawn else _("There is no night to draw."),
        "drawn": drawn,
    }
