"""What keeps a night alive: a watchdog, and a fresh start after whatever nobody caught.

Touches `machine` (watchdog, reset) and the backup. Speaks ms. Not tried on a board: that a second
WDT(timeout) only lengthens the first is from the port's source, as read there.
"""

import gc
import io
import sys

# Longer than any turn of the loop: a flash that erases blocks, a proof, a check of a long log.
WATCHDOG_MS = 8000
PROMPT_MS = 3_600_000  # somebody at the prompt feeds nobody
# After so many failed starts in a row each waits, longer and longer: a cell is not to be emptied
# by starting, and a developer finds a way in. Not so long that a night loses more than 15 s.
ROW_BEFORE_PAUSES = 8
_FIRST_PAUSE_MS, _LONGEST_PAUSE_MS = 2_500, 10_000


class Supervisor:
    """Guards one start of the firmware.

    failed: callable(imported), told before a reset that the program could not go on.
    """

    def __init__(self, machine, backup, failed=None):
        self._failed = failed
        self._machine = machine
        self._backup = backup
        self._dog = None

    def pause_ms(self):
        """Return how long to wait before this start does anything."""
        over = self._backup.in_a_row - ROW_BEFORE_PAUSES
        return 0 if over < 0 else min(_FIRST_PAUSE_MS << over, _LONGEST_PAUSE_MS)

    def watch(self):
        """From now on `feed` must be called every WATCHDOG_MS."""
        self._dog = self._machine.WDT(timeout=WATCHDOG_MS)

    def feed(self):
        """Say that the loop is alive."""
        if self._dog is not None:
            self._dog.feed()

    def let_go(self):
        """Somebody has stopped the program to look at the band: leave them time."""
        if self._dog is not None:
            self._machine.WDT(timeout=PROMPT_MS)

    async def guard(self, work, save):
        """Await `work`; what it raises is noted, and the firmware starts anew.

        save: callable that brings what can be saved to the flash.
        """
        try:
            await work
        except Exception as error:
            gc.collect()
            self.give_up(error, save)

    def give_up(self, error, save):
        """Note an exception, save what can be, and start anew. Does not return on a device."""
        try:
            line, where, what = told(error)
            self._backup.keep_crash(line, where, what)
            print("starting anew after %s at %s:%d" % (what, where, line))
            save()
        except Exception as another:  # the note is kept; the reset is what counts
            print("not all could be saved:", another)
        if self._failed is not None:
            self._failed(True)
        self._machine.reset()


def told(error):
    """Return (line, file, what) of an exception, line 0 where the traceback does not say."""
    what = "%s %s" % (type(error).__name__, error)
    line, where = 0, ""
    for row in _traceback(error).split("\n"):
        row = row.strip()
        if row.startswith('File "'):  # File "app.py", line 12, in run
            parts = row[6:].split('", line ')
            if len(parts) == 2:
                where = parts[0].split("/")[-1]
                if where[-3:] != ".py":  # a compiled module says its name alone
                    where += ".py"
                line = int("".join(c for c in parts[1].split(",")[0] if c.isdigit()) or 0)
    return line, where, what


def _traceback(error):
    out = io.StringIO()
    if hasattr(sys, "print_exception"):
        sys.print_exception(error, out)
    else:  # not MicroPython
        import traceback

        traceback.print_exception(error, file=out)
    return out.getvalue()
