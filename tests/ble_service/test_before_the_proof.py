"""Who has not proved the key: what a stranger is told, how long it is kept, what it can change."""

import asyncio
import hashlib

import ble_service
import pytest
from fake_ble import FakeBle
from notturno_core import protocol, seal, wire
from proven import KEY, SealedHost, until
from served import SET_TIME, Band, played, report

TOLD = b"\x02\x01\x06\x04\x16\xd2\xfc\x45"


def test_other_data_take_the_place_of_who_it_is_until_it_says_that_again():
    band = Band()
    service, ble = band.service, band.ble
    service.tell(TOLD)
    assert ble.advertising is None and service.address() is None, "the radio is off"
    service.radio(True)
    who = ble.advertising
    service.tell(TOLD)
    assert ble.advertising == (who[0], TOLD, who[2]), "its full name is still to be had"
    before = len(ble.calls)
    service.tell(TOLD)
    assert len(ble.calls) == before, "said once"
    service.tell(None)
    assert ble.advertising == who
    assert service.address() == b"\xe4\x54\xff\xee\x00\x03"
    service.tell(TOLD)
    service.radio(False)
    service.radio(True)
    assert ble.advertising == who


def test_nothing_else_is_told_while_a_host_is_connected_or_has_to_wait(monkeypatch):
    band = Band()
    pauses = []

    async def sleep_ms(ms):
        if ms >= 2000:
            pauses.append(ms)
            band.service.tell(TOLD)
            assert band.ble.advertising is None, "a stranger is to wait"
        await asyncio.sleep(0)

    monkeypatch.setattr(asyncio, "sleep_ms", sleep_ms)

    async def strangers():
        task = asyncio.create_task(band.service.run())
        band.service.radio(True)
        for _ in range(5):
            band.ble.host_connects()
            band.service.tell(TOLD)
            assert band.ble.advertising is None
            await asyncio.sleep(0)
            band.ble.host_leaves()
            await until(lambda: band.ble.advertising is not None)
        task.cancel()

    asyncio.run(strangers())
    assert pauses == [2000, 4000]
    assert band.ble.advertising[1] != TOLD


@pytest.mark.parametrize("data", [TOLD, None])
def test_a_host_that_comes_while_they_are_changed_is_the_only_one(data):
    band = Band()
    band.service.radio(True)
    band.service.tell(None if data else TOLD)
    advertise = band.ble.gap_advertise

    def late(*arguments, **named):  # the event comes while the stack puts the new data on
        advertise(*arguments, **named)
        band.ble.gap_advertise = advertise
        band.ble.host_connects()
        advertise(*arguments, **named)

    async def whole():
        task = asyncio.create_task(band.service.run())
        await asyncio.sleep(0)
        band.ble.gap_advertise = late
        band.service.tell(data)
        assert band.ble.advertising is not None
        await until(lambda: band.ble.advertising is None)
        assert band.connected
        task.cancel()

    asyncio.run(whole())


def test_a_stranger_reads_the_protocol_version_and_nothing_else():
    band = Band(5)

    async def play(host):
        assert band.ble.values == {FakeBle.VERSION: bytes((protocol.VERSION,))}
        await until(lambda: band.service._wake is not None)

    played(band, play, prove=False)
    assert set(band.ble.values) == {FakeBle.VERSION}


def test_the_challenge_proves_the_key_to_a_fresh_nonce_each_time():
    nonces = set()

    async def play(host):
        challenge = await host.hello(b"n" * 16)
        nonces.add(challenge["band_nonce"])
        args = hashlib.sha256, KEY, b"n" * 16, challenge["band_nonce"], (2, 2)
        assert challenge["proof"] == seal.Proofs(*args).band

    for _ in range(3):
        played(Band(), play, prove=False)
    assert len(nonces) == 3


@pytest.mark.parametrize(
    ("version", "key", "status"),
    [(2, None, protocol.STATUS_NO_KEY), (3, KEY, protocol.STATUS_BAD_REQUEST)],
)
def test_without_a_key_or_in_another_version_there_is_no_proof(version, key, status):
    async def play(host):
        challenge = await host.hello(version=version)
        assert challenge["status"] == status
        assert challenge["proof"] == challenge["band_nonce"] == bytes(16)

    played(Band(key=key), play, prove=False)


