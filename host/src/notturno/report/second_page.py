"""The words and figures of a report's second page: tables by kind, phase and side, and the diary.

Takes the contents (`report.contents`) in JSON form; gives sections of texts in the language that
is spoken. A section: `title` and `blocks`; a block: `text` or a `head` with `rows`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notturno.report.blocks import more, section, table, text
from notturno.report.figures_said import DASH, cell, day, days, is_refused, number, reason, shown
from notturno.report.left_out import left_out
from notturno.report.naming import named, phase_name, side
from notturno.words import _

if TYPE_CHECKING:
    from notturno.words.written import Written

MOST_PHASES, MOST_DIARY, MOST_REASONS, MOST_NIGHTS = 4, 5, 4, 7
MOST_BANDS = 4


def sections(found: dict, room: float = 1.0) -> Any:
    """Return the sections across the page and those of its left column that have something to say.

    room: 1 for the usual lengths of lists, less where the page would not hold them.
    """
    wide = [phases(found["phases"], _most(MOST_PHASES, room))]
    left = [
        kinds(found),
        sides(found["sides"]),
        diary(found["diary"], _most(MOST_DIARY, room)),
        left_out(found, _most(MOST_REASONS, room)),
    ]
    return tuple([one for one in part if one is not None] for part in (wide, left))


def foot(found: dict, room: float = 1.0) -> list[dict]:
    """Return the sections across the foot of the page: the last nights."""
    return [last_nights(found["nights"], _most(MOST_NIGHTS, room))]


def _most(rows: int, room: float) -> int:
    return max(1, round(rows * room))


def kinds(found: dict) -> dict:
    """Return the table of kinds of movements, and what sleep starts are held against."""
    counts, classes = found["sums"]["counts"], found["classes"]
    measures = found["measures"]
    rows = [
        (_("Single jerks"), counts["jerks"], measures["jerks_per_h"]),
        (
            _("Rhythms, 0.3 to 4 Hz (legs)"),
            counts["rhythms_leg"],
            classes["rhythms_leg"],
        ),
        (
            _("Rhythms, 3 to 8 Hz (clonic)"),
            counts["rhythms_clonic"],
            classes["rhythms_clonic"],
        ),
        (_("Limb movements, 0.5 s and longer"), counts["lms"], measures["lms_per_h"]),
    ]
    body = [
        # None at all has no typical rate, though a geometric mean of nights is above 0.
        [name, number(count, 0), number(measure["typical"], 2) if count else DASH]
        for name, count, measure in rows
    ]
    starts = found["sleep_starts"]
    note = None
    if not is_refused(starts["counted"]):
        note = text(
            _(
                "Possible sleep starts: single jerks from 10 min before to 5 min after the first "
                "sleep onset, {n} in {nights} nights; jerks that came at random would put "
                "{chance} there. Without EEG an onset is known to minutes."
            ).format(
                n=number(starts["counted"], 0),
                nights=starts["nights"],
                chance=number(starts["by_chance"]),
            )
        )
    head = ["", _("Counted"), _("Typical an hour")]
    return section(_("Kinds of movements"), table(head, body), note)


def phases(found: dict, most: int) -> dict | None:
    """Return the table of phases, each against the first; None without any."""
    groups = found["groups"]
    if not groups:
        return None
    rows = []
    for group in groups[:most]:
        dates = DASH
        if group["first_night"] is not None:
            dates = days(group["first_night"], group["last_night"])
        cells = [phase_name(group["name"]), dates, number(group["usable_nights"], 0)]
        for key in found["measures"]:
            measure = group["measures"][key]
            cells.append(number(measure["typical"]))
            cells.append(_ratio(measure.get("against_first")))
        rows.append(cells)
    head = [
        _("Phase"),
        _("From, to"),
        _("Nights"),
        _("Single jerks an hour"),
        _("Ratio (95 %)"),
        _("PLMS an hour (WASM)"),
        _("Ratio (95 %)"),
    ]
    blocks = [table(head, rows, words=2)]
    if len(groups) > most:
        blocks.append(text(more(len(groups) - most) + "."))
    compared = [group["measures"]["jerks_per_h"].get("against_first") for group in groups[1:most]]
    blocks += [text(words) for words in _of_comparison(found["base"], compared)]
    return section(_("Before and after"), *blocks)


def _of_comparison(base: str | None, compared: list[dict]) -> list[Written | str]:
    """Return what may be said of the comparisons: why one is refused, what they could show."""
    if base is None:
        return [_("There is no earlier phase to compare with.")]
    texts = []
    for against in compared:
        if is_refused(against["ratio"]):
            texts.append(reason(against["ratio"], 200))
        elif not is_refused(against["smallest_change"]):
            texts.append(
                _("Smallest change these nights could show: to {x} times.").format(
                    x=number(against["smallest_change"], 2)
                )
            )
    first = _("Ratios are to the phase “{base}”.").format(base=phase_name(base))
    caveat = _(
        "A difference is no proof of its cause: anything else that changed at the same time would "
        "show in the same way."
    )
    return [" ".join([first, *list(dict.fromkeys(texts))[:2], caveat])]


def _ratio(against: dict | None) -> str:
    if against is None:
        return ""
    if is_refused(against["ratio"]):
        return DASH
    return _("{x} ({span})").format(
        x=number(against["ratio"], 2), span=cell(against["ratio_low"], against["ratio_high"], 2)
    )


def sides(rows: list[dict]) -> dict | None:
    """Return the table of bands and sides; None where there is one band alone."""
    if len(rows) < 2:
        return None
    body = [
        [
            side(row["side"]) or DASH,
            _("both legs") if row["side"] == "LR" else named(row["band"]),
            number(row["usable_nights"], 0),
            *(number(row["typical"][key]) for key in row["typical"]),
        ]
        for row in rows[:MOST_BANDS]
    ]
    head = [_("Side"), _("Band"), _("Nights"), _("Jerks/h"), _("PLMS/h")]
    rest = text(more(len(rows) - MOST_BANDS) + ".") if len(rows) > MOST_BANDS else None
    return section(_("Sides"), table(head, body), rest)


def diary(found: dict, most: int) -> dict | None:
    """Return what was taken or noted, and whether the jerks go along with it; None if empty."""
    entries, together = found["entries"], found["associations"]["by_name"]
    if not entries:
        return None
    rows = []
    for entry in entries[:most]:
        amounts = DASH
        if entry["least"] is not None:
            low, high = (_amount(entry[key]) for key in ("least", "most"))
            amounts = low if low == high else _("{low} to {high}").format(low=low, high=high)
            amounts = f"{amounts} {shown(entry['unit'], 8)}".strip()
        rows.append(
            [
                named(entry["what"], 24),
                number(entry["nights"], 0),
                amounts,
                _along(together.get(entry["what"])),
            ]
        )
    head = [_("Noted"), _("Nights"), _("Amount"), _("With jerks/h: rho, p")]
    note = _(
        "rho: rank correlation with the night's rate of single jerks, p corrected for the number "
        "of things looked at. Going along is not causing; no entry is not a zero."
    )
    rest = "" if len(entries) <= most else more(len(entries) - most) + ". "
    return section(_("Diary"), table(head, rows), text(rest + note))


def _amount(value: float) -> str:
    digits = next((n for n in (0, 1) if round(value, n) == value), 2)
    return number(value, digits)


def _along(found: dict | None) -> str:
    if found is None or is_refused(found):
        return DASH
    return _("{rho}, p {p}").format(
        rho=number(found["rank_correlation"], 2, signed=True), p=number(found["p_holm"], 3)
    )


def last_nights(nights: dict, most: int) -> dict:
    """Return the newest nights as a table, each with its interval or with why it is left out."""
    rows = []
    for row in nights["nights"][-most:]:
        refused = row["refusal"] is not None
        key = nights["measure"]
        rows.append(
            [
                day(row["night"]),
                reason(row["refusal"], 60) if refused else "",
                number(row["countable_h"]),
                number(row["events"], 0),
                DASH if refused else number(row[key]),
                DASH if refused else cell(row[f"{key}_low"], row[f"{key}_high"], 1),
                DASH if refused else number(row["plms_per_h_wasm2016"]),
                DASH if refused else number(row["plms_per_h_aasm3"]),
            ]
        )
    head = [
        _("Night"),
        _("Not counted because"),
        _("Hours"),
        _("Jerks"),
        _("An hour"),
        _("By chance (95 %)"),
        _("PLMS/h WASM"),
        _("PLMS/h AASM"),
    ]
    title = _("The last nights")
    if not rows:
        return section(title, text(_("There is no night to show.")))
    return section(title, table(head, rows, words=2))
