"""bleak over a Bumble device, step by step: what is heard, and when a connection is one."""

import asyncio
from types import SimpleNamespace

import pytest

core = pytest.importorskip("bumble.core")
from bleak.exc import BleakError, BleakGATTProtocolError  # noqa: E402
from bumble import hci  # noqa: E402
from bumble.att import ATT_Error  # noqa: E402
from bumble.gatt import Characteristic  # noqa: E402
from notturno.errors import UserError  # noqa: E402
from notturno.link import backend  # noqa: E402

LONG = core.UUID("6E6F7475-0000-4000-8000-000000000001")
SHORT, OTHER = core.UUID("180F"), core.UUID("180A")
KIND = core.AdvertisingData.Type


class Connection:
    """A link of Bumble's that ends when it is told to."""

    EVENT_DISCONNECTION = "disconnection"
    att_mtu = 100

    def __init__(self):
        self.ended = []

    def on(self, event, told):
        self.told = told

    async def disconnect(self):
        self.ended.append("disconnect")
        self.told(0)

    async def pair(self):
        self.ended.append("pair")


class Peer:
    """The other end: two characteristics, the first with a descriptor."""

    fails = False

    def __init__(self, connection):
        both = Characteristic.Properties.WRITE | Characteristic.Properties.INDICATE
        cccd = SimpleNamespace(handle=4, type=core.UUID("2902"))
        self.chars = [
            SimpleNamespace(handle=2, uuid=LONG, properties=both, descriptors=[cccd]),
            SimpleNamespace(
                handle=6, uuid=SHORT, properties=Characteristic.Properties.READ, descriptors=[]
            ),
        ]
        self.services = [SimpleNamespace(handle=1, uuid=OTHER, characteristics=self.chars)]
        self.asked = []

    async def request_mtu(self, mtu):
        self.asked.append(mtu)

    async def discover_all(self):
        if self.fails:
            raise ATT_Error(error_code=5)


def talk(script, monkeypatch, peer=Peer):
    """Run script(client, connection, source, told) with a client that is not connected yet."""
    monkeypatch.setattr(backend, "Peer", peer)

    async def whole():
        connection, told = Connection(), []
        source = SimpleNamespace(terminated=asyncio.get_running_loop().create_future())

        async def connect(address, timeout):
            told.append((address, timeout))
            return connection

        class Client(backend.Client):
            _radio = SimpleNamespace(connect=connect)
            _transport = SimpleNamespace(source=source)

        client = Client("AA", disconnected_callback=lambda: told.append("gone"), timeout=7)
        return await script(client, connection, source, told)

    return asyncio.run(whole())


def test_before_a_connection_there_is_none_and_nothing_can_be_asked(monkeypatch):
    async def script(client, connection, source, told):
        assert not client.is_connected and client.mtu_size == 23  # ATT's own
        await client.disconnect()
        with pytest.raises(BleakError, match="not connected"):
            await client.pair()

        async def asked():
            told.append("asked")

        with pytest.raises(BleakError, match="not connected"):
            await client._do(asked())
        client._disconnected(0)
        assert told == connection.ended == []

    talk(script, monkeypatch)


def test_a_connection_knows_what_is_there_and_how_much_goes_in_one_value(monkeypatch):
    async def script(client, connection, source, told):
        await client.connect(False)
        assert told == [("AA", 7)] and client.is_connected
        assert client._peer.asked == [517] and client.mtu_size == 100
        (service,) = client.services
        assert service.uuid == "0000180a-0000-1000-8000-00805f9b34fb"
        first, second = service.characteristics
        assert first.uuid == "6e6f7475-0000-4000-8000-000000000001"
        assert (first.properties, second.properties) == (["write", "indicate"], ["read"])
        assert first.max_write_without_response_size == 97  # three bytes are ATT's head
        assert [one.handle for one in first.descriptors] == [4]
        await client.pair()
        assert connection.ended == ["pair"] and client.is_connected

    talk(script, monkeypatch)


def test_an_end_of_ours_is_no_news_and_one_of_theirs_is_told_once(monkeypatch):
    async def ours(client, connection, source, told):
        await client.connect(False)
        await client.disconnect()
        assert not client.is_connected and "gone" not in told
        await client.disconnect()
        assert connection.ended == ["disconnect"]

    async def theirs(client, connection, source, told):
        await client.connect(False)
        connection.told(8)
        connection.told(8)
        assert not client.is_connected and told.count("gone") == 1
        await client.disconnect()
        assert connection.ended == []

    async def the_controllers(client, connection, source, told):
        await client.connect(False)
        source.terminated.set_result(None)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not client.is_connected and told.count("gone") == 1

    for script in (ours, theirs, the_controllers):
        talk(script, monkeypatch)


