"""Several bands and several hosts on one air, and a false band beside the true one."""

import asyncio
import random
import struct

import pytest
from bumble import hci
from notturno.virtualband.air import Air
from radio_host import DATA, TEXT, FalseBand, Host, connected, random_address, run
from raw_hci import ENHANCED_MASK, RawHost
from virtual_kit import HANG_S, PROGRAMS, START_UTC_S, make_band, short_world, wait_for

LATER_S = 86_400.0
# Event types of extended reports, Core specification 7.7.65.13: ADV_IND, SCAN_RSP to an ADV_IND.
OLD_ADVERTISEMENT, OLD_SCAN_RESPONSE = 0x13, 0x1B
WORLD_TIME_COMMAND = bytes((1, 0x01, 0xFC, 0))


@pytest.fixture(scope="module")
def bands(tmp_path_factory):
    """A left and a right one on one air; the right one's name and time are its own."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "right-firmware").mkdir()
    program = (PROGRAMS / "radio" / "main.py").read_text()
    (folder / "right-firmware" / "main.py").write_text(program.replace("09tests", "09right"))
    with (
        Air() as air,
        make_band(folder / "a", firmware=PROGRAMS / "radio", seed=1, air=air) as left,
        make_band(
            folder / "b",
            firmware=folder / "right-firmware",
            seed=2,
            air=air,
            start_utc_s=START_UTC_S + LATER_S,
        ) as right,
    ):
        for band in (left, right):
            band.wait_nights(timeout_s=HANG_S)
        yield left, right


async def let_go(band, *hosts):
    """Disconnect hosts one after the other; the band advertises again when this returns."""
    for host in hosts:
        mark = len(band.output())
        await host.connection.disconnect()
        await asyncio.to_thread(wait_for, lambda: b"irq 2 " in band.output()[mark:])  # noqa: B023
        await host.close()


def test_bands_of_one_air_have_one_port_and_addresses_of_their_own(bands):
    left, right = bands
    assert left.hci == right.hci
    assert left.address != right.address


def test_each_band_answers_a_scan_with_its_own_name(bands):
    async def story():
        host = await RawHost.attach(bands[0].hci)
        await host.start(ENHANCED_MASK)
        await host.answer(
            hci.HCI_LE_Set_Scan_Enable_Command(le_scan_enable=1, filter_duplicates=0)
        )
        kind = hci.HCI_LE_Extended_Advertising_Report_Event
        said = {}
        while len(said) < 2:
            event = await host.event(lambda e: isinstance(e, kind))
            for report in event.reports:
                # Linux joins the two only where they are marked as of the old form.
                assert report.event_type in (OLD_ADVERTISEMENT, OLD_SCAN_RESPONSE)
                assert report.secondary_phy == 0
                if report.event_type == OLD_SCAN_RESPONSE:
                    said[report.address.to_string(False)] = report.data
        await host.close()
        return said

    assert run(story()) == {
        bands[0].address: b"\x06\x09tests",
        bands[1].address: b"\x06\x09right",
    }


def test_a_host_may_hold_both_bands_at_once(bands):
    async def story():
        left, right = bands
        one = await connected(left, address=left.address)
        other = await connected(right, address=right.address)
        for host, word in ((one, b"left"), (other, b"right")):
            echoes = await host.subscribe(TEXT)
            await host.write(word)
            assert await echoes.get() == word
        await let_go(left, one)
        await let_go(right, other)

    run(story())


def test_two_hosts_of_one_band_have_addresses_and_intervals_of_their_own(bands):
    left = bands[0]

    async def story():
        quick = await connected(left, address=left.address, interval_ms=10)
        await quick.write(b"again")
        slow = await connected(left, address=left.address, interval_ms=400)
        assert slow.connection.self_address != quick.connection.self_address
        streams = []
        for host in (slow, quick):
            streams.append(await host.subscribe(DATA))
            await host.write(b"bulk" + struct.pack("<H", 90))
        for n in range(90):
            assert struct.unpack_from("<H", await streams[1].get())[0] == n
        assert streams[0].qsize() < 60
        for n in range(90):
            assert struct.unpack_from("<H", await streams[0].get())[0] == n
        await let_go(left, quick, slow)

    run(story())


def test_a_killed_host_loses_its_own_link_only(bands):
    left = bands[0]

    async def story():
        stays = await connected(left, address=left.address)
        await stays.write(b"again")
        dies = await connected(left, address=left.address)
        mark = len(left.output())
        await dies.close()
        await asyncio.to_thread(wait_for, lambda: b"irq 2 " in left.output()[mark:])
        echoes = await stays.subscribe(TEXT)
        await stays.write(b"still here")
        assert await echoes.get() == b"still here"
        assert left.output()[mark:].count(b"irq 2 ") == 1
        await let_go(left, stays)

    run(story())


def test_each_host_is_told_the_time_of_the_band_it_is_connected_to(bands):
    async def told(host):
        host._writer.write(WORLD_TIME_COMMAND)
        answer = await host.event(lambda e: getattr(e, "command_opcode", None) == 0xFC01)
        return struct.unpack_from("<Q", bytes(answer)[-8:])[0] / 1000

    async def story():
        host = await RawHost.attach(bands[0].hci)
        await host.start(ENHANCED_MASK)
        times_s = [await told(host)]
        host.connect(random_address(bands[1].address))
        await host.connection_complete()
        times_s.append(await told(host))
        await host.close()
        return times_s

    mark = len(bands[1].output())
    first_s, second_s = run(story())
    assert wait_for(lambda: b"irq 2 " in bands[1].output()[mark:])
    assert abs(first_s - START_UTC_S) < 3600
    assert abs(second_s - START_UTC_S - LATER_S) < 3600


def test_a_connection_to_one_band_does_not_hold_up_the_nights_of_another(bands, tmp_path):
    def sleep_longer_than_anybody_waits():
        # At the pace of the wall clock this would take as long.
        with make_band(tmp_path, short_world(2 * HANG_S), seed=3, air=bands[0].air) as third:
            third.wait_nights(timeout_s=HANG_S)

    async def story():
        host = await connected(bands[0], address=bands[0].address)
        await asyncio.to_thread(sleep_longer_than_anybody_waits)
        await let_go(bands[0], host)

    run(story())


def test_a_false_band_beside_the_true_one_can_be_connected_to(bands):
    left = bands[0]

    async def story():
        false = await FalseBand.attach(left.hci, "F0:4E:54:66:66:66")
        for address, value in ((left.address, b"still here"), ("F0:4E:54:66:66:66", b"false")):
            host = await connected(left, address=address)
            read = await host.characteristic(TEXT).read_value()
            assert (read == b"false") == (value == b"false")
            await host.connection.disconnect()
            await host.close()
        await false.transport.close()

    run(story())


def test_a_false_band_under_the_same_address_is_one_end_or_the_other_never_both(bands):
    left = bands[0]

    async def story():
        false = await FalseBand.attach(left.hci, left.address)
        mark = len(left.output())
        host = await connected(left, address=left.address)
        read = await host.characteristic(TEXT).read_value()
        ends = (read == b"false", bool(false.device.connections))
        await host.connection.disconnect()
        await host.close()
        await false.transport.close()
        await asyncio.sleep(0.2)
        assert ends in ((True, True), (False, False))
        return ends[0], b"irq 1 " in left.output()[mark:]

    was_false, true_was_called = run(story())
    assert was_false != true_was_called


def test_who_calls_second_in_one_advertisement_is_not_connected_to_nobody(bands):
    left = bands[0]

    async def story():
        hosts = [await RawHost.attach(left.hci) for _ in range(2)]
        for host in hosts:
            await host.start(ENHANCED_MASK)
            host.connect(random_address(left.address))
        told = [asyncio.create_task(host.connection_complete()) for host in hosts]
        done, pending = await asyncio.wait(told, return_when=asyncio.FIRST_COMPLETED)
        assert (len(done), len(pending)) == (1, 1)
        first = told.index(done.pop())
        await hosts[first].close()  # its link is lost, and the other's turn comes
        event = await asyncio.wait_for(pending.pop(), HANG_S)
        assert event.status == 0
        await hosts[1 - first].close()

    mark = len(left.output())
    run(story())
    assert wait_for(lambda: left.output()[mark:].count(b"irq 2 ") == 2)


def test_a_host_that_is_attached_first_has_the_first_address(tmp_path):
    async def story(air):
        first = await RawHost.attach(air.hci)
        second = await RawHost.attach(air.hci)
        addresses = [str(await host.public_address()) for host in (first, second)]
        await first.close()
        await second.close()
        return addresses

    with Air() as air:
        assert run(story(air)) == ["00:4E:54:00:00:01/P", "00:4E:54:00:00:02/P"]


def test_a_host_is_found_again_on_an_air_whose_bands_have_gone(tmp_path):
    async def story(air):
        host = await Host.attach(air)
        await host.close()

    with Air() as air:
        with make_band(tmp_path, firmware=PROGRAMS / "radio", air=air) as band:
            band.wait_nights(timeout_s=HANG_S)
        run(story(air))


def test_garbage_on_the_line_disturbs_nobody_else(bands):
    left = bands[0]
    noise = random.Random(1)

    async def throw(data):
        reader, writer = await asyncio.open_connection(*left.hci.split(":"))
        writer.write(data)
        await asyncio.sleep(0.02)
        writer.close()

    async def story():
        host = await connected(left, address=left.address)
        echoes = await host.subscribe(TEXT)
        for turn in range(60):
            # half of it begins as a command or as data, of a random kind
            begin = bytes((noise.choice((1, 2)),)) if turn % 2 else b""
            await throw(begin + noise.randbytes(noise.randrange(300)))
            word = b"%d" % turn
            await host.write(word)
            assert await echoes.get() == word
        await let_go(left, host)

    run(story())
