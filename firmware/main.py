"""Stage 0 of a start: finds the program and runs it. It changes seldom, and holds no logic.

Touches `sys.path` and, through `slots`, the pointer. Which program wins is said in slots.py. A
slot's program sees its own folder and the frozen modules alone: what an older version has left in
the root or in /lib cannot come between.
"""

import gc
import sys
import time

import machine
import slots

PAUSE_MS = 5000  # before a slot's program that has ended starts again: time for Ctrl-C


def run_in_place(folder):
    """Let the slot's program run where it lies in flash, where the board can; see rom.py."""
    try:
        import rom
    except ImportError:  # an older version
        return
    rom.use(folder)
    del sys.modules["rom"]


def start():
    """Run the program. Returns, or raises, where a developer's prompt is what is wanted."""
    cause = machine.reset_cause()
    folder = slots.choose(cause == machine.WDT_RESET, cause == machine.DEEPSLEEP_RESET)
    if folder is None:
        print("notturno: there is no program on this band; put one there:  notturno flash")
        return
    plain = folder == slots.FOLDERS[0]
    if not plain:
        kept = [place for place in sys.path if place not in ("", "/lib", "/rom", "/rom/lib")]
        sys.path[:] = [folder, folder + "/lib"] + kept
        print("notturno: runs", folder)
        run_in_place(folder)
    gc.collect()
    imported = False
    try:
        import app

        imported = True
        app.run()
    except KeyboardInterrupt:
        slots.not_counted()
        raise
    except Exception as error:
        sys.print_exception(error)
        if not slots.failed(imported) and plain:
            raise
    if not plain:
        time.sleep_ms(PAUSE_MS)
        machine.reset()


start()
