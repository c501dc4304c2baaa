"""What keeps Bluetooth from working, in one sentence; whose band it is; by hand."""

import asyncio
import hashlib

import pytest
from bleak.exc import BleakBluetoothNotAvailableError, BleakDBusError, BleakError
from bleak.exc import BleakBluetoothNotAvailableReason as Reason
from notturno.errors import UserError
from notturno.link import LinkLost, Refused, UnknownBand, ble, proof
from notturno_core import protocol
from notturno_core.seal import Proofs

DENIED = "may not use Bluetooth"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (BleakBluetoothNotAvailableError("x", Reason.POWERED_OFF), "is switched off"),
        (BleakBluetoothNotAvailableError("x", Reason.DENIED_BY_USER), DENIED),
        (BleakBluetoothNotAvailableError("x", Reason.DENIED_BY_SYSTEM), DENIED),
        (BleakBluetoothNotAvailableError("x", Reason.NO_BLE_CENTRAL_ROLE), "too old for a band"),
        (BleakBluetoothNotAvailableError("x", Reason.UNKNOWN), "no Bluetooth radio"),
        (BleakDBusError("org.freedesktop.DBus.Error.AccessDenied", []), DENIED),
        (BleakDBusError("org.bluez.Error.Failed", []), "does not work on this computer"),
        (BleakError("AccessDenied"), "does not work on this computer .AccessDenied"),
        (FileNotFoundError(2, "no bus"), "no Bluetooth radio"),
        (ConnectionRefusedError(111, "refused"), "no Bluetooth radio"),
        (OSError(5, "broken"), "does not work on this computer"),
    ],
)
def test_what_keeps_bluetooth_from_working_is_one_sentence(error, words):
    with pytest.raises(UserError, match=words):
        with ble._plain_advice():
            raise error


def test_a_fault_of_ours_is_raised_as_it_is():
    with pytest.raises(ZeroDivisionError):
        with ble._plain_advice():
            raise ZeroDivisionError
    with ble._plain_advice():
        pass


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BleakError("it went"), "it went"),
        (BleakError(), "BleakError"),
        (TimeoutError(), "TimeoutError"),
        (EOFError(), "EOFError"),
    ],
)
def test_a_link_that_breaks_says_what_its_system_says(error, said):
    async def raises():
        raise error

    with pytest.raises(LinkLost) as lost:
        asyncio.run(ble._or_lost(raises(), 1))
    assert str(lost.value) == said


def test_a_name_is_forty_signs_that_can_be_shown():
    assert ble.printable("a\x1bb\u202ec") == "a?b?c"
    assert ble.printable("x" * 41) == "x" * 40


@pytest.mark.parametrize(
    ("own", "other", "linux", "may_have_left"),
    [
        (None, None, True, True),
        (None, None, False, False),
        (object, None, True, False),
        (None, object, True, False),
    ],
)
def test_only_bluez_under_bleak_itself_keeps_links_of_killed_processes(
    monkeypatch, own, other, linux, may_have_left
):
    monkeypatch.setattr(ble.sys, "platform", "linux" if linux else "darwin")
    assert ble.Radio(own, other)._may_have_left is may_have_left


# --- whose band it is ----------------------------------------------------------------------------

NONCE, THEIRS = bytes(range(16)), bytes(range(16, 32))
KEYS = {"a" * 16: bytes(32), "b" * 16: bytes([1] * 32)}


def challenge(key=KEYS["b" * 16], **values):
    versions = protocol.VERSION, protocol.VERSION
    proofs = Proofs(hashlib.sha256, key, NONCE, THEIRS, versions)
    given = {"op": protocol.OP_HELLO, "status": protocol.STATUS_OK, "band_nonce": THEIRS}
    return given | {"proof": proofs.band} | values


def test_a_band_is_known_by_the_key_that_it_proves():
    device_id, key, _ = proof._matching(KEYS, NONCE, challenge())
    assert (device_id, key) == ("b" * 16, KEYS["b" * 16])
    with pytest.raises(UnknownBand, match="holds no key of this band"):
        proof._matching(KEYS, NONCE, challenge(bytes([2] * 32)))
    with pytest.raises(LinkLost, match="out of turn"):
        proof._matching(KEYS, NONCE, challenge(op=protocol.OP_PROOF))
    with pytest.raises(Refused, match="has no key"):
        proof._matching(KEYS, NONCE, challenge(status=protocol.STATUS_NO_KEY))
    with pytest.raises(Refused, match="refuses this version"):
        proof._matching(KEYS, NONCE, challenge(status=protocol.STATUS_BAD_REQUEST))


class Says:
    def __init__(self, version):
        self.version = version

    async def read_version(self):
        return self.version


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        (bytes((protocol.VERSION,)), True),
        (bytes((protocol.VERSION, 99)), True),
        (bytes((protocol.VERSION + 1,)), False),
        (bytes((protocol.VERSION - 1,)), False),
        (b"", False),
    ],
)
def test_a_band_of_another_version_is_refused_whichever_is_newer(version, fits):
    if fits:
        asyncio.run(proof.check_version(Says(version)))
        return
    with pytest.raises(Refused) as said:
        asyncio.run(proof.check_version(Says(version)))
    assert ("update notturno" in str(said.value).lower()) is (
        version[:1] > bytes((protocol.VERSION,))
    )


@pytest.mark.parametrize(
    ("usual_s", "given_s"),
    [(0.01, None), (60, 0.01), (0.01, 0.02)],
    ids=["usual", "given", "both"],
)
def test_an_answer_is_waited_for_as_long_as_is_said_or_usual(monkeypatch, usual_s, given_s):
    monkeypatch.setattr(proof, "ANSWER_TIMEOUT_S", usual_s)
    asked = []
    real = asyncio.timeout
    monkeypatch.setattr(proof.asyncio, "timeout", lambda s: (asked.append(s), real(0.001))[1])

    class Silent:
        async def next_value(self, timeout_s):
            await asyncio.sleep(10)

    link = proof.ProvenLink(Silent(), None, None, {}, "a" * 16)
    with pytest.raises(LinkLost, match="stopped answering"):
        asyncio.run(link.next_message(given_s))
    assert asked == [given_s or usual_s]
