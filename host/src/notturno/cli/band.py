"""`notturno band`: a virtual band sleeps its nights and then waits on its dock for hosts."""

import threading

import click

from notturno.cli.options import HELP_NAMES, data_dir_option, json_option
from notturno.cli.progress import over_nights, progress_bar
from notturno.cli.words import print_json
from notturno.errors import UserError

DEFAULT_PROFILE = "fragmentary"
DEFAULT_HOURS = 8.0


def make_world(nights: int, hours: float | None, profile: str, recordings, seed: int):
    """Return the Timeline that the options describe. Raises UserError for a bad recording."""
    from notturno.virtualband.world import RecordingSource, Timeline

    if recordings:
        from notturno.detect import recording

        sources = [RecordingSource(recording.load(path), to_and_fro=True) for path in recordings]
        lengths = [hours or source.hours for source in sources]
        if not all(0 < length < 23.9 for length in lengths):
            raise UserError("A recording lasts a day or more; give the part to play with --hours.")
        return Timeline(sources, hours=lengths)
    from notturno.sleeper import night_world

    hours = hours or DEFAULT_HOURS
    return Timeline([night_world(profile, seed + k, hours) for k in range(nights)], hours=hours)


def reach(band) -> str:
    """Say how to reach a running band."""
    return (
        f"Its radio is a Bluetooth controller at {band.hci}:\n"
        f"  notturno sync --virtual {band.hci}\n"
        f"Its serial prompt is at {band.repl} and {band.pty}:\n"
        f"  mpremote connect {band.repl} fs ls\n"
        f"  mpremote connect port:{band.pty} repl\n"
        f"Its flash is the folder {band.flash}"
    )


@click.command(context_settings=HELP_NAMES)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Same, same night."
)
@click.option("--nights", type=click.IntRange(1, 1000), help="How many nights (1).")
@click.option("--hours", type=click.FloatRange(0.01, 23.5), help="Hours a night (8).")
@click.option("--profile", default=DEFAULT_PROFILE, show_default=True, help="Who sleeps.")
@click.option(
    "--recording",
    "recordings",
    type=click.Path(dir_okay=False),
    multiple=True,
    help="Feel this recording (npz, CSV); repeat for more nights. A shorter one than --hours is "
    "played to and fro.",
)
@data_dir_option
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Radio's port (any free).")
@click.option("--repl-port", type=click.IntRange(0, 65535), default=0, help="Prompt's port (any).")
@click.option("--start", metavar="TIME", help="Local time of the first evening.")
@click.option("--zone", metavar="ZONE", help="Its time zone (this machine's).")
@json_option
@click.option("--exit-after-nights", is_flag=True, help="Do not wait for hosts.")
def command(
    seed,
    nights,
    hours,
    profile,
    recordings,
    folder,
    port,
    repl_port,
    start,
    zone,
    as_json,
    exit_after_nights,
):
    """Run a virtual band: it sleeps its nights, then waits on its dock until Ctrl-C.

    The firmware and its MicroPython are the real ones; the limb, the chip and the radio are
    simulated. Its key goes into the data folder: sync it from the same one.
    """
    from notturno.keys import keep_virtual
    from notturno.paths import data_dir
    from notturno.virtualband.band import VirtualBand
    from notturno.virtualband.calendar import start_utc_s

    if recordings and nights:
        raise UserError("Every --recording is one night; leave --nights out.")
    nights = len(recordings) or nights or 1
    world = make_world(nights, hours, profile, recordings, seed)
    start_s = start_utc_s(start, zone) if start or zone else None
    where = data_dir(folder)
    with VirtualBand(
        where / "virtual-band",
        world,
        seed=seed,
        hci_port=port,
        repl_port=repl_port,
        start_utc_s=start_s,
        prepare=keep_virtual(where),
    ) as band:
        if as_json:
            places = {
                "hci": band.hci,
                "repl": band.repl,
                "pty": band.pty,
                "flash": str(band.flash),
            }
            print_json({"simulated": True, **places})
        else:
            click.echo("A virtual band (simulated limb, chip and radio; real firmware).")
            click.echo(reach(band))
        try:
            with progress_bar("falling asleep") as show:
                band.wait_nights(progress=over_nights(show, nights), timeout_s=float("inf"))
            click.echo("The nights are over; the band is on its dock.", err=as_json)
            if not exit_after_nights:
                click.echo("Ctrl-C ends it.", err=as_json)
                _wait_for_ever(band)
        except KeyboardInterrupt:
            click.echo(
                "\nThe band is switched off; its flash keeps what it recorded.", err=as_json
            )


def _wait_for_ever(band) -> None:
    pause = threading.Event()
    while True:
        pause.wait(0.5)
        band.check()