def test_an_operation_lasts_no_longer_than_its_connection(monkeypatch):
    async def script(client, connection, source, told):
        await client.connect(False)

        async def answers():
            return 5

        async def never():
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                told.append("cut off")
                raise

        async def refuses():
            raise ATT_Error(error_code=5)

        assert await client._do(answers()) == 5
        with pytest.raises(BleakGATTProtocolError):
            await client._do(refuses())
        waiting = asyncio.ensure_future(client._do(never()))
        await asyncio.sleep(0.01)
        connection.told(8)
        with pytest.raises(BleakError, match="disconnected"):
            await waiting
        await asyncio.sleep(0)
        assert told[-1] == "cut off"
        # What Bumble itself cancels at a lost link is lost as well.
        client._gone = asyncio.get_running_loop().create_future()
        cancelled = asyncio.get_running_loop().create_future()
        cancelled.cancel()
        with pytest.raises(BleakError, match="disconnected"):
            await client._do(cancelled)

    talk(script, monkeypatch)


def test_a_band_that_refuses_to_be_looked_at_is_let_go(monkeypatch):
    class Refuses(Peer):
        fails = True

    async def script(client, connection, source, told):
        with pytest.raises(BleakError):
            await client.connect(False)
        assert connection.ended == ["disconnect"] and not client.is_connected

    talk(script, monkeypatch, Refuses)


@pytest.mark.parametrize(
    "error", [core.BaseBumbleError("x"), hci.HCI_Error(8), OSError(5, "x"), TimeoutError()]
)
def test_whatever_a_controller_raises_is_an_error_of_bleaks(error):
    async def raises():
        raise error

    with pytest.raises(BleakError, match=type(error).__name__):
        asyncio.run(backend._or_bleak_error(raises()))


# --- scanning ------------------------------------------------------------------------------------


def heard(*fields):
    """Return [(name, service ids)] of one advertisement of these fields, if it is of LONG."""
    found = []

    class Scanner(backend.Scanner):
        _radio = _transport = None

        def call_detection_callbacks(self, device, seen):
            found.append((seen.local_name, seen.service_uuids, device.address, seen.rssi))

    scanner = Scanner(None, [str(LONG).lower()])
    scanner.seen_devices = {}
    data = core.AdvertisingData(
        [(kind, value) for kind, value in fields],
    )
    scanner._advertised(SimpleNamespace(data=data, address="AA:BB", rssi=-60))
    return found


NAME = (KIND.COMPLETE_LOCAL_NAME, b"notturno-0001")


@pytest.mark.parametrize(
    "kind",
    [
        KIND.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
        KIND.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
    ],
)
def test_a_band_is_heard_by_its_service(kind):
    (one,) = heard(NAME, (kind, LONG.to_bytes()))
    assert one == ("notturno-0001", ["6e6f7475-0000-4000-8000-000000000001"], "AA:BB", -60)
    assert heard(NAME) == []
    assert heard(NAME, (KIND.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS, SHORT.to_bytes())) == []
    both = heard((kind, LONG.to_bytes()), (kind, SHORT.to_bytes(force_128=True)))
    assert len(both[0][1]) == 2 and both[0][0] is None


def test_a_virtual_band_that_has_gone_is_said():
    async def script():
        gone = asyncio.get_running_loop().create_future()
        gone.set_result(None)

        class Scanner(backend.Scanner):
            _radio = None
            _transport = SimpleNamespace(source=SimpleNamespace(terminated=gone))

        with pytest.raises(UserError, match="has gone; start it again"):
            await Scanner(None, None).start()

    asyncio.run(script())


@pytest.mark.parametrize("gone", ["never there", "gone"])
def test_nothing_is_asked_of_a_band_that_is_not_there(gone):
    begun = []

    async def operation():
        begun.append(1)

    async def ask():
        lost = None
        if gone == "gone":
            lost = asyncio.get_running_loop().create_future()
            lost.set_result(None)
        await backend.Client._do(SimpleNamespace(_gone=lost), operation())

    with pytest.raises(BleakError, match="^not connected$"):
        asyncio.run(ask())
    assert begun == []
