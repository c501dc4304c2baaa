"""Each chip through some minutes of a night: the real firmware in the real VM finds it."""

import pytest
from notturno.virtualband import VirtualBand
from notturno.virtualband.chips import model
from notturno.virtualband.world import StillSource, Timeline
from notturno_core import checks, plausible, wire

ID = {"BMI270": 0x24, "ICM-42688-P": 0x47, "MPU-6050": 0x68, "LSM6DS3TR-C": 0x6A}


def records_of(folder, name, with_configuration=True, **settings):
    """Return {record name: [values]} of some minutes with a chip."""

    def prepare(flash, _):
        for file, data in model(name).on_flash().items() if with_configuration else ():
            (flash / file).write_bytes(data)

    def make_chip(world, seed):
        return model(name)(world, seed, **settings)

    world = Timeline([StillSource()], hours=0.08)
    with VirtualBand(folder, world, seed=3, make_chip=make_chip, prepare=prepare) as band:
        band.wait_nights()
        data = b"".join(p.read_bytes() for p in sorted((band.flash / "log").glob("log-*.bin")))
    out = {kind: [] for kind in wire.REC_NAMES.values()}
    at = 0
    while at < len(data):
        _, kind, start, n = wire.frame_at(data, at, len(data))
        values = wire.unpack_record(kind, data[start : at + n - wire.CRC_LEN])
        out[wire.REC_NAMES[kind]].append(values)
        at += n
    return out


@pytest.mark.parametrize("name", ID)
def test_a_night_with_it_has_a_session_minutes_and_no_gap(tmp_path, name):
    records = records_of(tmp_path, name)
    (session,) = records["session"]
    assert session["sensor_id"] == ID[name] and not records["fault"]
    assert len(records["segment"]) == 1, "one run without a gap"
    assert len(records["minute"]) >= 3
    for minute in records["minute"]:
        assert not plausible.gravity_fault(*minute["gravity_mg"])
    # It has no key here; the sensor is as it should be.
    assert [check["failed"] for check in records["check"]] == [1 << checks.KEY]


def test_a_bmi270_without_its_configuration_is_told_and_records_nothing(tmp_path):
    records = records_of(tmp_path, "BMI270", with_configuration=False)
    assert not records["session"]
    assert [check["verdict"] for check in records["check"]] == [checks.SENSOR_UNCONFIGURED]
    assert {fault["code"] for fault in records["fault"]} == {wire.FAULT_WRONG_CHIP}


def test_int1_tied_high_is_told_by_the_band_itself_and_the_night_goes_on(tmp_path):
    records = records_of(tmp_path, "LSM6DSOX", int1_high=True)
    assert [check["verdict"] for check in records["check"]] == [checks.INT1_HIGH]
    assert len(records["session"]) == 1 and len(records["minute"]) >= 3


def test_a_fifo_of_a_third_of_a_second_is_told_where_it_ran_over(tmp_path):
    """Before its first drain a band with a LIS3DH writes its session: samples are lost, once."""
    records = records_of(tmp_path, "LIS3DH")
    (session,) = records["session"]
    assert session["sensor_id"] == 0x33 and len(records["minute"]) >= 3
    assert [(f["code"], f["count"]) for f in records["fault"]] == [(wire.FAULT_OVERRUN, 1)]
    assert len(records["segment"]) == 2, "none after that"
    temperatures = {minute["temperature_q8_c"] for minute in records["minute"]}
    assert temperatures == {wire.NO_TEMPERATURE_Q8_C}
