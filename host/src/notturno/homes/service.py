"""The texts of a service that syncs each morning: a systemd user unit and timer, a launchd agent.

Pure. Unit files after systemd.service(5), systemd.timer(5) and systemd.syntax(7); the agent after
launchd.plist(5). A run that was missed while the computer slept is made up for by both.
"""

import plistlib
import re

from notturno.errors import UserError

NAME = "notturno-sync"
LABEL = "org.notturno.sync"
SERVICE, TIMER, AGENT = f"{NAME}.service", f"{NAME}.timer", f"{LABEL}.plist"


def time_of_day(text: str) -> tuple[int, int]:
    """Return (hour, minute) of HH:MM; raises UserError for anything else."""
    found = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text, re.ASCII)
    if found is None:
        raise UserError("{text} is no time of day; write it as 07:30.", text=text)
    return int(found[1]), int(found[2])


def systemd_units(arguments: list[str], at: tuple[int, int]) -> dict[str, str]:
    """Return {file name: text} of the service and its timer.

    arguments: the whole command, the program first, as a list.
    """
    command = " ".join(map(_quoted, arguments))
    service = f"""[Unit]
Description=Fetch last night from the notturno band
Documentation=man:systemd.service(5)

[Service]
Type=oneshot
ExecStart={command}
# One morning without a band in reach is no fault of the computer.
SuccessExitStatus=1
TimeoutStartSec=30min
Nice=10
"""
    timer = f"""[Unit]
Description=Each morning: fetch last night from the notturno band

[Timer]
OnCalendar=*-*-* {at[0]:02}:{at[1]:02}:00
Persistent=true
RandomizedDelaySec=60

[Install]
WantedBy=timers.target
"""
    return {SERVICE: service, TIMER: timer}


def _quoted(argument: str) -> str:
    """Return an argument as systemd.syntax(7) wants it: % and $ doubled, quoted where needed."""
    if any(ord(character) < 32 for character in argument):
        raise UserError(
            "{argument!r} holds a character that no service can be given.", argument=argument
        )
    doubled = argument.replace("%", "%%").replace("$", "$$")
    if re.fullmatch(r"[\w@+=:,./%$-]+", doubled, re.ASCII):
        return doubled
    return '"' + doubled.replace("\\", "\\\\").replace('"', '\\"') + '"'


def launchd_agent(arguments: list[str], at: tuple[int, int], log: str) -> bytes:
    """Return the property list of the agent; log: where its output goes."""
    return plistlib.dumps(
        {
            "Label": LABEL,
            "ProgramArguments": arguments,
            "StartCalendarInterval": {"Hour": at[0], "Minute": at[1]},
            "StandardOutPath": log,
            "StandardErrorPath": log,
            "ProcessType": "Background",
        }
    )
