"""Which of a band's complaints stand, by hand: what takes which back, and what is none."""

import pytest
from notturno.store import health
from notturno_core import checks, wire

CHECK, FAULT, START = health.CHECK, health.FAULT, health.START
LOST = {"code": wire.FAULT_SENSOR_LOST}
FAILED, PASSED = {"verdict": checks.CLOCK_UNSET}, {"verdict": checks.PASS}


def weighed(*records):
    """Return {(what, code): number of the record} after records (kind, values), from 1 on."""
    found = {}
    for seq, (kind, values) in enumerate(records, start=1):
        health._weigh(found, kind, seq, values)
    return found


def fault(code=wire.FAULT_SENSOR_LOST):
    return wire.REC_FAULT, {"code": code}


def start(cause):
    return wire.REC_START, {"cause": cause}


def check(verdict):
    return wire.REC_CHECK, {"verdict": verdict}


DATE = (wire.REC_TIME, {})


def test_a_fault_and_an_unasked_start_are_told_with_their_last_record():
    crash = start(wire.START_CRASH)
    assert weighed(fault(), crash, fault()) == {
        (FAULT, wire.FAULT_SENSOR_LOST): 3,
        (START, wire.START_CRASH): 2,
    }


@pytest.mark.parametrize("code", [v for k, v in vars(wire).items() if k.startswith("FAULT_")])
def test_faults_that_end_a_recording_or_lose_records_are_told_and_others_counted_elsewhere(code):
    told = {"SENSOR_LOST", "STORAGE", "LOG_CORRUPT", "WRONG_CHIP", "RADIO"}
    is_told = code in {getattr(wire, "FAULT_" + name) for name in told}
    assert bool(weighed(fault(code))) is is_told


@pytest.mark.parametrize("cause", [v for k, v in vars(wire).items() if k.startswith("START_")])
def test_of_starts_a_hang_and_a_crash_are_told(cause):
    assert bool(weighed(start(cause))) is (cause in (wire.START_HANG, wire.START_CRASH))


def test_numbers_of_other_records_are_no_faults_and_no_starts():
    """Other kinds of record have codes and causes of their own."""
    kind = wire.REC_EVENT
    values = LOST | {"cause": wire.START_CRASH, "verdict": checks.CLOCK_UNSET}
    assert weighed((kind, values)) == {}


def test_a_passed_test_takes_back_tests_and_faults_before_it_and_no_start():
    passed = check(checks.PASS)
    before = (check(checks.CLOCK_UNSET), fault(), start(wire.START_HANG))
    assert weighed(*before, passed) == {(START, wire.START_HANG): 3}
    assert weighed(passed, fault()) == {(FAULT, wire.FAULT_SENSOR_LOST): 2}


def test_a_test_that_failed_stands_for_the_one_before_it_and_takes_no_fault_back():
    found = weighed(check(checks.CLOCK_UNSET), fault(), check(checks.DIVIDER_AT_3V3))
    assert found == {(FAULT, wire.FAULT_SENSOR_LOST): 2, (CHECK, checks.DIVIDER_AT_3V3): 3}


def test_a_date_takes_back_that_there_was_none_and_nothing_else():
    assert weighed(check(checks.CLOCK_UNSET), DATE) == {}
    other = check(checks.DIVIDER_AT_3V3)
    assert weighed(other, DATE) == {(CHECK, checks.DIVIDER_AT_3V3): 1}
