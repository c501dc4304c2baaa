"""A program for tests: it ends by an error."""

import asyncio


async def fall():
    await asyncio.sleep_ms(500)
    raise ValueError("fell over")


asyncio.run(fall())
