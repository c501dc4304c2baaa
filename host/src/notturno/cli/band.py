"""`notturno band`: virtual bands sleep their nights and then wait on their docks for hosts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from notturno.cli.options import HELP_NAMES, Number, data_dir_option, json_option
from notturno.cli.progress import over_nights, progress_bar
from notturno.cli.words import print_json
from notturno.errors import UserError
from notturno.words import _

if TYPE_CHECKING:
    from notturno.virtualband.band import VirtualBand
    from notturno.virtualband.chips.part import Part
    from notturno.virtualband.evening import Evening

DEFAULT_CHIP = "LSM6DSOX"
DEFAULT_PROFILE = "fragmentary"
DEFAULT_HOURS = 8.0


def make_world(
    nights: int, hours: float | None, profile: str, recordings: tuple, seed: int
) -> Evening:
    """Return the nights that the options describe, and a person who is awake after them.

    Raises UserError for a bad recording.
    """
    from notturno.sleeper.asked import AskedLimb
    from notturno.virtualband.evening import Evening
    from notturno.virtualband.world import RecordingSource

    if recordings:
        from notturno.detect import recording

        sources = [RecordingSource(recording.load(path), to_and_fro=True) for path in recordings]
        lengths = [hours or source.hours for source in sources]
        if not all(0 < length < 23.9 for length in lengths):
            raise UserError("A recording lasts a day or more; give the part to play with --hours.")
        return Evening(sources, AskedLimb(seed), hours=lengths)
    from notturno.sleeper import night_world

    hours = hours or DEFAULT_HOURS
    worlds = [night_world(profile, seed + k, hours) for k in range(nights)]
    return Evening(worlds, AskedLimb(seed), hours=hours)


def chip_of(name: str) -> type[Part]:
    """Return the model of a motion chip, however it is spelt. Raises UserError for an unknown."""
    from notturno.virtualband.chips import models

    known = {each.casefold(): model for each, model in models().items()}
    if name.casefold() not in known:
        raise UserError(
            "There is no model of a chip {chip}; choose one of {known}.",
            chip=name,
            known=", ".join(models()),
        )
    return known[name.casefold()]


def with_files(chip: type[Part], keep: Callable[..., bytes]) -> Callable[..., bytes]:
    """Return what a band calls before it starts: `keep`, and its chip's own files are there."""

    def prepare(flash: Path, device_id: bytes) -> bytes:
        for name, data in chip.on_flash().items():
            if not (flash / name).exists():
                (flash / name).write_bytes(data)
        return keep(flash, device_id)

    return prepare


def reach(bands: list[VirtualBand]) -> str:
    """Say how to reach running bands; they share one air."""
    hci = bands[0].hci
    lines = [
        _("Its radio is a Bluetooth controller at {hci}:").format(hci=hci)
        if len(bands) == 1
        else _("Their radios are in the air behind a Bluetooth controller at {hci}:").format(
            hci=hci
        ),
        f"  notturno sync --virtual {hci}",
    ]
    for number, band in enumerate(bands, 1):
        whose = _("Its") if len(bands) == 1 else _("Band {number}: its").format(number=number)
        lines += [
            _("{whose} serial prompt is at {repl} and {pty}:").format(
                whose=whose, repl=band.repl, pty=band.pty
            ),
            f"  mpremote connect {band.repl} fs ls",
            f"  mpremote connect port:{band.pty} repl",
            _("Its flash is the folder {flash}").format(flash=band.flash),
        ]
    return "\n".join(lines)


def places(bands: list[VirtualBand]) -> dict:
    """Return how to reach running bands, for programs; the first band's without a number."""
    each = [{"repl": b.repl, "pty": b.pty, "flash": str(b.flash)} for b in bands]
    return {"simulated": True, "hci": bands[0].hci, **each[0], "bands": each}


def first_evening_utc_s(folders: list[Path], nights: int) -> float:
    """Return the evening at which bands with `nights` to come start together, UTC."""
    from notturno.virtualband.calendar import next_evening_utc_s

    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    return max(next_evening_utc_s(folder, nights) for folder in folders)


@click.command(context_settings=HELP_NAMES)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Same, same night."
)
@click.option(
    "--bands",
    "count",
    type=click.IntRange(1, 8),
    default=1,
    show_default=True,
    help="So many bands, say on both legs; seeds from --seed on.",
)
@click.option("--nights", type=click.IntRange(1, 1000), help="How many nights (1).")
@click.option("--hours", type=Number(0.01, 23.5), help="Hours a night (8).")
@click.option("--chip", default=DEFAULT_CHIP, show_default=True, help="Its motion chip.")
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
    seed: int,
    count: int,
    nights: int | None,
    hours: float | None,
    chip: str,
    profile: str,
    recordings: tuple[str, ...],
    folder: str,
    port: int,
    repl_port: int,
    start: str | None,
    zone: str | None,
    as_json: bool,
    exit_after_nights: bool,
) -> None:
    """Run a virtual band: it sleeps its nights, then waits on its dock until Ctrl-C.

    The firmware and its MicroPython are the real ones; the limb, the chip and the radio are
    simulated. Its key goes into the data folder: sync it from the same one.
    """
    from notturno.keys import keep_virtual
    from notturno.paths import data_dir
    from notturno.virtualband.air import Air
    from notturno.virtualband.band import VirtualBand
    from notturno.virtualband.calendar import start_utc_s

    if recordings and nights:
        raise UserError("Every --recording is one night; leave --nights out.")
    model = chip_of(chip)
    nights = len(recordings) or nights or 1
    worlds = [make_world(nights, hours, profile, recordings, seed + k) for k in range(count)]
    start_s = start_utc_s(start, zone) if start or zone else None
    home = data_dir(folder)
    folders = [
        home / f"virtual-band-{k + 1}" if k else home / "virtual-band" for k in range(count)
    ]
    if start_s is None and count > 1:
        start_s = first_evening_utc_s(folders, nights)
    with ExitStack() as stack:
        air = stack.enter_context(Air(port))
        bands = [
            stack.enter_context(
                VirtualBand(
                    folders[k],
                    worlds[k],
                    seed=seed + k,
                    repl_port=repl_port + k if repl_port else 0,
                    start_utc_s=start_s,
                    make_chip=model,
                    prepare=with_files(model, keep_virtual(home)),
                    air=air,
                )
            )
            for k in range(count)
        ]
        if as_json:
            print_json(places(bands))
        else:
            many = (
                _("{count} virtual bands").format(count=count)
                if count > 1
                else _("A virtual band")
            )
            click.echo(
                _("{many} (simulated limb, chip and radio; real firmware).").format(many=many)
            )
            click.echo(reach(bands))
        try:
            with progress_bar(_("falling asleep")) as show:
                for band in bands:
                    band.wait_nights(progress=over_nights(show, nights), timeout_s=float("inf"))
            docked = (
                _("the bands are on their docks") if count > 1 else _("the band is on its dock")
            )
            click.echo(_("The nights are over; {docked}.").format(docked=docked), err=as_json)
            if not exit_after_nights:
                click.echo(_("Ctrl-C ends it."), err=as_json)
                _wait_for_ever(bands)
        except KeyboardInterrupt:
            off = _("The bands are") if count > 1 else _("The band is")
            keeps = (
                _("their flashes keep what they") if count > 1 else _("its flash keeps what it")
            )
            click.echo(
                _("\n{off} switched off; {keeps} recorded.").format(off=off, keeps=keeps),
                err=as_json,
            )


def _wait_for_ever(bands) -> None:
    pause = threading.Event()
    while True:
        pause.wait(0.5)
        for band in bands:
            band.check()
