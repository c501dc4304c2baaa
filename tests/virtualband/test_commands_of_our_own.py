"""Which packets of a host are commands of our own, and how they are answered."""

from types import SimpleNamespace

import pytest
from bumble import hci
from bumble.controller import Controller
from notturno.virtualband import outside


@pytest.fixture
def made(monkeypatch):
    """Return (controller without a radio, what it did)."""
    done = []
    controller = object.__new__(outside.OutsideController)
    controller._utc_ms = lambda _: 1_768_253_400_123
    controller._asked = lambda _, what: done.append(("asked", what)) or what != 2
    controller._changed = lambda: done.append(("changed",))
    monkeypatch.setattr(
        outside.OutsideController, "_complete", lambda _, body: done.append(("said", body))
    )
    monkeypatch.setattr(Controller, "on_packet", lambda _, packet: done.append(("bumble", packet)))
    return SimpleNamespace(on_packet=controller.on_packet, done=done)


def test_the_worlds_time_is_told_in_milliseconds(made):
    made.on_packet(outside.WORLD_TIME_COMMAND + b"\0")
    ((_, body),) = made.done
    opcode = int.from_bytes(outside.WORLD_TIME_COMMAND[1:3], "little")
    told_ms = (1_768_253_400_123).to_bytes(8, "little")
    assert body == b"\1" + opcode.to_bytes(2, "little") + b"\0" + told_ms


@pytest.mark.parametrize(
    ("what", "status"), [(0, 0), (1, 0), (2, hci.HCI_COMMAND_DISALLOWED_ERROR)]
)
def test_what_is_asked_of_the_wearer_is_done_or_refused(made, what, status):
    made.on_packet(outside.WEARER_COMMAND + bytes((what,)))
    opcode = int.from_bytes(outside.WEARER_COMMAND[1:3], "little")
    assert made.done == [
        ("asked", what),
        ("said", b"\1" + opcode.to_bytes(2, "little") + bytes((status,))),
    ]


@pytest.mark.parametrize(
    "packet",
    [
        b"\1\x03\x0c\0",  # reset
        b"\1\x0a\x20\1\1",  # five bytes, too: start advertising
        outside.WEARER_COMMAND,
        outside.WEARER_COMMAND + b"\1\1",
        outside.WEARER_COMMAND[:3] + b"\2\1",
    ],
)
def test_all_others_are_bumbles(made, packet):
    made.on_packet(packet)
    assert made.done == [("bumble", packet), ("changed",)]
