"""How a cohort is printed: what stays out, then every measure, all nights beside the cleaned."""

from collections.abc import Callable

import click

from notturno import refusals
from notturno.cli.words import FOOTER, or_dash, print_table, span
from notturno.errors import Phrase
from notturno.words import _, figure, n_, said

PERCENTILES = (10, 25, 50, 75, 90)
HOURS_SHOWN = ("jerk", "lm")
KINDS = {"jerk": Phrase("single jerks"), "lm": Phrase("limb movements")}


def print_cohort(document: dict, out: str | None) -> None:
    """Print a document of `cohort.run`."""
    qc = document["qc"]
    _print_qc(qc)
    for found in document["measures"].values():
        _print_measure(found)
    for key, found in ((document["phases"] or {}).get("measures") or {}).items():
        words = document["measures"][key]["words"]
        _print_phases(document["phases"], words, found)
    for kind in HOURS_SHOWN:
        _print_hours(kind, document["hours"].get("cleaned", {}).get(kind, []))
    click.echo()
    if qc["simulated_nights"]:
        n = qc["simulated_nights"]
        told = n_(
            "{n} night is simulated: recorded by a virtual band.",
            "{n} nights are simulated: recorded by a virtual band.",
            n,
        )
        click.echo(told.format(n=n))
    if document["note"]:
        click.echo(_(document["note"]))
    if out:
        click.echo(_("Written: {path}").format(path=out))
    click.echo(_(FOOTER))


def _print_qc(qc: dict) -> None:
    print_table(
        ("", "all nights", "cleaned"),
        [
            (_(word), *(str(qc[of][key]) for of in ("full", "cleaned")))
            for key, word in (("people", "people"), ("nights", "nights"))
        ],
    )
    if qc["left_out"]:
        click.echo()
        click.echo(_("Not in the cleaned nights:"))
        from notturno.report.findings import night_reason_words

        words = night_reason_words() | {code: _(one) for code, one in qc["reasons"].items() if one}
        for code, number in sorted(qc["left_out"].items(), key=lambda item: -item[1]):
            click.echo(f"  {number}  {code}" + (f": {words[code]}" if code in words else ""))
    if qc["bands_of_several_people"]:
        click.echo(
            _(
                "Bands that several people have worn: {n}; are these two exports of one person?"
            ).format(n=qc["bands_of_several_people"])
        )


def _print_measure(found: dict) -> None:
    full, cleaned = found["full"], found["cleaned"]
    click.echo()
    click.echo(_(found["words"]) + f" ({cleaned['unit'] or '-'})")
    rows = [
        (_("people"), *(str(one["people"]) for one in (full, cleaned))),
        (_("nights"), *(str(one["nights"]) for one in (full, cleaned))),
    ]
    if not full["refusal"] or not cleaned["refusal"]:
        rows += [(_(words), *(cell(one) for one in (full, cleaned))) for words, cell in _CELLS]
    print_table(("", "all nights", "cleaned"), rows)
    for one in (full, cleaned):
        if one["refusal"]:
            click.echo(said(refusals.from_json(one["refusal"])))
            break
    without = found["cleaned_without_figure"]
    if without:
        codes = ", ".join(f"{number} {code}" for code, number in without.items())
        click.echo(_("cleaned nights without such a figure: {codes}").format(codes=codes))
    sides = found["left_against_right"]
    if sides["people"] and not sides["refusal"]:
        click.echo(
            _("left against right (people: {people}, nights: {nights}): ").format(**sides)
            + _difference(sides)
            + _("; of {n} people one side alone has more").format(n=sides["one_sided"])
        )


def _interval(name: str, form: str = "{:.2f}") -> Callable:
    def cell(one: dict) -> str:
        if one[name] is None:
            return "-"
        return (
            figure(form, one[name]) + f" ({span((one[f'{name}_low'], one[f'{name}_high']), form)})"
        )

    return cell


def _plain(name: str, form: str = "{:.2f}") -> Callable:
    return lambda one: or_dash(one[name], form)


def _eight_in_ten(one: dict) -> str:
    if one["people_low"] is None:
        return "-"
    return span((one["people_low"], one["people_high"]))


def _needed(place: int) -> Callable:
    def cell(one: dict) -> str:
        if one["nights_needed"] is None:
            return "-"
        of = one["nights_needed"][place]
        return f"{or_dash(of['nights'])} ({or_dash(of['nights_to_be_sure'])})"

    return cell


_CELLS = (
    (Phrase("typical night (95 %)"), _interval("typical")),
    (Phrase("eight of ten people"), _eight_in_ten),
    (Phrase("between people, SD of the level"), _plain("between_sd")),
    (Phrase("from night to night, SD of the level"), _plain("within_sd")),
    (Phrase("of that, variance by counting alone"), _plain("counting_share")),
    (Phrase("reliability of one night, ICC (95 %)"), _interval("icc")),
    (Phrase("likeness of neighbouring nights"), _plain("lag1")),
    (Phrase("nights for a reliability of 0.7 (to be sure)"), _needed(0)),
    (Phrase("nights for a reliability of 0.8 (to be sure)"), _needed(1)),
    (Phrase("nights for a reliability of 0.9 (to be sure)"), _needed(2)),
)


def _difference(found: dict) -> str:
    name = "ratio" if "ratio" in found else "difference"
    words = _("ratio") if name == "ratio" else _("difference")
    return words + " " + _interval(name)(found) + f", p {figure('{:.3g}', found['p'])}"


def _print_phases(phases: dict, words: str, found: dict[str, dict]) -> None:
    click.echo()
    click.echo(
        _("{second} against {first}, {words}").format(
            first=phases["first"], second=phases["second"], words=_(words)
        )
    )
    for of, name in (("full", _("all nights")), ("cleaned", _("cleaned nights"))):
        one = found[of]
        head = f"  {name}: " + _("people: {people}").format(people=one["people"]) + ": "
        if one["refusal"]:
            click.echo(head + said(refusals.from_json(one["refusal"])))
        else:
            click.echo(head + _difference(one))


def _print_hours(kind: str, rows: list[dict]) -> None:
    shown = [row for row in rows if row["p50"] is not None]
    if not shown:
        return
    click.echo()
    click.echo(
        _("{kind} per hour by the clock: percentiles over people, cleaned nights").format(
            kind=_(KINDS[kind])
        )
    )
    print_table(
        ("hour", "people", "nights", *(f"p{p}" for p in PERCENTILES)),
        [
            (
                f"{row['hour'] % 24:02d}",
                str(row["people"]),
                str(row["nights"]),
                *(figure("{:.2f}", row[f"p{p}"]) for p in PERCENTILES),
            )
            for row in shown
        ],
    )
