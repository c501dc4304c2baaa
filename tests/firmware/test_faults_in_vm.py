"""Bus faults met by the real firmware in the real MicroPython VM, pins and all."""

import pytest
from notturno.virtualband import VirtualBand
from notturno.virtualband.chips.lsm6dsox import Lsm6dsox
from notturno.virtualband.world import StillSource, Timeline
from notturno_core import wire


def records_of_night(folder, faults, **chip_settings):
    """Run a few minutes with `faults` done to the chip; return {record name: [values]}."""

    def make_chip(world, seed):
        chip = Lsm6dsox(world, seed, **chip_settings)
        faults(chip)
        return chip

    world = Timeline([StillSource()], hours=0.08)
    with VirtualBand(folder, world, seed=3, make_chip=make_chip) as band:
        band.wait_nights()
        left = len(band.chip._faults)
        data = b"".join(p.read_bytes() for p in sorted((band.flash / "log").glob("log-*.bin")))
    assert left == 0, "the night was too short for its faults"
    out = {name: [] for name in wire.REC_NAMES.values()}
    at = 0
    while at < len(data):
        _, kind, start, n = wire.frame_at(data, at, len(data))
        payload = data[start : at + n - wire.CRC_LEN]
        values = wire.unpack_record(kind, payload)
        out[wire.REC_NAMES[kind]].append(payload if values is None else values)
        at += n
    return out


def test_nine_pulses_on_the_real_pins_free_a_stuck_bus_and_no_sample_is_lost(tmp_path):
    records = records_of_night(tmp_path, lambda chip: chip.fail("stuck", after=200))
    assert len(records["segment"]) == 1
    faults = [f for f in records["fault"] if f["code"] == wire.FAULT_I2C]
    assert sum(f["count"] for f in faults) >= 7
    assert faults[-1]["detail"] & 0xFFFF == 1, "unstuck once"
    assert records["end"][0]["reason"] == wire.END_DOCKED


def test_bursts_that_break_off_are_gaps_in_the_night(tmp_path):
    # five in a row: a drain is one status and four bursts, so some hit samples
    records = records_of_night(
        tmp_path, lambda chip: chip.fail("broken", count=5, after=302, words=20)
    )
    reasons = [s["reason"] for s in records["segment"]]
    assert reasons[0] == wire.SEGMENT_START and set(reasons[1:]) == {wire.SEGMENT_BUS_FAULT}
    gaps = [e for e in records["event"] if e["kind"] == wire.EVENT_GAP]
    assert len(gaps) == len(reasons) - 1 >= 1
    assert 15 <= sum(gap["duration_samples"] for gap in gaps) <= 110


@pytest.mark.parametrize("int1_high", [False, True])
def test_a_chip_woken_with_int1_high_records_like_any_other(tmp_path, int1_high):
    records = records_of_night(tmp_path, lambda chip: None, int1_high=int1_high)
    assert len(records["minute"]) >= 3
    assert records["end"][0]["overruns"] == 0
