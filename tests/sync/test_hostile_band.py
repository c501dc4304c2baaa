"""A band that holds the key and means harm: no crash, no hang, no memory, and the store lives on.

NOTTURNO_HOSTILE=1000000 makes it send that many messages.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from notturno.errors import UserError
from notturno.store import Store
from notturno.sync import sync

sys.path.append(str(Path(__file__).resolve().parent))
import hostile
from air import KEYS

MESSAGES = int(os.environ.get("NOTTURNO_HOSTILE", "8000"))
PARTS = 4


async def no_wait(_):
    await asyncio.sleep(0)


def read_everything(store):
    for night in store.nights():
        for read in (store.events, store.minutes, store.sessions, store.gaps, store.marks):
            read(night["night"], night["device_id"])
    store.bands()
    store.faults()


def told(radio, folder):
    """Sync once; whatever it is told, it ends in a result or in a sentence."""
    with Store.open(folder) as store:
        try:
            asyncio.run(sync(radio, store, "Europe/Rome", keys=KEYS, sleep=no_wait))
        except UserError as error:
            assert str(error).isprintable()
            return str(error)
    return "synced"


@pytest.mark.parametrize("part", range(PARTS))
def test_whatever_it_says_the_host_survives_and_the_store_is_read(part, tmp_path):
    radio = hostile.HostileRadio(part, MESSAGES // PARTS)
    outcomes = set()
    rounds = 0
    while radio.left:
        before = radio.sent
        outcomes.add(told(radio, tmp_path)[:40])
        assert radio.sent > before
        rounds += 1
        if rounds % 40 == 0:
            with Store.open(tmp_path) as store:
                read_everything(store)
    with Store.open(tmp_path) as store:
        read_everything(store)
    assert radio.sent == MESSAGES // PARTS
    assert len(outcomes) > 2  # it was told different things
