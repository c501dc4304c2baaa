"""The TCP line between a host and the virtual radio, and HCI packets on it, raw."""

import asyncio
import socket

import pytest
from bumble import hci
from notturno.virtualband.serialport import listen
from raw_hci import ENHANCED_MASK, PLAIN_MASK, RawHost
from virtual_kit import HANG_S, PROGRAMS, make_band


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


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    with make_band(tmp_path_factory.mktemp("band"), firmware=PROGRAMS / "radio", seed=9) as band:
        band.wait_nights(timeout_s=HANG_S)
        yield band


MASKS = pytest.mark.parametrize(
    ("mask", "kind"),
    [
        (PLAIN_MASK, hci.HCI_LE_Connection_Complete_Event),
        (ENHANCED_MASK, hci.HCI_LE_Enhanced_Connection_Complete_Event),
    ],
)
BAND_9 = hci.Address("F0:4E:54:00:00:09", hci.Address.RANDOM_DEVICE_ADDRESS)
NOBODY = hci.Address("F0:00:00:00:00:01", hci.Address.RANDOM_DEVICE_ADDRESS)


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, HANG_S))


@MASKS
def test_a_connection_is_told_by_the_event_that_the_host_waits_for(band, mask, kind):
    async def story():
        host = await RawHost.attach(band.hci)
        await host.start(mask)
        host.connect(BAND_9, interval=40)
        event = await host.connection_complete()
        assert type(event) is kind
        assert event.status == 0
        assert event.peer_address == BAND_9
        assert event.connection_interval == 40
        host.send(hci.HCI_Disconnect_Command(event.connection_handle, reason=0x13))
        await host.event(lambda e: isinstance(e, hci.HCI_Disconnection_Complete_Event))
        await host.close()

    run(story())


@MASKS
def test_a_cancelled_attempt_is_answered_and_then_told_by_that_event(band, mask, kind):
    async def story():
        host = await RawHost.attach(band.hci)
        await host.start(mask)
        host.connect(NOBODY)
        await host.answer(hci.HCI_LE_Create_Connection_Cancel_Command())
        event = await host.connection_complete()
        assert type(event) is kind
        assert event.status == hci.HCI_UNKNOWN_CONNECTION_IDENTIFIER_ERROR
        told = event.connection_handle, event.connection_interval, event.peripheral_latency
        assert (*told, event.supervision_timeout, event.central_clock_accuracy) == (0,) * 5
        await host.close()

    run(story())


def test_a_reset_masks_the_newer_event_again(band):
    async def story():
        host = await RawHost.attach(band.hci)
        await host.start(ENHANCED_MASK)
        await host.answer(hci.HCI_Reset_Command())
        host.connect(NOBODY)
        await host.answer(hci.HCI_LE_Create_Connection_Cancel_Command())
        assert type(await host.connection_complete()) is hci.HCI_LE_Connection_Complete_Event
        await host.close()

    run(story())
