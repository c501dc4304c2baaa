"""The command `setup`: the first evening with a band, step by step, each as often as one likes."""

import sys
from typing import Any

import click

from notturno.cli.options import HELP_NAMES, Number, data_dir_option, json_option
from notturno.cli.which_band import radio_options
from notturno.cli.words import print_json
from notturno.errors import UserError
from notturno.words import _, said

SCHEMA = "setup-1"
STOPPED = 130
# step -> what it is for
STEPS = {
    "flash": "the program and a key onto the board",
    "check": "the band tests itself",
    "zone": "the zone in which its nights are told",
    "meet": "the band gets the time, and is known here",
    "name": "what it is called, and where it is worn",
    "strap": "does it see you move, worn as it is",
    "tonight": "how the first night begins",
}
SKIPPED = "skipped"
step_names = click.Choice(list(STEPS))


@click.command(context_settings=HELP_NAMES)
@click.option("--port", metavar="PORT", help="Where the board hangs, by cable; else found.")
@radio_options
@click.option("--skip", multiple=True, type=step_names, help="Leave a step out.")
@click.option("--only", multiple=True, type=step_names, help="This step alone, once more.")
@click.option("--name", metavar="NAME", help="What the band is called, e.g. calf-left.")
@click.option("--limb", metavar="LIMB", help="Where it is worn: calf, ankle, wrist ...")
@click.option("--side", type=click.Choice(["L", "R"], case_sensitive=False), help="Which side.")
@click.option("--zone", metavar="ZONE", help="Zone of your nights, e.g. Europe/Rome; or auto.")
@click.option("--image", type=click.Path(), metavar="FILE", help="MicroPython, as flash takes it.")
@click.option("--board", metavar="NAME", help="What it should be, as flash takes it; else found.")
@click.option(
    "--movements",
    type=click.IntRange(3, 60),
    default=10,
    show_default=True,
    help="How often to move in the strap check.",
)
@click.option(
    "--still",
    "still_s",
    type=Number(45, 600),  # with less, the band has not told its chip's rate yet
    default=60.0,
    show_default=True,
    metavar="S",
    help="How long to be still before.",
)
@click.option("--yes", is_flag=True, help="Ask nothing.")
@json_option
@data_dir_option
def command(
    port: str | None,
    virtual: str | None,
    band: str,
    timeout_s: float,
    skip: tuple[str, ...],
    only: tuple[str, ...],
    as_json: bool,
    folder: str,
    **given: Any,
) -> None:
    """Lead through the first evening with a band: flash, check, name, try the strap, begin.

    \b
    flash    the program and a key onto the board        (notturno flash)
    check    the band tests itself                       (notturno check)
    zone     the zone in which its nights are told
    meet     it gets the time, and is known here         (notturno sync)
    name     what it is called, and where it is worn     (notturno bands name)
    strap    be still, then move at each "now": does it see you, and how soon
    tonight  how the first night begins

    It may be stopped and repeated at any time: what is known is not asked again.
    """
    from notturno.cli.setup_steps import Evening

    if set(skip) & set(only):
        raise UserError("A step is named with --skip and --only; give one of them.")
    wanted = [step for step in STEPS if step not in skip and (not only or step in only)]
    if not wanted:
        raise UserError("Every step is skipped; leave one of them in.")
    asks = not given["yes"] and not as_json and at_a_terminal()
    evening = Evening(folder, port, virtual, band, timeout_s, asks, as_json, set(only), given)
    steps = []
    for number, step in enumerate(STEPS, 1):
        if step not in wanted:
            steps.append({"step": step, "state": SKIPPED})
            continue
        head = _("{number} of {count}").format(number=number, count=len(STEPS))
        evening.say(f"{head}  {step}: {_(STEPS[step])}")
        try:
            outcome = getattr(evening, step)()
        except UserError as error:
            raise UserError(
                "{error_said} {again_said}", error_said=error, again_said=again(step)
            ) from error
        except KeyboardInterrupt:
            stopped = _("stopped by Ctrl-C.")
            click.echo(f"\nnotturno: {stopped} {said(again(step))}", err=True)
            raise click.exceptions.Exit(STOPPED) from None
        for line in outcome.lines:
            evening.say(f"   {line}")
        steps.append({"step": step, "state": outcome.state, "said": outcome.lines} | outcome.data)
    if as_json:
        print_json({"schema": SCHEMA} | evening.document() | {"steps": steps})


def again(step: str) -> UserError:
    """Return what to do where a step did not come to its end, to be said behind why."""
    return UserError(
        "(Step {step}. What was done before it stays done: run  notturno setup  again, or go past "
        "it with --skip {step}.)",
        step=step,
    )


def at_a_terminal() -> bool:
    """Say whether a person can be asked."""
    return sys.stdin.isatty()
