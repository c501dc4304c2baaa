"""How a comparison of two phases is printed: both levels, their ratio, what could have shown.

Touches the standard output alone; the figures are made in notturno.scoring.manynights.
"""

from __future__ import annotations

import click

from notturno.cli.many_words import label, p_text, print_left_out, three_figures
from notturno.words import _, counted, said


def print_band_comparison(band: dict, names: tuple[str, str]) -> None:
    """Print what one band, or a person, says of two phases."""
    click.echo(label(band))
    for name, phase in zip(names, band["phases"], strict=True):
        dated = phase["first_night"] is not None
        when = (
            _(" ({first_night} to {last_night})").format(
                first_night=phase["first_night"], last_night=phase["last_night"]
            )
            if dated
            else ""
        )
        click.echo(
            _("  {name}: {usable_nights} of {nights} nights used{when}").format(
                name=name, usable_nights=phase["usable_nights"], nights=phase["nights"], when=when
            )
        )
        print_left_out(phase, "    ")
    for found in band["measures"].values():
        print_comparison(said(found["words"]), found, names)
        print_left_out(found, "  ")
    caveats = dict.fromkeys(found["caveat"] for found in band["measures"].values())
    click.echo(said(max(caveats, key=len)))


def print_comparison(words: str, found: dict, names: tuple[str, str]) -> None:
    """Print one measure of two phases: both levels, and what they say of each other."""
    from notturno.refusals import is_refusal

    levels = [
        _("{typical} typical in {name}").format(
            typical="-" if is_refusal(typical) else three_figures(typical), name=name
        )
        + (_(" (no event)") if events == 0 else "")
        for name, typical, events in zip(
            names, found["typical"], found.get("events", (None, None)), strict=True
        )
    ]
    click.echo(f"{words}: {', '.join(levels)}")
    name = "ratio" if "ratio" in found else "difference"
    if is_refusal(found[name]):
        click.echo(
            (_("  no ratio: {why}") if name == "ratio" else _("  no difference: {why}")).format(
                why=said(found[name])
            )
        )
        return
    value, *bounds = (found[name + end] for end in ("", "_low", "_high"))
    sign = "" if name == "ratio" else "+"
    change = three_figures(value, sign)
    change = (
        _("{change} times as many").format(change=change)
        if name == "ratio"
        else _("{change} (the difference)").format(change=change)
    )
    low, high = (three_figures(bound, sign) for bound in bounds)
    click.echo(
        _(
            "  {phase} has {change} ({level:.0%} interval {low} to {high}, "
            "{p}; neighbouring nights alike by {lag1:.2f})"
        ).format(
            phase=names[1],
            change=change,
            level=found["level"],
            low=low,
            high=high,
            p=p_text(found["p"]),
            lag1=found["lag1"],
        )
    )
    click.echo(f"  {_power_text(name, found)}")


def _power_text(name: str, found: dict) -> str:
    """Return what these nights could show, and how many would be needed."""
    from notturno.refusals import is_refusal
    from notturno.scoring.manynights.phases import LEAST_CHANGE

    smallest, needed = found["smallest_change"], found["nights_needed"]
    if name == "difference":
        return _("smallest change these nights could show: {three_figures} either way").format(
            three_figures=three_figures(smallest)
        )
    text = _("these nights could show no change under {times:.0f} times; ").format(
        times=1 / LEAST_CHANGE
    )
    if smallest >= LEAST_CHANGE:
        text = _(
            "smallest change these nights could show: to {times} times, or to {more}; "
        ).format(times=three_figures(smallest), more=three_figures(1 / smallest))
    if is_refusal(needed):
        return text + said(needed)
    return text + _("a halving needs about {nights} in each phase").format(
        nights=counted(needed, "night")
    )
