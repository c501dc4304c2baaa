"""Who is at a virtual band's lines, and who is on its air: prompt, port and controllers."""

import struct
from types import SimpleNamespace

import pytest

pytest.importorskip("bumble")
from bumble.core import PhysicalTransport  # noqa: E402
from notturno.virtualband import air, node  # noqa: E402
from notturno.virtualband import ether as of_ether  # noqa: E402
from notturno.virtualband import outside as of_outside  # noqa: E402
from notturno.virtualband.ether import AirController, Ether  # noqa: E402
from notturno.virtualband.faults import Faults  # noqa: E402
from notturno.virtualband.outside import OutsideController  # noqa: E402
from notturno.virtualband.prompt import Prompt  # noqa: E402
from notturno.virtualband.serialport import SerialPort  # noqa: E402

BOTH = [False, True]

# --- the prompt ----------------------------------------------------------------------------------


def prompt(attached=False, at_prompt=False, typed=False, stopping=False):
    made = object.__new__(Prompt)
    made.serial = SimpleNamespace(attached=attached)
    made._at_prompt, made._typed, made._forsaken_at_s = at_prompt, typed, 5.0
    made._pace, made.heard, made.forsaken = lambda reason, on: None, [], []
    made._typist = SimpleNamespace(stopping=stopping, hear=made.heard.append)
    made._forsaken = lambda: made.forsaken.append(1)
    return made


@pytest.mark.parametrize("typed", BOTH)
@pytest.mark.parametrize("attached", BOTH)
@pytest.mark.parametrize("at_prompt", BOTH)
def test_a_prompt_is_deserted_where_nobody_is_there_or_was(at_prompt, attached, typed):
    made = prompt(attached, at_prompt, typed)
    assert made.deserted is (at_prompt and not attached and not typed)
    made.shown(True)  # now it is at its prompt
    assert bool(made.forsaken) is (typed and not attached)
    made.shown(False)
    assert (made._typed, made._forsaken_at_s) == (False, None)


@pytest.mark.parametrize(
    ("how", "since_s", "restarts"),
    [
        ({"at_prompt": True}, 5.0, True),
        ({"at_prompt": True}, 4.0, False),  # somebody came and went since
        ({"at_prompt": True, "attached": True}, 5.0, False),
        ({"at_prompt": False}, 5.0, False),
        ({"at_prompt": True, "stopping": True}, 5.0, False),
    ],
)
def test_a_forsaken_prompt_starts_again_where_it_still_is_one(how, since_s, restarts):
    made = prompt(**how)
    made._restart_if_forsaken(since_s)
    assert made.heard == [b"\x03\x02\x04"] * restarts


def test_what_is_typed_before_there_is_a_program_is_lost():
    made = prompt()
    made._typist = None
    made._type(b"\x03")
    assert made._typed and made._forsaken_at_s is None


@pytest.mark.parametrize("stopped", BOTH)
@pytest.mark.parametrize("by_pty", BOTH)
@pytest.mark.parametrize("by_tcp", BOTH)
def test_the_last_that_goes_leaves_the_port(by_tcp, by_pty, stopped):
    port = object.__new__(SerialPort)
    port._client, port._pty_used, left = object() if by_tcp else None, by_pty, []
    port._stop, port._left = SimpleNamespace(is_set=lambda: stopped), lambda: left.append(1)
    assert port.attached is (by_tcp or by_pty)
    port._gone()
    assert bool(left) is not (by_tcp or by_pty or stopped)


# --- the air -------------------------------------------------------------------------------------


def test_a_host_is_told_the_wall_clock_where_there_is_no_band(monkeypatch):
    monkeypatch.setattr(air.time, "time", lambda: 1234.5678)
    alone = SimpleNamespace(_radio_of=lambda controller: None)
    assert air.Air._utc_ms(alone, None) == 1_234_567
    assert air.Air._asked(alone, None, 3) is False
    radio = SimpleNamespace(utc_ms=lambda: 77, asked=lambda what: what == 3)
    there = SimpleNamespace(_radio_of=lambda controller: radio)
    assert air.Air._utc_ms(there, None) == 77
    assert [air.Air._asked(there, None, what) for what in (2, 3)] == [False, True]


