"""Faults on the air: each is switched on, bites as said, and is over when switched off."""

import asyncio
import struct

import pytest
from notturno.virtualband.faults import Faults
from notturno.virtualband.silent import SilentCentral
from radio_host import DATA, TEXT, connected, run
from virtual_kit import HANG_S, PROGRAMS, make_band, wait_for

TIMED_OUT = 8  # HCI: connection timeout


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with make_band(tmp_path_factory.mktemp("band"), firmware=PROGRAMS / "radio") as band:
        band.wait_nights(timeout_s=HANG_S)
        yield band


@pytest.fixture
def band(running):
    """The band with a sound air, before and after; `band.mark` is where its output began."""
    running.mark = len(running.output())
    yield running
    for name, value in vars(Faults()).items():
        setattr(running.air.faults, name, value)
    assert wait_for(lambda: said_by(running).count(b"irq 1 ") <= said_by(running).count(b"irq 2 "))


def said_by(band):
    return band.output()[band.mark :]


def said_within(band, words):
    return wait_for(lambda: words in said_by(band))


async def heard_end(host):
    """Return a future of the reason for which the host's link ends."""
    ended = asyncio.get_running_loop().create_future()
    host.connection.on("disconnection", ended.set_result)
    return ended


async def echoed(host, echoes, word):
    await host.write(word)
    return await echoes.get() == word


@pytest.mark.parametrize("after", [0, 1, 7])
def test_a_link_is_lost_after_so_many_packets_and_both_ends_are_told(band, after):
    async def story():
        async with await connected(band) as host:
            got = await host.subscribe(DATA)
            ended = await heard_end(host)
            band.air.faults.lose_link_after = after
            # the request, its answer, then notifications
            asyncio.ensure_future(host.write(b"bulk" + struct.pack("<H", 90))).add_done_callback(
                lambda task: task.cancelled() or task.exception()
            )
            assert await asyncio.wait_for(ended, HANG_S) == TIMED_OUT
            assert got.qsize() == max(0, after - 2)

    run(story())
    assert said_within(band, b"irq 2 ")
    assert band.air.faults.lose_link_after is None

    async def next_one():
        async with await connected(band) as host:
            return await echoed(host, await host.subscribe(TEXT), b"sound again")

    assert run(next_one())


def test_a_silent_link_carries_nothing_either_way_and_nobody_is_told(band):
    async def story():
        async with await connected(band) as host:
            echoes = await host.subscribe(TEXT)
            ended = await heard_end(host)
            band.air.faults.silence_after = 0
            await host.write(b"lost", with_response=False)
            await asyncio.sleep(0.3)
            assert band.air.faults.silence_after is None
            await host.write(b"lost too", with_response=False)
            await asyncio.sleep(0.3)
            assert echoes.empty() and not ended.done()
            assert b"irq 2 " not in said_by(band)
            await host.connection.disconnect()  # not heard by the band either
            await asyncio.sleep(0.3)
            assert b"irq 2 " not in said_by(band)

    run(story())
    band.power_cut()  # it would wait for ever
    band.mark = len(band.output())


def test_a_silent_link_ends_by_supervision_where_that_is_set(band):
    async def story():
        async with await connected(band) as host:
            ended = await heard_end(host)
            band.air.faults.supervision_s = 0.2
            band.air.faults.silence_after = 0
            await host.write(b"lost", with_response=False)
            return await asyncio.wait_for(ended, HANG_S)

    assert run(story()) == TIMED_OUT
    assert said_within(band, b"irq 2 ")


def test_a_pool_without_room_holds_the_program_up_and_a_small_one_loses_nothing(band):
    async def story():
        async with await connected(band) as host:
            echoes = await host.subscribe(TEXT)
            band.air.faults.pool_packets = 0
            await host.write(b"patience")
            await asyncio.sleep(0.3)
            assert echoes.empty()
            band.air.faults.pool_packets = 1
            assert await echoes.get() == b"patience"
            got = await host.subscribe(DATA)
            await host.write(b"bulk" + struct.pack("<H", 12))
            for n in range(12):
                assert struct.unpack_from("<H", await got.get())[0] == n

    run(story())


@pytest.mark.parametrize("mtu", [23, 64, 104, 247, 517])
def test_the_mtu_is_what_the_fault_says_and_notifications_are_cut_to_it(band, mtu):
    async def story():
        band.air.faults.att_mtu = mtu
        async with await connected(band, mtu=517) as host:
            assert host.connection.att_mtu == mtu
            got = await host.subscribe(DATA)
            await host.write(b"bulk" + struct.pack("<H", 1))
            assert len(await got.get()) == min(200, mtu - 3)

    run(story())
    assert mtu == 23 or said_within(band, b"irq 21 (1, %d)" % mtu)


def test_a_slow_air_keeps_the_order_also_when_it_gets_quick_again(band):
    async def story():
        async with await connected(band) as host:
            got = await host.subscribe(DATA)
            band.air.faults.delay_s = 0.3
            asked = asyncio.ensure_future(host.write(b"bulk" + struct.pack("<H", 60)))
            await asyncio.sleep(0.05)
            assert not asked.done()
            await asked
            first = struct.unpack_from("<H", await got.get())[0]
            band.air.faults.delay_s = 0.0
            rest = [struct.unpack_from("<H", await got.get())[0] for _ in range(59)]
            assert [first, *rest] == list(range(60))
            band.air.faults.delay_s = 0.2
            await host.write(b"last word", with_response=False)
            await host.connection.disconnect()

    run(story())
    assert said_within(band, b"irq 2 ")


def test_a_silent_central_holds_a_link_until_it_leaves_or_is_sent_away(band):
    nobody = SilentCentral(band.air, band.address)
    assert said_within(band, b"irq 1 ")
    assert nobody.connected
    said = said_by(band)
    assert said.count(b"irq") == 1  # no MTU, no write, nothing
    nobody.leave()
    assert said_within(band, b"irq 2 ")
    assert not nobody.connected


def test_a_silent_central_may_come_again(band):
    nobody = SilentCentral(band.air, band.address)
    assert said_within(band, b"irq 1 ")
    band.power_cut()
    assert wait_for(lambda: not nobody.connected)
    band.mark = len(band.output())
    nobody.connect()
    assert said_within(band, b"irq 1 ")
    nobody.leave()
