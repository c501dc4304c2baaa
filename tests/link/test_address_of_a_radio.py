"""HOST:PORT of a virtual radio: from the first port that there is to the last."""

import asyncio
from types import SimpleNamespace

import pytest
from notturno.errors import UserError
from notturno.link import virtual


def said(address, monkeypatch):
    """Return why a radio cannot be opened; who listens at the address is no part of it."""

    async def nobody(where):
        raise ConnectionRefusedError

    async def opened():
        async with virtual.open_virtual_radio(address):
            pass

    monkeypatch.setattr(virtual, "open_transport", nobody)
    with pytest.raises(UserError) as caught:
        asyncio.run(opened())
    return str(caught.value)


@pytest.mark.parametrize("port", [1, 9001, 65535])
def test_a_port_that_there_is(port, monkeypatch):
    assert "is no HOST:PORT" not in said(f"127.0.0.1:{port}", monkeypatch)


@pytest.mark.parametrize("address", ["h:0", "h:-1", "h:65536", "h:x", ":9001", "9001", ""])
def test_none_that_there_is_not(address, monkeypatch):
    assert "is no HOST:PORT" in said(address, monkeypatch)


def test_nobody_there_and_nobody_answering_are_two_sentences(monkeypatch):
    async def never(address):
        await asyncio.sleep(60)

    monkeypatch.setattr(virtual, "CONTROLLER_TIMEOUT_S", 0.001)
    monkeypatch.setattr(virtual, "open_transport", never)

    async def entered():
        async with virtual.open_virtual_radio("10.0.0.1:9001"):
            pass

    with pytest.raises(UserError, match="10.0.0.1:9001 has not answered for 0 seconds"):
        asyncio.run(entered())

    async def refused(address):
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(virtual, "open_transport", refused)
    with pytest.raises(UserError, match="No virtual band is at 10.0.0.1:9001"):
        asyncio.run(entered())


def test_a_controller_has_ten_seconds():
    assert virtual.CONTROLLER_TIMEOUT_S == 10


def test_a_host_has_a_static_random_address_of_six_bytes(monkeypatch):
    made = []

    class Device:
        async def power_on(self):
            pass

        @classmethod
        def from_config_with_hci(cls, config, source, sink):
            made.append(bytes(config.address))
            return cls()

    monkeypatch.setattr(virtual, "Device", Device)
    monkeypatch.setattr(virtual.secrets, "token_bytes", lambda n: bytes(range(n)))
    asyncio.run(virtual._power_on(SimpleNamespace(source=None, sink=None)))
    assert made == [b"\0\1\2\3\4\xc5"], "the two highest bits of the last byte are set"


@pytest.mark.parametrize("told_to_end", [False, True])
def test_a_controller_that_refuses_is_a_sentence_and_an_end_that_was_asked_for_is_none(
    monkeypatch, told_to_end
):
    class Transport:
        async def __aenter__(self):
            return self

        async def __aexit__(self, *_):
            pass

    async def found(address):
        return Transport()

    async def refuses(transport):
        if told_to_end:
            asyncio.current_task().cancel()
            await asyncio.sleep(0)
        raise OSError(5, "refused")

    async def entered():
        async with virtual.open_virtual_radio("h:9001"):
            pass

    monkeypatch.setattr(virtual, "open_transport", found)
    monkeypatch.setattr(virtual, "_power_on", refuses)
    if told_to_end:
        monkeypatch.setattr(virtual, "_told_to_end", lambda: True)
        with pytest.raises(asyncio.CancelledError):
            asyncio.run(entered())
    else:
        with pytest.raises(UserError, match="Nothing at h:9001 answers as a Bluetooth"):
            asyncio.run(entered())


@pytest.mark.parametrize("times", [0, 1, 2])
def test_who_was_told_to_end_knows_it(times):
    async def work():
        task = asyncio.current_task()
        for _ in range(times):
            task.cancel()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            pass
        return virtual._told_to_end()

    assert asyncio.run(work()) is (times > 0)
