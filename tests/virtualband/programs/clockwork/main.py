"""A program for tests: counts virtual seconds, says who it is, listens to its pins."""

import asyncio
import os
import time

import machine

boots = 0
try:
    with open("boots") as file:
        boots = int(file.read())
except OSError:
    pass
boots += 1
with open("boots", "w") as file:
    file.write(str(boots))
print("boot", boots, "cause", machine.reset_cause(), "ticks", time.ticks_ms() < 1000)
machine.Pin(2, machine.Pin.IN, machine.Pin.PULL_UP).irq(lambda pin: print("button", pin.value()))


async def count():
    n = 0
    while True:
        await asyncio.sleep_ms(1000)
        n += 1
        if n % 10 == 0:
            print("second", n, "ticks", time.ticks_ms() // 1000, "docked", machine.Pin(1).value())
            with open("seconds", "a") as file:
                file.write(os.urandom(2).hex() + "\n")


asyncio.run(count())
