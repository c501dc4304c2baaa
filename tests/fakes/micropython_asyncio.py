"""What MicroPython's asyncio has and CPython's has not, put there for firmware under test."""

import asyncio


class ThreadSafeFlag:
    """One waiter, set from anywhere; waiting clears it."""

    def __init__(self):
        self._is_set = False
        self._waiter = None

    def set(self):
        self._is_set = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self):
        self._is_set = False

    async def wait(self):
        if not self._is_set:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        self._is_set = False


def install():
    """Give CPython's asyncio the two names; harmless when done twice."""
    asyncio.ThreadSafeFlag = ThreadSafeFlag
    asyncio.sleep_ms = lambda ms: asyncio.sleep(ms / 1000)
