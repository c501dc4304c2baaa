"""`notturno demo`: three virtual nights, one of them a real recording, synced and shown.

Calls the other commands as a person would; holds no logic of its own.
"""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notturno.cli.options import HELP_NAMES, Number, chosen_person, data_dir_option
from notturno.cli.progress import over_nights, progress_bar
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.words import _

if TYPE_CHECKING:
    from notturno.virtualband.world import Timeline

MARKER = ".notturno-demo"
MARKED = "made by notturno demo; the next demo empties this folder\n"
RECORDING = "e4_wrist_32hz_104min.npz"  # the first night's
NIGHTS = (("plm", 12), ("sleep_starts", 11))  # profile and seed of those after it


def fresh_folder(folder: Path) -> Path:
    """Return the demo's folder, emptied if an earlier demo made it.

    Raises UserError where something else lies there: nothing of a person's is ever removed.
    """
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARKER).exists():
            raise UserError(
                "{folder} is not empty and was not made by a demo; give an "
                "empty folder with --data-dir.",
                folder=folder,
            )
        shutil.rmtree(folder)
    data_dir(folder)
    (folder / MARKER).write_text(MARKED)
    return folder


def demo_world(hours: float) -> Timeline:
    """Return the world of the demo's three nights."""
    from notturno.detect import recording
    from notturno.sleeper import night_world
    from notturno.virtualband.world import RecordingSource, Timeline

    real = recording.load(Path(__file__).parents[1] / "recordings" / RECORDING)
    synthetic = [night_world(profile, seed, hours) for profile, seed in NIGHTS]
    return Timeline([RecordingSource(real), *synthetic], hours=hours)


def run(command: click.Command, *arguments: str) -> None:
    """Run another command of the same app with the arguments a person would type."""
    click.echo(click.style("$ notturno " + " ".join(arguments), bold=True))
    command.main(
        args=list(arguments[1:]), prog_name=f"notturno {arguments[0]}", standalone_mode=False
    )
    click.echo()


@click.command(context_settings=HELP_NAMES)
@click.option("--hours", type=Number(0.1, 12), default=8.0, help="Hours a night (8).")
@click.option("--seed", type=int, default=1, help="Seed of the sensor's noise and error.")
@data_dir_option
def command(hours: float, seed: int, folder: str | None) -> None:
    """Three virtual nights (the first on a real recording), synced and shown.

    The band is simulated: the firmware and its MicroPython are real, the limb is not.
    """
    from notturno.cli import chart, nights, sync
    from notturno.keys import keep_virtual
    from notturno.virtualband import VirtualBand

    if person := chosen_person():
        raise UserError(
            "The demo's nights are nobody's; leave --person {person} out.", person=person
        )
    again = f"notturno --data-dir {shlex.quote(folder)}" if folder else "notturno --demo"
    place = fresh_folder(Path(folder) if folder else data_dir(demo=True, create=False))
    click.echo(
        _("A virtual band sleeps three nights. The firmware is the real one, the limb is not:")
    )
    click.echo(
        _("night 1 is a real recording of an awake wrist, then the band lies still; night 2 is")
    )
    click.echo(_("synthetic periodic movements, night 3 synthetic sleep starts.\n"))
    world = demo_world(hours)
    home = place / "virtual-band"
    with VirtualBand(home, world, seed=seed, prepare=keep_virtual(place)) as band:
        with progress_bar(_("falling asleep")) as show:
            band.wait_nights(progress=over_nights(show, 3))
        at = ["--data-dir", str(place)]
        run(sync.command, "sync", "--virtual", band.hci, *at)
        run(nights.command, "nights", *at)
        picture = place / "chart.html"
        run(chart.command, "chart", "--force", "--out", str(picture), *at)
    click.echo(_("The chart: {path}").format(path=picture.resolve()))
    click.echo(
        _("See its nights again with  {again} nights  and  {again} show.").format(again=again)
    )
    click.echo(_("All of this is simulated. Not a diagnosis: with real nights, see a doctor."))
