"""A program for tests: the radio is on for five seconds every hundred."""

import asyncio

import bluetooth

ble = bluetooth.BLE()


async def windows():
    while True:
        await asyncio.sleep_ms(100_000)
        ble.active(True)
        ble.gap_advertise(100_000, adv_data=b"\x02\x01\x06\x07\x09window")
        await asyncio.sleep_ms(5_000)
        ble.active(False)


asyncio.run(windows())
