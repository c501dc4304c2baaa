"""What this machine must have to run the guest, and the tools of its system.

Touches apt-get, as this machine has it set up, to install a missing emulator.
"""

import os
import platform
import shutil
import subprocess


class CannotRun(Exception):
    """This machine cannot run the guest; the message is one sentence and says what is missing."""


def check_machine(say) -> None:
    """See that the emulator and the package tools are here; root gets a missing emulator.

    say: takes a line for the person. Raises CannotRun.
    """
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "AMD64"):
        raise CannotRun("it needs Linux on a PC (x86-64), whose packages the guest is made of.")
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise CannotRun(f"it needs {tool}, that is a Debian or one of its family.")
    if shutil.which("qemu-system-x86_64"):
        return
    if os.geteuid() != 0:
        raise CannotRun("it needs QEMU: sudo apt-get install qemu-system-x86")
    say("Installing qemu-system-x86")
    install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "qemu-system-x86"]
    for words in (["apt-get", "update", "-qq"], install):
        run_tool(words)


def run_tool(words: list[str]) -> None:
    """Run a tool of the system. Raises CannotRun with the last that it said."""
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise CannotRun(f"{words[0]} failed: {_last_line(done.stderr)}")


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing."