def test_the_band_of_a_host_is_the_one_at_the_other_end_of_its_latest_link():
    radios = [SimpleNamespace(owns=lambda one, n=n: one == n) for n in range(3)]
    links = {"a": 1, "b": 2, "c": None, "d": 9}  # the third has gone; nobody owns the fourth
    here = SimpleNamespace(
        radios=radios, ether=SimpleNamespace(peer=lambda connection: (connection, None))
    )
    find = air.Air._radio_of
    assert find(here, SimpleNamespace(le_connections=links)) is radios[2]
    assert find(here, SimpleNamespace(le_connections={"a": 1})) is radios[1]
    assert find(here, SimpleNamespace(le_connections={"d": 9})) is radios[0]
    assert find(here, SimpleNamespace(le_connections={})) is radios[0]
    here.radios = []
    assert find(here, SimpleNamespace(le_connections={})) is None


def link(own, other):
    return SimpleNamespace(self_address=own, peer_address=other)


def controller(*links):
    return SimpleNamespace(le_connections={one.peer_address: one for one in links})


@pytest.fixture
def ether():
    made = object.__new__(Ether)
    made.faults, made._silent, made.carried = Faults(), set(), []
    made._carry = lambda work, *arguments: made.carried.append(arguments)
    return made


def test_the_other_end_of_a_link_has_both_addresses(ether):
    ours, theirs = link("host", "band"), link("band", "host")
    false = controller(link("false band", "host"))
    ether.controllers = [controller(), false, controller(theirs)]
    assert ether.peer(ours) == (ether.controllers[2], theirs)
    ether.controllers = [controller(), false]
    assert ether.peer(ours) == (None, None)


def sent(ether, transport=PhysicalTransport.LE, to="band"):
    ether.carried.clear()
    sender = controller(link("host", "band"))
    ether.send_acl_data(sender, to, transport, b"data")
    return [arguments[-1] for arguments in ether.carried]


def test_data_goes_over_a_link_that_is_there_and_not_silent(ether):
    receiver = controller(link("band", "host"))
    receiver.on_link_acl_data = None
    ether.controllers = [receiver]
    assert sent(ether) == [b"data"]
    assert sent(ether, PhysicalTransport.BR_EDR) == [] and sent(ether, to="other") == []
    ether._silent.add(frozenset(("band", "host")))
    assert sent(ether) == []
    ether._silent.clear()
    ether.controllers = []
    assert sent(ether) == []


def test_a_word_between_controllers_goes_to_the_end_with_both_addresses(ether):
    other, right = controller(link("false band", "host")), controller(link("band", "host"))
    ether.controllers = [controller(), other, right]
    ether.send_ll_control_pdu("host", "band", "word")
    assert ether.carried == [(right, "host", "word")]
    ether._silent.add(frozenset(("band", "host")))
    ether.send_ll_control_pdu("host", "band", "word")
    assert len(ether.carried) == 1


@pytest.mark.parametrize(("enabled", "address", "found"), [(1, "a", 1), (0, "a", 0), (1, "b", 0)])
def test_an_advertiser_is_known_by_its_address_while_it_advertises(enabled, address, found):
    one = object.__new__(AirController)
    one.le_legacy_advertiser = SimpleNamespace(enabled=False, address="a")
    one.advertising_sets = {1: SimpleNamespace(enabled=enabled, address=address)}
    assert (one.advertiser_at("a") is not None) is bool(found)


@pytest.mark.parametrize(("interval", "told"), [(5, 6), (6, 6), (7, 7), (40, 40)])
def test_who_is_called_hears_the_callers_interval_of_7_5_ms_or_more(monkeypatch, interval, told):
    class Complete:
        pass

    packets = []
    base = of_ether.Controller
    monkeypatch.setattr(of_ether.hci, "HCI_LE_Connection_Complete_Event", Complete)
    monkeypatch.setattr(base, "send_hci_packet", lambda self, packet: packets.append(packet))
    one = object.__new__(AirController)
    one._called_by = SimpleNamespace(interval=interval, latency=3, timeout=200)
    one.send_hci_packet(Complete())
    one.send_hci_packet("another event")
    one._called_by = None
    one.send_hci_packet(plain := Complete())
    assert vars(packets[0]) == {
        **{"connection_interval": told, "peripheral_latency": 3, "supervision_timeout": 200},
    }
    assert packets[1:] == ["another event", plain] and vars(plain) == {}


# --- what a host attaches to ---------------------------------------------------------------------


