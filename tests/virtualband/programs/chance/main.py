"""A program for tests: prints the system's chance, the seeded one, and two of the board's."""

import asyncio
import os
import random

from boards import pick

board = pick("virtual")
ids = [board.random_u32(), board.random_u32()]
print("chance", os.urandom(16).hex(), random.getrandbits(30), *ids)


async def wait():
    await asyncio.sleep(1000)


asyncio.run(wait())