def wrong_proof(host):
    host.write_plain(
        wire.pack(protocol.PROOF_FIELDS, {"op": protocol.OP_PROOF, "proof": b"?" * 16})
    )


async def hello_then_wrong(host):
    await host.hello()
    wrong_proof(host)


async def hello_twice(host):
    await host.hello()
    hello = {"op": protocol.OP_HELLO, "protocol_version": 2}
    host.write_plain(wire.pack(protocol.HELLO_FIELDS, hello))


async def a_right_proof_under_another_name(host):
    nonce = bytes(16)
    challenge = await host.hello(nonce)
    nonces = nonce, challenge["band_nonce"]
    proof = seal.Proofs(hashlib.sha256, KEY, *nonces, (2, 2)).host
    host.write_plain(wire.pack(protocol.PROOF_FIELDS, {"op": 34, "proof": proof}))


async def the_bands_own_proof_given_back(host):
    challenge = await host.hello()
    host.write_plain(
        wire.pack(protocol.PROOF_FIELDS, {"op": protocol.OP_PROOF, "proof": challenge["proof"]})
    )


def says(*messages):
    async def play(host):
        for message in messages:
            host.write_plain(message)

    return play


@pytest.mark.parametrize(
    "stranger",
    [
        hello_then_wrong,
        hello_twice,
        the_bands_own_proof_given_back,
        a_right_proof_under_another_name,
        says(SET_TIME),
        says(report(0)),
        says(b""),
        says(b"\x21" + b"?" * 16),
        says(b"\x20\x02short"),
        says(b"\x20\x02" + bytes(protocol.REQUEST_MAX)),
    ],
)
def test_a_stranger_is_let_go_learns_nothing_and_changes_nothing(stranger):
    band = Band(20)
    before = band.flash()

    async def play(host):
        await stranger(host)
        await until(lambda: not band.connected)
        assert not host.said and not host.plain
        assert {channel for channel, _ in host.values} <= {protocol.CONTROL}

    played(band, play, prove=False)
    assert band.flash() == before
    assert band.times == []
    assert band.service.errors == 0


def test_a_proof_is_worth_nothing_in_another_connection():
    band = Band(3)

    async def play(host):
        said = []
        host.also = lambda handle, data: said.append(data)
        await host.prove()
        written = wire.pack(protocol.PROOF_FIELDS, {"op": protocol.OP_PROOF, "proof": bytes(16)})
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)
        band.ble.host_connects(conn=1)
        again = SealedHost(band.ble)
        await again.hello()
        again.write_plain(written)
        await until(lambda: not band.connected)

    played(band, play, prove=False)


@pytest.mark.parametrize(("prove", "limit_ms"), [(False, 5_000), (True, 60_000)])
def test_a_silent_host_is_let_go_when_its_time_is_over(monkeypatch, prove, limit_ms):
    monkeypatch.setattr(ble_service, "_WATCH_MS", 1)
    band = Band()

    async def play(host):
        start = band.ticks
        band.ticks = start + limit_ms
        await asyncio.sleep(0.02)
        assert band.connected
        band.ticks = start + limit_ms + 1
        await until(lambda: not band.connected)

    played(band, play, prove=prove)


def test_a_host_that_asks_now_and_then_is_kept(monkeypatch):
    monkeypatch.setattr(ble_service, "_WATCH_MS", 1)
    band = Band()

    async def play(host):
        for _ in range(5):
            band.ticks += 50_000
            await host.ask(protocol.OP_INFO)
            host.said.clear()
            await asyncio.sleep(0.005)
        assert band.connected

    played(band, play)


def test_each_stranger_in_a_row_waits_longer_and_a_proof_ends_that(monkeypatch):
    pauses = []
    band = Band()
    real = ble_service.BleService._advertise_after

    async def noted(self, pause_ms):
        pauses.append(pause_ms)
        await real(self, 0)

    monkeypatch.setattr(ble_service.BleService, "_advertise_after", noted)

    async def come_and_go(conn, prove=False):
        band.ble.host_connects(conn=conn)
        if prove:
            await SealedHost(band.ble).prove()
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)

    async def play(host):
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)
        for conn in range(1, 10):
            await come_and_go(conn)
        await come_and_go(11, prove=True)
        await come_and_go(12)

    played(band, play, prove=False)
    assert pauses == [0, 0, 0, 2000, 4000, 8000, 16000, 32000, 32000, 32000, 0, 0]
    assert band.service._guard.strangers == 11
