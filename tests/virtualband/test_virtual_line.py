"""The TCP line between a host and the virtual radio, and HCI packets on it, raw."""

import asyncio
import socket

from notturno.virtualband.serialport import listen


def test_small_packets_do_not_wait_for_each_other_on_the_line():
    async def story():
        taken = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(
            lambda _reader, writer: taken.set_result(writer), sock=listen(0, "--port")
        )
        port = server.sockets[0].getsockname()[1]
        _, ours = await asyncio.open_connection("127.0.0.1", port)
        theirs = await taken
        for writer in (ours, theirs):
            line = writer.get_extra_info("socket")
            assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
        server.close()

    asyncio.run(story())
