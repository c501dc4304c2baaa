"""Which nights, hours and events a report does not count, and why, in short words.

Takes the contents (`report.contents`) in JSON form; gives a section as `second_page` does.
"""

from notturno.report.blocks import more, section, text
from notturno.report.figures_said import day, is_refused, number
from notturno.report.findings import night_reason_words
from notturno.words import _, n_


def left_out(found: dict, most: int) -> dict:
    """Return which nights, hours and events are not counted, and why."""
    head, sums = found["nights"]["head"], found["sums"]
    blocks = []
    told = "; ".join(_of_nights(found["nights"]["nights"], head["left_out_by_code"], most))
    if told:
        blocks.append(text(_("Nights: {told}.").format(told=told)))
    else:
        blocks.append(text(_("Nights: none.")))
    blocks.append(_of_hours(sums["hours"]))
    words = reason_words()
    for key, name in (("jerks", _("Jerks")), ("lms", _("Limb movements"))):
        counts = list(sums["left_out"][key].items())
        if counts:
            told = "; ".join(f"{words.get(why, why)} {number(n, 0)}" for why, n in counts[:most])
            if len(counts) > most:
                told += "; " + _("some for other reasons")
            blocks.append(text(_("{name}: {told}.").format(name=name, told=told)))
    if head["short_nights"]:
        n = len(head["short_nights"])
        blocks.append(
            text(
                n_(
                    "{n} counted night has less than {h} hours, and so too many early ones.",
                    "{n} counted nights have less than {h} hours, and so too many early ones.",
                    n,
                ).format(n=n, h=number(head["short_h"], 0))
            )
        )
    return section(_("Left out, and why"), *blocks)


def _of_nights(rows: list[dict], by_code: dict[str, int], most: int) -> list[str]:
    """Return a text a reason: why, how many nights, and which, as far as there is room."""
    words, told = night_reason_words(), []
    for code, count in by_code.items():
        dates = [day(row["night"]) for row in rows if (row["refusal"] or {}).get("code") == code]
        named = ", ".join(dates[:most])
        if len(dates) > most:
            named += ", " + more(len(dates) - most)
        reason = words.get(code, _("another reason"))
        told.append(f"{reason} {count} ({named})" if named else f"{reason} {count}")
    return told


def _of_hours(hours: dict) -> dict | None:
    """Return what of the recorded hours is not counted; None where nothing was recorded."""
    if is_refused(hours["recorded_h"]):
        return None
    told = [_("Hours of the counted nights: {h} recorded").format(h=number(hours["recorded_h"]))]
    kinds = {
        "countable_h": _("{h} countable"),
        "awake_h": _("{h} awake"),
        "not_worn_h": _("{h} not worn"),
        "gap_h": _("gaps of {h}"),
    }
    told += [
        words.format(h=number(hours[key]))
        for key, words in kinds.items()
        if not is_refused(hours[key])
    ]
    return text(", ".join(told) + ".")


def reason_words() -> dict[str, str]:
    """Return the short words for why an event is not counted, by the code of the logbook."""
    return {
        "truncated": _("cut short, or the hand at the band"),
        "vibration": _("like a vibration from outside"),
        "in_awake": _("while awake"),
        "in_rhythm": _("in a rhythm"),
        "in_lm": _("in a longer movement"),
        "posture_changed": _("in a turn"),
        "small": _("too small to be told from the pulse"),
        "slow": _("not as sharp as a jerk"),
        "not_worn": _("band not worn"),
        "awake": _("while awake"),
        "out_of_bed": _("out of bed"),
        "not_recorded": _("outside the recording"),
        "one_side": _("seen by one band alone"),
    }
