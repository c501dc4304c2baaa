"""The command `service`: sync each morning by itself, and say so."""

import shutil
import subprocess
import sys
from pathlib import Path

import click

from notturno.cli import speech
from notturno.cli.options import HELP_NAMES, data_dir_option
from notturno.errors import UserError
from notturno.paths import data_dir
from notturno.words import _

WAIT_S = 30  # for an answer of the system's own programs


@click.group(cls=speech.Group, context_settings=HELP_NAMES)
def command() -> None:
    """Let this computer fetch the night each morning (Linux: systemd; macOS: launchd)."""


@command.command(context_settings=HELP_NAMES)
@click.option("--at", default="08:00", show_default=True, metavar="HH:MM", help="When, each day.")
@click.option("--print", "only_print", is_flag=True, help="Print the files; install nothing.")
@data_dir_option
def install(at: str, only_print: bool, folder: str) -> None:
    """Install the service: it syncs every band in reach and shows a notification."""
    from notturno.homes import service

    when = service.time_of_day(at)
    where = data_dir(folder, create=False).absolute()
    arguments = [*program(), "sync", "--notify", "--data-dir", str(where)]
    if sys.platform == "darwin":
        log = str(where / "sync.log")
        files = {service.AGENT: service.launchd_agent(arguments, when, log).decode()}
    elif sys.platform.startswith("linux"):
        files = service.systemd_units(arguments, when)
    else:
        raise UserError(
            "This system has neither systemd nor launchd; let its own "
            "scheduler run each morning: {command}",
            command=subprocess.list2cmdline(arguments),
        )
    if only_print:
        for name, text in files.items():
            click.echo(f"# {folder_of_units() / name}\n{text}")
        return
    for name, text in files.items():
        _write(folder_of_units() / name, text)
        click.echo(_("Written: {path}").format(path=folder_of_units() / name))
    if not _switch(on=True):
        raise UserError("Nothing is synced by itself before the system has taken it.")
    click.echo(
        _("Each morning at {at} your bands are synced into {where}.").format(at=at, where=where)
    )


@command.command(context_settings=HELP_NAMES)
def remove() -> None:
    """Take the service away again; no night is lost."""
    paths = [path for path in _paths() if path.exists()]
    if not paths:
        raise UserError("No service is installed; notturno service install makes one.")
    _switch(on=False)
    for path in paths:
        path.unlink()
        click.echo(_("Removed: {path}").format(path=path))


@command.command(context_settings=HELP_NAMES)
def status() -> None:
    """Say whether the service is installed, and what the system says of it."""
    paths = [path for path in _paths() if path.exists()]
    if not paths:
        click.echo(_("No service is installed: notturno service install"))
        return
    for path in paths:
        click.echo(_("Installed: {path}").format(path=path))
    if sys.platform.startswith("linux"):
        click.echo(_said(["systemctl", "--user", "list-timers", "--all", "--no-pager", _timer()]))


def program() -> list[str]:
    """Return the command line that starts this very notturno."""
    script = shutil.which("notturno", path=str(Path(sys.executable).parent))
    return [script] if script else [sys.executable, "-m", "notturno"]


def folder_of_units() -> Path:
    """Return where this system looks for a user's services."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "LaunchAgents"
    import platformdirs

    return platformdirs.user_config_path("systemd") / "user"


def _paths() -> list[Path]:
    from notturno.homes import service

    names = (service.AGENT,) if sys.platform == "darwin" else (service.SERVICE, service.TIMER)
    return [folder_of_units() / name for name in names]


def _timer() -> str:
    from notturno.homes.service import TIMER

    return TIMER


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(
            "{path} cannot be written ({why_said}); notturno service install "
            "--print shows what should stand there.",
            path=path,
            why_said=error.strerror,
        ) from None


def _switch(on: bool) -> bool:
    """Tell the system; where it cannot be told, say what to type, and return False."""
    if sys.platform == "darwin":
        commands = [["launchctl", "load" if on else "unload", "-w", str(_paths()[0])]]
    elif on:
        commands = [["systemctl", "--user", "daemon-reload"]]
        commands += [["systemctl", "--user", "enable", "--now", _timer()]]
    else:
        commands = [["systemctl", "--user", "disable", "--now", _timer()]]
    refused = [(why, line) for line in commands if (why := _refused(line)) is not None]
    for why, line in refused:
        text = _("the system did not take it ({why}); type: {line}")
        click.echo("notturno: " + text.format(why=why, line=" ".join(line)), err=True)
    return not refused


def _refused(line: list[str]) -> str | None:
    """Run a command; return why it failed, or None."""
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=WAIT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).strip().splitlines()
    return said[-1] if said else _("no reason given")


def _said(line: list[str]) -> str:
    try:
        return subprocess.run(line, capture_output=True, text=True, timeout=WAIT_S).stdout.strip()
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
