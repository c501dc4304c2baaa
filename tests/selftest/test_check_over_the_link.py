"""`check` over the sealed link: the host asks, the band tests itself, the record comes back."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from click.testing import CliRunner
from fakes import air
from notturno.cli import cli
from notturno.errors import UserError
from notturno.link import proof
from notturno.sync.checking import check
from notturno_core import checks, wire


def band_that_finds(verdict, refuses=False, says=True):
    asked = []

    def test(cable):
        asked.append(cable)
        if refuses:
            raise OSError(16)
        values = {"verdict": verdict, "gravity_mg": 1003, "failed": 1 << checks.NOISE, "why": 3}
        values |= {"passed": 1, "skipped": 1 << checks.RATE}
        if says:
            band.log.append(wire.REC_CHECK, wire.pack(wire.CHECK_FIELDS, values))
            band.log.flush()

    # What it found before must not be taken for what it finds now.
    old = wire.pack(wire.CHECK_FIELDS, {"verdict": checks.FLASH_FULL})
    band = air.Band([(wire.REC_CHECK, old)], check=test)
    return band, asked


def ask(band, cable=checks.CABLE_IN, keys=air.KEYS, fate=lambda number, kind: None, waits=None):
    async def whole():
        async with band.awake():
            radio = air.AirRadio(band, fate)
            return await check(radio, keys, cable, scan_timeout_s=1, sleep=slept)

    async def slept(seconds):
        assert waits is not None, "no link was lost"
        waits.append(seconds)

    return asyncio.run(whole())


def test_the_record_comes_back():
    band, asked = band_that_finds(checks.NOISY)
    device, found = ask(band)
    assert device == air.DEVICE_ID.hex()
    assert (found["verdict"], found["gravity_mg"], asked) == (
        checks.NOISY,
        1003,
        [checks.CABLE_IN],
    )


@pytest.mark.parametrize("lost", [1, 2])
def test_a_lost_link_is_tried_again(lost):
    """At its first steps, which a band in the next room loses often enough."""
    band, asked = band_that_finds(checks.NOISY)
    left, waits = [lost], []

    def fate(_number, kind):
        if kind == "reply" and left[0]:
            left[0] -= 1
            return "drop"

    assert ask(band, fate=fate, waits=waits)[1]["verdict"] == checks.NOISY
    assert waits == [0.5, 2.0][:lost] and asked == [checks.CABLE_IN]


def test_a_link_that_is_lost_each_time_is_said():
    band, asked = band_that_finds(checks.NOISY)
    waits = []
    with pytest.raises(UserError, match="link to the band was lost.*bring it nearer"):
        ask(band, fate=lambda _, kind: "drop" if kind == "reply" else None, waits=waits)
    assert waits == [0.5, 2.0] and not asked


def test_the_patience_of_the_air_in_memory_is_its_own():
    """Whoever speaks over another radio in this process waits as long as ever."""
    seen = []
    band, _ = band_that_finds(checks.PASS)
    ask(band, fate=lambda *_: seen.append(proof.ANSWER_TIMEOUT_S))
    assert set(seen) == {air.PATIENCE_S} and proof.ANSWER_TIMEOUT_S == 15.0


def test_a_band_that_records_is_not_tested():
    band, _ = band_that_finds(0, refuses=True)
    with pytest.raises(UserError, match="records.*charger"):
        ask(band)


def test_a_band_without_the_test_says_so():
    with pytest.raises(UserError, match="firmware has no test"):
        ask(air.Band())


def test_a_band_that_does_not_say_what_it_found():
    band, _ = band_that_finds(0, says=False)
    with pytest.raises(UserError, match="did not say"):
        ask(band)


def test_without_a_key_nothing_is_asked():
    band, asked = band_that_finds(0)
    with pytest.raises(UserError):
        ask(band, keys={})
    assert not asked


@pytest.mark.parametrize("verdict, code", [(checks.NOISY, 1), (checks.PASS, 0)])
def test_the_command_says_one_thing_to_mend(monkeypatch, tmp_path, verdict, code):
    band, asked = band_that_finds(verdict)

    @asynccontextmanager
    async def radio(virtual):
        async with band.awake():
            yield air.AirRadio(band)

    monkeypatch.setattr("notturno.link.open_radio", radio)
    monkeypatch.setattr("notturno.keys.KeyRing.all", lambda self: air.KEYS)
    arguments = ["check", "--cable", "out", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == code, result.output
    assert ("noise is far above" in result.output) == bool(verdict)
    assert "Not tested: rate." in result.output
    result = CliRunner().invoke(cli, [*arguments, "--json"])
    document = json.loads(result.stdout)
    assert result.exit_code == code
    assert document["verdict"] == verdict
    assert (document["failed"], document["skipped"]) == (["noise"], ["rate"])
    assert asked == [checks.CABLE_OUT] * 2
