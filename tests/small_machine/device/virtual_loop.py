"""Lets the real asyncio of the unix port wait on the clock of `world`.

Touches `asyncio.core`, whose poll would sleep, and tasks whose time the port's own clock stamps:
the clock of `world` therefore begins at the port's.
"""

from asyncio import core


def install(world):
    wait = core.IOQueue.wait_io_event

    def wait_io_event(queue, ms):
        if ms > 0:
            world.pass_ms(ms)
        wait(queue, 0)

    core.IOQueue.wait_io_event = wait_io_event
