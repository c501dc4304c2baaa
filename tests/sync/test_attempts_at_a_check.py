"""How often a host tries to let a band test itself, how long it waits, and whom it looks for."""

import asyncio
from types import SimpleNamespace

import pytest
from notturno.errors import UserError
from notturno.link import LinkLost
from notturno.sync import checking, finding

BAND = SimpleNamespace(name="notturno-0001", address="AA")
OTHER = SimpleNamespace(name="notturno-0002", address="BB")


class Radio:
    """Hears what a test says, scan by scan; each connection is lost."""

    def __init__(self, *heard):
        self.heard, self.scans, self.tries = list(heard), [], 0

    async def scan(self, timeout_s, enough=None):
        self.scans.append(timeout_s)
        return self.heard.pop(0) if len(self.heard) > 1 else self.heard[0]

    def connect(self, band):
        self.tries += 1
        raise LinkLost("gone")


def checked(radio, **how):
    waited = []

    async def sleep(s):
        waited.append(s)

    with pytest.raises(UserError) as error:
        asyncio.run(checking.check(radio, {"00": b"k"}, 1, sleep=sleep, **how))
    return str(error.value), waited


def test_three_attempts_half_a_second_and_two_apart():
    radio = Radio([BAND])
    said, waited = checked(radio)
    assert "was lost (gone)" in said and waited == [0.5, 2.0]
    assert radio.tries == 3 and radio.scans == [40] * 3


def test_a_band_that_was_there_and_is_silent_is_a_lost_link():
    radio = Radio([BAND], [])
    said, waited = checked(radio, scan_timeout_s=7)
    assert "does not advertise any more" in said and waited == [0.5, 2.0]
    assert radio.tries == 1 and radio.scans == [7] * 3


def test_a_band_that_was_never_there_is_nobody_at_once():
    said, waited = checked(Radio([]))
    assert said == finding.NOBODY and waited == []


def test_several_are_a_choice_and_a_name_makes_it():
    said, _ = checked(Radio([BAND, OTHER]))
    assert "notturno-0001 (AA), notturno-0002 (BB)" in said
    radio = Radio([BAND, OTHER])
    checked(radio, name="BB")
    assert radio.tries == 3
    assert "No band nobody is near" in checked(Radio([BAND]), name="nobody")[0]


def test_without_a_key_nobody_is_looked_for():
    radio = Radio([BAND])
    with pytest.raises(UserError) as error:
        asyncio.run(checking.check(radio, {}, 1))
    assert str(error.value) == finding.NO_KEYS and radio.scans == []


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, None), (1, "has no test of itself"), (2, "cannot test itself now"), (4, "aborted")],
)
def test_what_a_bands_answer_to_a_check_means(status, words):
    if words is None:
        checking._judge({"status": status})
        return
    with pytest.raises(UserError, match=words):
        checking._judge({"status": status})


# --- a sync's search -----------------------------------------------------------------------------


def search(radio, name=None, keys=("0000000000000001", "0000000000000002")):
    return finding.Search(radio, name, keys, 20.0)


def test_bands_that_bear_a_known_name_come_first():
    stranger = SimpleNamespace(name="notturno-9999", address="CC")
    one = search(Radio([stranger, OTHER, BAND]))
    assert asyncio.run(one.first()) == [OTHER, BAND, stranger]
    assert one.silent() == []
    assert not one.over({"0000000000000001"})
    assert one.over({"0000000000000001", "0000000000000002"})
    named = search(Radio([BAND]), "AA")
    assert asyncio.run(named.first()) == [BAND] and named.silent() == []
    assert named.over({"x"}) and not named.over(set())
    alone = search(Radio([BAND]))
    asyncio.run(alone.first())
    assert alone.silent() == ["notturno-0002"]


@pytest.mark.parametrize(
    ("waiting", "proven", "timeout_s"),
    [([BAND], True, 20.0), ([BAND], False, 3.0), ([], True, 3.0), ([], False, 3.0)],
)
def test_others_are_looked_for_three_seconds_and_one_that_proved_itself_as_long_as_ever(
    waiting, proven, timeout_s
):
    radio = Radio([BAND], [BAND, OTHER])
    one = search(radio)
    asyncio.run(one.first())
    assert asyncio.run(one.again(waiting, proven)) == [OTHER]
    assert radio.scans[-1] == timeout_s
    assert asyncio.run(one.again(waiting, proven)) == []
