"""The command `compare`: two phases of nights, e.g. before and after a treatment."""

import click

from notturno.cli.options import (
    HELP_NAMES,
    NOTHING_YET,
    data_dir_option,
    json_option,
    needs_scipy,
    open_for_reading,
)
from notturno.cli.words import COUNTS, FOOTER, number, print_footer, print_json, span


@click.command(context_settings=HELP_NAMES)
@click.argument("first", metavar="PHASE")
@click.argument("second", metavar="PHASE")
@json_option
@data_dir_option
def command(first, second, as_json, folder):
    """Compare the rates of two phases: how many times as many in the second.

    A phase is a tag (notturno tag). `before` and `after` are all nights before the first and
    after the last night of the other phase.
    """
    with open_for_reading(folder) as store:
        nights = store.nights()
        tags = store.tags()
        if not nights and not as_json:
            click.echo(NOTHING_YET)
            return
        from notturno.scoring.manynights import phase_nights

        phases = phase_nights.two_phases(nights, tags, first, second)
        events, sessions = [], []
        if as_json:
            kept = {row["night"] for phase in phases for row in phase}
            events = [e for e in store.events(kinds=("jerk", "lm")) if e["night"] in kept]
            sessions = [s for s in store.sessions() if s["night"] in kept]
    needs_scipy()
    from notturno import refusals
    from notturno.scoring.manynights import figures

    bands = [
        figures.compare_band(
            [[row for row in phase if row["device_id"] == device] for phase in phases],
            [e for e in events if e["device_id"] == device],
            [s for s in sessions if s["device_id"] == device],
        )
        for device in sorted({row["device_id"] for row in nights})
    ]
    if as_json:
        print_json({"phases": [first, second], "bands": refusals.to_json(bands), "note": FOOTER})
        return
    for band in bands:
        print_comparison(band, (first, second))
    print_footer(bands)


def print_comparison(band, names):
    """Print what one band says of two phases."""
    from notturno.refusals import is_refusal

    label = "simulated band" if band["simulated"] else "band"
    click.echo(f"{label} {band['device_id']}")
    for name, phase in zip(names, band["phases"], strict=True):
        when = f" ({phase['first_night']} to {phase['last_night']})" if phase["nights"] else ""
        click.echo(f"  {name}: {phase['usable_nights']} of {phase['nights']} nights used{when}")
        for night, reason in phase["left_out"].items():
            click.echo(f"    left out {night}: {reason.reason}")
    for key, words in COUNTS:
        found = band[key]
        rates = [number(rate) for rate in found["rates_per_recorded_h"]]
        click.echo(
            f"{words}: {rates[0]} per recorded hour in {names[0]}, {rates[1]} in {names[1]}"
        )
        ratio, test = found["rate_ratio"], found["permutation"]
        if is_refusal(ratio):
            click.echo(f"  no ratio: {ratio.reason}")
        else:
            click.echo(
                f"  {names[1]} has {ratio['ratio']:.2f} times as many "
                f"({ratio['level']:.0%} interval {span(ratio['interval'])}; {ratio['model']})"
            )
        if not is_refusal(test):
            click.echo(f"  permutation test: p {test['p']:.4f}")
    click.echo(band["jerks"]["caveat"])