@pytest.fixture
def outside(monkeypatch):
    """Return a host's controller; `told`: what its host hears; `passed`: what Bumble gets."""
    one = object.__new__(OutsideController)
    one.told, one.passed, one.asks = [], [], []
    one.host = SimpleNamespace(on_packet=one.told.append)
    one._utc_ms, one._changed = lambda self: 1_768_000_000_123, lambda: None
    one._asked = lambda self, what: one.asks.append(what) or what == 2
    loop = SimpleNamespace(call_soon=lambda work, *arguments: work(*arguments))
    monkeypatch.setattr(of_outside.asyncio, "get_running_loop", lambda: loop)
    monkeypatch.setattr(AirController, "on_packet", lambda self, data: one.passed.append(data))
    return one


def test_the_worlds_time_is_asked_by_a_vendors_command(outside):
    outside.on_packet(b"\x01\x01\xfc\x00")
    # Command Complete: room for one more, the command, status 0, ms
    head = bytes([4, 0x0E, 12, 1, 0x01, 0xFC, 0])
    assert outside.told == [head + struct.pack("<Q", 1_768_000_000_123)]
    outside.host = None
    outside.on_packet(b"\x01\x01\xfc\x00")
    assert len(outside.told) == 1 and outside.passed == []


def test_a_person_is_asked_by_another_and_its_status_says_whether_it_was_done(outside):
    for what in (1, 2):
        outside.on_packet(bytes([1, 2, 0xFC, 1, what]))
    assert outside.asks == [1, 2]
    assert outside.told == [bytes([4, 0x0E, 4, 1, 2, 0xFC, status]) for status in (0x0C, 0)]
    for other in (b"\x01\x02\xfc\x01", b"\x01\x02\xfc\x01\x02\x03", b"\x01\x03\xfc\x01\x02"):
        outside.on_packet(other)
    assert len(outside.passed) == 3 and len(outside.told) == 2


@pytest.mark.parametrize(
    ("mask", "wants"), [(0x1F, False), (1 << 9, True), (1 << 8, False), (1 << 10, False)]
)
def test_the_enhanced_event_of_a_connection_is_the_tenth_of_the_mask(outside, mask, wants):
    outside.le_event_mask = mask
    assert outside._wants_enhanced is wants


@pytest.mark.parametrize(
    ("scans", "pending", "listens"), [(0, None, 0), (1, None, 1), (0, "call", 1), (1, "call", 1)]
)
def test_who_scans_or_calls_listens(outside, scans, pending, listens):
    outside.le_scan_enable, outside.pending_le_connection = bool(scans), pending
    assert bool(outside.listening) is bool(listens)


# --- where the VM's program is -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "own"),
    [({"npm", "node"}, True), ({"npm"}, False), ({"node"}, False), (set(), False)],
)
def test_the_machines_own_npm_needs_its_own_node(monkeypatch, tmp_path, there, own):
    monkeypatch.setattr(node.shutil, "which", lambda name: f"/bin/{name}" * (name in there))
    monkeypatch.setattr(node, "_wheel_folder", lambda: tmp_path)
    assert (node.npm_command() == ["/bin/npm"]) is own


@pytest.mark.parametrize(
    ("there", "checkout", "said"),
    [(True, True, ""), (True, False, ""), (False, True, "not installed"), (False, False, "lacks")],
)
def test_a_vm_that_is_missing_is_to_be_set_up_or_the_package_is_wrong(
    monkeypatch, tmp_path, there, checkout, said
):
    module = tmp_path / "node_modules" / node.WASM_PACKAGE / "micropython.mjs"
    module.parent.mkdir(parents=True)
    if there:
        module.write_text("")
    monkeypatch.setattr(node, "VM_FOLDER", tmp_path)
    monkeypatch.setattr(node, "IN_CHECKOUT", checkout)
    if not said:
        assert node.wasm_module() == module
        return
    with pytest.raises(node.UserError, match=said):
        node.wasm_module()


@pytest.mark.parametrize("spec", [None, SimpleNamespace(origin=None)])
def test_a_wheel_that_is_not_there_has_no_folder(monkeypatch, spec):
    monkeypatch.setattr(node, "find_spec", lambda name: spec)
    assert node._wheel_folder() is None
    monkeypatch.setattr(node, "find_spec", lambda name: SimpleNamespace(origin="/x/y/__init__.py"))
    assert node._wheel_folder().as_posix() == "/x/y"


def test_the_checkout_is_where_the_makefile_lies():
    assert (node.CHECKOUT / "Makefile").exists() and node.IN_CHECKOUT
    assert "make setup" in node.ADVICE
