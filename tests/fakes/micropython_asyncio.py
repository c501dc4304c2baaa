"""What MicroPython's asyncio has and CPython's has not, put there for firmware under test."""

import asyncio


class ThreadSafeFlag:
    """One waiter, set from anywhere; waiting clears it."""

    def __init__(self):
        self._event = asyncio.Event()

    def set(self):
        self._event.set()

    def clear(self):
        self._event.clear()

    async def wait(self):
        await self._event.wait()
        self._event.clear()


def install():
    """Give CPython's asyncio the two names; harmless when done twice."""
    asyncio.ThreadSafeFlag = ThreadSafeFlag
    asyncio.sleep_ms = lambda ms: asyncio.sleep(ms / 1000)
