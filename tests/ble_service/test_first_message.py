"""The first message of a stranger is a greeting, byte by byte, or it is the last one."""

import asyncio
import hashlib
from types import SimpleNamespace

import guard as of_guard
import pytest
from ble_link import LinkLost
from notturno_core import protocol, wire
from notturno_core.pieces import Splitter

KEY = bytes(range(32))
HELLO = {"op": protocol.OP_HELLO, "protocol_version": protocol.VERSION}
HELLO |= {"host_nonce": bytes(protocol.NONCE_LEN)}


class Link:
    """A link that keeps what is said."""

    room, number, conn = 244, 1, 0

    def __init__(self):
        self.said, self.ended = [], False

    def disconnect(self):
        self.ended = True

    def still(self, number):
        pass

    async def indicate(self, handle, value):
        self.said.append(bytes(value))

    notify = indicate


def heard(*messages):
    """Return the link after messages, and what was raised by the last of them."""
    link = Link()
    # a cipher that is made and never asked
    one = of_guard.Guard(link, KEY, hashlib.sha256, lambda key: None, bytes, lambda: 0)
    one.handles = {protocol.CONTROL: 1}
    raised, splitter = None, Splitter()
    for message in messages:
        for value in splitter.values(message, link.room):
            try:
                asyncio.run(one.hear(bytes(value)))
            except LinkLost as lost:
                raised = lost
    return SimpleNamespace(link=link, raised=raised, guard=one)


def greeting(**other):
    return wire.pack(protocol.HELLO_FIELDS, HELLO | other)


def test_a_greeting_is_answered_by_a_challenge():
    found = heard(greeting())
    assert found.raised is None and not found.link.ended and found.link.said
    assert not found.guard.proven


@pytest.mark.parametrize("op", [n for n in range(256) if n != protocol.OP_HELLO])
def test_no_other_message_is_answered_however_much_it_looks_like_one(op):
    found = heard(bytes([op]) + greeting()[1:])
    assert found.raised is not None and found.link.ended and found.link.said == []


@pytest.mark.parametrize("message", [b"", greeting()[:-1], greeting()[:1]])
def test_a_greeting_that_is_cut_off_is_the_last_one(message):
    found = heard(message)
    assert found.link.said == [] and (found.link.ended or not message)


def test_a_second_greeting_is_no_next_step():
    found = heard(greeting(), greeting())
    assert found.raised is not None and found.link.ended and len(found.link.said) == 1


def test_after_a_false_message_nothing_more_is_heard():
    found = heard(bytes([protocol.OP_PROOF]) + greeting()[1:], greeting())
    assert found.link.said == []


def test_a_greeting_of_another_version_gets_its_status_and_no_proof():
    found = heard(greeting(protocol_version=protocol.VERSION + 1))
    assert found.link.said and found.guard._proofs is None
