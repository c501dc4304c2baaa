"""Ctrl-C while a controller owes an answer: nobody is shown the host stack's own bookkeeping."""

import asyncio
import signal
import sys

from bumble import hci
from notturno.virtualband.ether import Ether
from notturno.virtualband.faults import Faults
from notturno.virtualband.outside import WORLD_TIME_COMMAND, HciServer, OutsideController
from notturno.virtualband.serialport import listen
from virtual_kit import HANG_S

SCAN = """
import asyncio, sys
from notturno.link.virtual import open_virtual_radio

async def look():
    async with open_virtual_radio(sys.argv[1]) as radio:
        try:
            await radio.utc_now_ms()
        finally:
            print(await radio.scan(0.5))  # the radio is of use still, to say goodbye with

try:
    asyncio.run(look())
except KeyboardInterrupt:
    print("stopped")
"""


class Owing(OutsideController):
    """Keeps the world's time back until `pay`; `asked` tells that it was asked for."""

    def on_packet(self, packet):
        if packet[:3] == WORLD_TIME_COMMAND:
            self.owed = packet
            self.asked.set()
        else:
            super().on_packet(packet)

    def pay(self):
        super().on_packet(self.owed)


def test_ctrl_c_before_a_controllers_answer_prints_nothing_of_the_stack():
    async def story():
        made = []

        def make():
            address = hci.Address("00:4E:54:00:00:01", hci.Address.PUBLIC_DEVICE_ADDRESS)
            controller = Owing(Ether(Faults()), address, lambda: None)
            controller.asked = asyncio.Event()
            made.append(controller)
            attached.set()
            return controller

        attached = asyncio.Event()
        line = listen(0, "--port")
        server = HciServer(make)
        await server.start(line)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            SCAN,
            f"127.0.0.1:{line.getsockname()[1]}",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        await attached.wait()
        await made[0].asked.wait()
        process.send_signal(signal.SIGINT)
        await asyncio.sleep(0.5)  # it gives the question up, and goes on with the next
        made[0].pay()
        said = await process.communicate()
        await server.close()
        return said

    out, err = asyncio.run(asyncio.wait_for(story(), HANG_S))
    assert (out, err) == (b"[]\nstopped\n", b"")
