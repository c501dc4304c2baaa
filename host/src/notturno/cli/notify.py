"""A word on the desktop, where there is one. Starts notify-send (Linux) or osascript (macOS)."""

import shutil
import subprocess
import sys

TITLE = "notturno"
WAIT_S = 10


def notify(text: str) -> bool:
    """Show a text as a notification; return whether something took it."""
    command = command_for(sys.platform, text)
    if command is None or shutil.which(command[0]) is None:
        return False
    try:
        return subprocess.run(command, timeout=WAIT_S, capture_output=True).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def command_for(platform: str, text: str) -> list[str] | None:
    """Return the command that notifies on a `sys.platform`; None where there is none."""
    if platform.startswith("linux"):
        return ["notify-send", "--app-name", TITLE, "--", TITLE, text]
    if platform == "darwin":
        # The text is an argument of the script, never part of it.
        script = (
            "on run argv\ndisplay notification (item 1 of argv) with title (item 2 of argv)\nend"
        )
        return ["osascript", "-e", script, text, TITLE]
    return None
