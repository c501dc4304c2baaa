"""A real BLE host stack (Bumble) attached to the exported controller, against the raw module."""

import asyncio
import struct

import pytest
from bumble import att
from notturno.virtualband import VirtualBand
from radio_host import DATA, SECRET, TEXT, Host, connected, run
from virtual_kit import HANG_S, PROGRAMS, START_UTC_S, short_world, wait_for

WORLD_TIME_COMMAND = bytes((1, 0x01, 0xFC, 0))


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    folder = tmp_path_factory.mktemp("band")
    program = PROGRAMS / "radio"
    with VirtualBand(folder, short_world(), firmware=program, start_utc_s=START_UTC_S) as band:
        band.wait_nights(timeout_s=HANG_S)
        yield band


def lines_after(band, mark):
    return band.output()[mark:].decode().split("\r\n")


def gone(band, mark):
    """Has a host come and left since the mark?"""
    said = band.output()[mark:]
    return b"irq 2 " in said[max(0, said.find(b"irq 1 ")) :] if b"irq 1 " in said else False


def test_a_host_finds_reads_writes_and_is_notified(band):
    async def story():
        async with await connected(band) as host:
            assert host.connection.att_mtu == 200
            assert await host.characteristic(TEXT).read_value() == b"hello"
            echoes = await host.subscribe(TEXT)
            await host.write(b"one")
            await host.write(b"two", with_response=False)
            assert [await echoes.get(), await echoes.get()] == [b"one", b"two"]
            assert await host.characteristic(TEXT).read_value() == b"two"
            await host.connection.disconnect()

    mark = len(band.output())
    run(story())
    assert wait_for(lambda: gone(band, mark))
    irqs = [line.split()[1] for line in lines_after(band, mark) if line.startswith("irq")]
    assert irqs[irqs.index("1") :] == ["1", "21", "2"]


def test_a_value_is_cut_to_the_buffer_that_the_program_made(band):
    async def story():
        async with await connected(band) as host:
            echoes = await host.subscribe(TEXT)
            await host.write(b"y" * 150)
            assert await echoes.get() == b"y" * 100
            assert await host.characteristic(TEXT).read_value() == b"y" * 100

    run(story())


def test_many_notifications_arrive_whole_and_in_order_although_the_pool_is_small(band):
    async def story():
        async with await connected(band) as host:
            got = await host.subscribe(DATA)
            await host.write(b"bulk" + struct.pack("<H", 120))
            packets = [await got.get() for _ in range(120)]
            assert [struct.unpack_from("<H", p)[0] for p in packets] == list(range(120))
            assert {len(p) for p in packets} == {197}  # cut to the MTU less 3, as ATT does

    run(story())
    assert wait_for(lambda: b"pool was full True" in band.output())


def test_an_indication_is_confirmed_to_the_program(band):
    async def story():
        async with await connected(band) as host:
            asked = await host.subscribe(TEXT, indications=True)
            await host.write(b"ask")
            assert await asked.get() == b"sure?"
            await asyncio.sleep(0.2)
            await host.connection.disconnect()

    mark = len(band.output())
    run(story())
    assert wait_for(lambda: gone(band, mark))
    done = [line for line in lines_after(band, mark) if line.startswith("irq 20")]
    assert len(done) == 1 and done[0].endswith(", 0)")


def test_a_pending_indication_fails_before_the_disconnection_is_told(band):
    async def story():
        async with await connected(band) as host:
            host.peer.gatt_client.on_att_handle_value_indication = lambda _: (
                None
            )  # confirms nothing
            await host.write(b"ask-leave")
            for _ in range(1200):
                if not host.device.connections:
                    break
                await asyncio.sleep(0.05)

    mark = len(band.output())
    run(story())
    assert wait_for(lambda: gone(band, mark))
    order = [line.split()[1] for line in lines_after(band, mark) if line.startswith("irq")]
    assert order[order.index("1") :] == ["1", "21", "20", "2"]


def test_what_needs_encryption_is_refused_before_and_given_after_pairing(band):
    async def story():
        async with await connected(band) as host:
            with pytest.raises(att.ATT_Error):
                await host.characteristic(SECRET).read_value()
            await host.connection.pair()
            assert await host.characteristic(SECRET).read_value() == b"secret"

    mark = len(band.output())
    run(story())
    assert wait_for(lambda: any("irq 28 " in line for line in lines_after(band, mark)))


def test_a_host_that_is_killed_is_noticed_and_the_next_one_is_served(band):
    async def story():
        host = await connected(band)
        await host.close()  # the line is cut: nothing is said over the air

    mark = len(band.output())
    run(story())
    assert wait_for(lambda: gone(band, mark))

    async def next_one():
        async with await connected(band) as host:
            return await host.characteristic(TEXT).read_value()

    assert run(next_one())


def test_the_exported_controller_tells_the_time_of_the_world(band):
    async def story():
        reader, writer = await asyncio.open_connection(*band.hci.split(":"))
        writer.write(WORLD_TIME_COMMAND)
        answer = await asyncio.wait_for(reader.readexactly(15), HANG_S)
        writer.close()
        return answer

    before_ms = band.utc_ms()
    answer = run(story())
    assert answer[:7] == bytes((4, 0x0E, 12, 1, 0x01, 0xFC, 0))
    (utc_ms,) = struct.unpack_from("<Q", answer, 7)
    assert before_ms <= utc_ms <= band.utc_ms()
    assert utc_ms == pytest.approx((START_UTC_S + band.now_s) * 1000, abs=2000)


def test_a_power_cut_drops_the_host_and_the_band_advertises_again(band):
    async def story():
        async with await connected(band) as host:
            gone = asyncio.Event()
            host.connection.on("disconnection", lambda _: gone.set())
            band.power_cut()
            await asyncio.wait_for(gone.wait(), HANG_S)
            await asyncio.wait_for(host.find(), HANG_S)

    run(story())


def test_a_host_that_scans_does_not_stop_the_night_and_catches_the_first_window(tmp_path):
    async def story(band):
        async with await Host.attach(band) as host:
            looking = asyncio.create_task(host.find())
            await asyncio.sleep(0.3)
            assert band.now_s == 0  # held
            band.clock.hold_at(float("inf"))
            advertisement = await looking
            return bytes(advertisement.data), band.now_s

    with VirtualBand(
        tmp_path,
        short_world(8 * 3600),
        firmware=PROGRAMS / "window",
        start_utc_s=START_UTC_S,
        hold_at_s=0.0,
    ) as band:
        data, found_s = run(story(band))
    assert b"window" in data
    assert 100 <= found_s < 105
