"""The sentences below a report's first figures: what was counted, phases, the laboratory's line.

Takes the contents (`report.contents`) in JSON form; gives texts in the language that is spoken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.report.figures_said import is_refused, number, span
from notturno.report.naming import phase_name
from notturno.words import _, n_

if TYPE_CHECKING:
    from notturno.words.written import Written

MOST_PERCENT = 900  # a week: an interval that reaches tenfold says nothing of a trend


def findings(found: dict) -> list[str]:
    """Return the sentences below the tiles, the most important first."""
    head = found["nights"]["head"]
    lines = []
    if found["simulated"]:
        lines.append(_("These nights are simulated: they were recorded by a virtual band."))
    lines.append(counted(found))
    if head["usable_nights"] == 0:
        return lines
    if head["usable_nights"] < 3:
        lines.append(
            _(
                "Fewer than three nights can be counted: one or two nights say little, and "
                "nothing here says what is usual for this person."
            )
        )
    lines += [*_phase_lines(found["phases"]), *_lab_lines(found["above_lab_limit"])]
    trend = found["measures"]["jerks_per_h"]["trend"]
    if not is_refused(trend["trend_per_week"]):
        lines.append(_trend(trend))
    return lines


def counted(found: dict) -> str:
    """Return how many nights were counted, and why the others were not."""
    head = found["nights"]["head"]
    if head["nights"] == 0:
        return _("Nothing is stored for these dates, so that there is nothing to report.")
    first = n_(
        "{used} of {n} night was counted, {h} hours.",
        "{used} of {n} nights were counted, {h} hours.",
        head["nights"],
    ).format(used=head["usable_nights"], n=head["nights"], h=number(head["countable_h"], 0))
    reasons = left_out_reasons(head)
    if not reasons:
        return first
    told = "; ".join(f"{reason} ({count})" for reason, count in reasons)
    return first + " " + _("Left out: {reasons}.").format(reasons=told)


def left_out_reasons(head: dict) -> list[tuple[str, int]]:
    """Return (reason in short words, nights) of the nights left out, most first."""
    words = night_reason_words()
    return [
        (words.get(code, _("another reason")), count)
        for code, count in head["left_out_by_code"].items()
    ]


def night_reason_words() -> dict[str, str]:
    """Return the short words for why a night is left out, by the refusal's code."""
    return {
        "excluded": _("left out by the person"),
        "not_complete": _("still running or not wholly fetched"),
        "implausible": _("against physics"),
        "too_long": _("longer than a night"),
        "too_many_gaps": _("too many gaps"),
        "not_worn": _("not worn long enough"),
        "too_short": _("too short"),
        "clock_unknown": _("date not known"),
    }


def _phase_lines(phases: dict) -> list[str]:
    lines = []
    for group in phases["groups"][1:3]:
        against = group["measures"]["jerks_per_h"]["against_first"]
        if is_refused(against["ratio"]):
            continue
        lines.append(
            _(
                "In the phase “{name}”, {ratio} times as many single jerks an hour as in “{base}” "
                "(95 % interval {span}; {n} and {m} nights)."
            ).format(
                name=phase_name(group["name"]),
                base=phase_name(phases["base"]),
                ratio=number(against["ratio"], 2),
                span=span(against["ratio_low"], against["ratio_high"], 2),
                n=against["nights"][1],
                m=against["nights"][0],
            )
        )
    return lines


def _lab_lines(above: dict[str, dict[str, int]]) -> list[str]:
    wasm, aasm = above["plms_per_h_wasm2016"], above["plms_per_h_aasm3"]
    if not wasm["nights"]:
        return []
    return [
        _(
            "PLMS above {limit} per hour of sleep, where sleep laboratories with EMG draw the "
            "line for adults: {a} of {n} nights by WASM 2016, {b} of {m} by AASM v3."
        ).format(
            limit=wasm["limit"],
            a=wasm["above"],
            n=wasm["nights"],
            b=aasm["above"],
            m=aasm["nights"],
        )
    ]


def _trend(trend: dict) -> Written | str:
    if is_refused(trend["trend_high"]) or trend["trend_high"] > MOST_PERCENT:
        return _(
            "Whether single jerks rise or fall over the span cannot be told from these nights."
        )
    ways = {
        "rising": _("rising"),
        "falling": _("falling"),
        "no clear trend": _("no clear trend"),
    }
    return _(
        "Single jerks over the whole span: {way}, {x} % a week (95 % interval {span})."
    ).format(
        way=ways[trend["direction"]],
        x=number(trend["trend_per_week"], 1, signed=True),
        span=_("{low} to {high}").format(
            low=number(trend["trend_low"], 1, signed=True),
            high=number(trend["trend_high"], 1, signed=True),
        ),
    )
