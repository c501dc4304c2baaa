"""The command `flash`: a board becomes a band, or a band gets the newest program, by cable.

Touches a band at a serial port, the keys of the data folder, the terminal.
"""

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from notturno.cli.asking import agreed
from notturno.cli.options import HELP_NAMES, data_dir_option, json_option
from notturno.cli.words import print_json
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.words import _

SCHEMA = "flash-1"
FIRST_START_S = 30.0  # MicroPython makes its file system then


@click.command("flash", context_settings=HELP_NAMES)
@click.option("--port", default="auto", metavar="PORT", help="Where the board hangs, by cable.")
@click.option(
    "--image",
    type=click.Path(),
    metavar="FILE",
    help="MicroPython's .bin (or a folder of them, with --board), written first: all else goes.",
)
@click.option("--sha256", metavar="HEX", help="What the image's SHA-256 must be.")
@click.option("--board", metavar="NAME", help="What it should be, e.g. xiao_esp32s3; else found.")
@click.option("--yes", is_flag=True, help="Ask nothing: replace what is in the way.")
@json_option
@data_dir_option
def command(
    port: str,
    image: str | None,
    sha256: str | None,
    board: str | None,
    yes: bool,
    as_json: bool,
    folder: Path,
) -> None:
    """Put notturno's program onto a board, or its newest version onto a band.

    Only what has changed travels. The band's key, settings and records stay, and until all of the
    new version is there it has the old one to start with, whatever is pulled or cut. May be
    repeated at any time.
    """
    done = run(port, image, sha256, board, yes, as_json, folder)
    if as_json:
        print_json(done.document)
        return
    for line in done.lines():
        click.echo(line)


@dataclass(frozen=True)
class Flashed:
    """What was done to the board at `port`. update: `update.Done`; wrote: the image, or None;
    key_said: what became of its key."""

    port: str
    device_id: str
    wrote: dict | None
    update: Any
    key_said: str

    @property
    def document(self) -> dict:
        """The JSON of it."""
        head = {"schema": SCHEMA, "port": self.port, "device_id": self.device_id}
        return head | {"image": self.wrote, **asdict(self.update)}

    def lines(self) -> list[str]:
        """Return it in words."""
        return [*_lines(self.update, self.port), self.key_said]


def run(
    port: str,
    image: str | None,
    sha256: str | None,
    board: str | None,
    yes: bool,
    quiet: bool,
    folder: Path | str,
) -> Flashed:
    """Put the program and a key onto the board at `port`; raises UserError.

    quiet: nothing is printed and nothing is asked.
    """
    from notturno import keys
    from notturno.flashing import board as boards
    from notturno.flashing import chips, key, package, plain, ports, update
    from notturno.flashing.line import Line

    if sha256 and not image:
        raise UserError("--sha256 is of an image; add --image FILE.")
    if board is not None:
        chips.arch_of_board(board)  # before the band is touched
    ring = keys.KeyRing(data_dir(folder))
    ring.prepare()  # so too
    named, port = port, ports.find(port)
    ask = _asker(yes, quiet)
    wrote = None
    if image:
        wrote = _write_image(port, image, sha256, board, ask, quiet)
        port = ports.again(port, named)
    with Line(port, FIRST_START_S if image else 0.0) as line:
        found = boards.look(line)
        boards.check_micropython(found)
        made = package.build(boards.arch_for(found, board))
        boards.check_package(made, found)
        if plain.is_foreign(found):
            ask(_("The board has a program of its own (main.py), which would be replaced"))
        carried = plain.changes(line, found)
        if carried is not None and carried.left:
            reasons = "; ".join(f"{name}: {why}" for name, why in carried.left.items())
            ask(
                _("Something in the band's config.py cannot become a setting ({reasons})").format(
                    reasons=reasons
                )
            )
        done = _updated(update.update, line, found, made, carried, quiet)
        line.stay()  # the key's turn; the band starts after it
    device_id, said = key.give(port, ring)
    return Flashed(port, device_id, wrote, done, said)


def _updated(update, line: Any, found, made, carried, quiet: bool):
    from notturno.cli.progress import progress_bar

    with progress_bar(_("copying the program"), quiet) as show:
        return update(line, found, made, carried, lambda n, of: show(n, of))


def _write_image(port: str, image, sha256, board, ask, quiet: bool):
    from notturno.cli.progress import progress_bar
    from notturno.flashing import image as images

    checked = images.check(images.find(image, board), sha256, board)
    ask(
        _("All that is on the board at {port} goes, a band's records and key too").format(
            port=port
        )
    )
    with progress_bar(_("writing MicroPython"), quiet):
        images.write(port, checked)
    if not quiet:
        click.echo(_("{words} is on the board at {port}.").format(words=checked.words, port=port))
    return {"file": str(checked.path), "version": checked.version, "sha256": checked.sha256}


def _asker(yes: bool, as_json: bool):
    """Return a function that lets a person agree to something, or refuses it in their place."""

    def ask(what) -> None:
        if yes:
            return
        if as_json or not sys.stdin.isatty():
            raise UserError("{what}; to do it all the same, add --yes.", what=what)
        agreed(_("{what}. Go on?").format(what=what), abort=True)

    return ask


def _lines(done, port: str):
    """Return what was done, in a few lines."""
    if not done.changed:
        lines = [
            _("The band at {port} has version {version} already; nothing was copied.").format(
                port=port, version=done.version
            )
        ]
    else:
        was = (
            _(" after {was}").format(was=done.was) if done.was and done.was != done.version else ""
        )
        size = f"{done.sent_bytes / 1000:.0f} kB"
        same = done.kept + done.copied
        rest = _(", {same} were there already").format(same=same) if same else ""
        lines = [
            _(
                "The band at {port} starts version {version}{was}: {sent} "
                "files sent ({size}){rest}."
            ).format(
                port=port, version=done.version, was=was, sent=done.sent, size=size, rest=rest
            )
        ]
    if done.failed and done.failed != done.version:
        lines.append(
            _("Version {failed} did not start on it before, and was given up.").format(
                failed=done.failed
            )
        )
    if done.carried:
        names = ", ".join(f"{name}={value}" for name, value in done.carried.items())
        lines.append(
            _("Kept as settings, from its config.py: {names} (notturno bands set --list).").format(
                names=names
            )
        )
    return lines
