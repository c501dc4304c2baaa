"""A program for tests: one service on the raw `bluetooth` module; prints every interrupt.

Writing b"bulk" + n (u16) to `text` sends n notifications of 200 bytes on `data`; b"ask" indicates;
b"ask-leave" indicates and disconnects at once; b"again" lets a further host connect; anything else
comes back as a notification.
"""

import asyncio
import struct

import bluetooth

SERVICE = bluetooth.UUID("6e6f7474-7572-6e6f-7e57-000000000001")
TEXT = bluetooth.UUID("6e6f7474-7572-6e6f-7e57-000000000002")
DATA = bluetooth.UUID("6e6f7474-7572-6e6f-7e57-000000000003")
SECRET = bluetooth.UUID(0xABCD)
ENOMEM = 12

ble = bluetooth.BLE()
requests = []
full = 0


def irq(event, data):
    if event == 3:
        requests.append((data[0], ble.gatts_read(data[1])))
        return
    print(
        "irq",
        event,
        tuple(bytes(x).hex() if isinstance(x, (bytes, bytearray)) else x for x in data),
    )
    if event == 2:
        advertise()


def advertise():
    ble.gap_advertise(100_000, adv_data=b"\x02\x01\x06\x05\x09test", resp_data=b"\x06\x09tests")


async def patiently(send, *arguments):
    """The packet pool may be full: that is no error, it is the pace of the link."""
    global full
    while True:
        try:
            return send(*arguments)
        except OSError as error:
            if error.errno != ENOMEM:
                raise
            full += 1
            await asyncio.sleep_ms(5)


async def send_bulk(conn, data, count):
    for i in range(count):
        await patiently(ble.gatts_notify, conn, data, struct.pack("<H", i) + b"x" * 198)
    print("bulk done, pool was full", full > 0)


async def serve():
    ble.active(True)
    ble.config(mtu=247, gap_name="test", bond=True, le_secure=True)
    ble.irq(irq)
    ((text, data, secret),) = ble.gatts_register_services(
        (
            (
                SERVICE,
                (
                    (TEXT, 0x02 | 0x04 | 0x08 | 0x10 | 0x20),
                    (DATA, 0x10),
                    (SECRET, 0x02 | 0x0200),
                ),
            ),
        )
    )
    ble.gatts_set_buffer(text, 100)
    ble.gatts_write(text, b"hello")
    ble.gatts_write(secret, b"secret")
    advertise()
    while True:
        await asyncio.sleep_ms(20)
        while requests:
            conn, value = requests.pop(0)
            if value[:4] == b"bulk":
                (count,) = struct.unpack_from("<H", value, 4)
                asyncio.create_task(send_bulk(conn, data, count))
            elif value == b"again":
                advertise()
            elif value[:3] == b"ask":
                await patiently(ble.gatts_indicate, conn, text, b"sure?")
                if value == b"ask-leave":
                    ble.gap_disconnect(conn)
            else:
                await patiently(ble.gatts_notify, conn, text, value)


asyncio.run(serve())
