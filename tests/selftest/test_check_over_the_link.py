"""`check` over the sealed link: the host asks, the band tests itself, the record comes back."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from click.testing import CliRunner
from fakes import air
from notturno.cli import cli
from notturno.errors import UserError
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


def ask(band, cable=checks.CABLE_IN, keys=air.KEYS):
    async def whole():
        async with band.awake():
            return await check(air.AirRadio(band), keys, cable, scan_timeout_s=1)

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
