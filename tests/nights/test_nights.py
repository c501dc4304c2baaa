"""Evenings and counts: which night a moment belongs to, and what counts in it."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno.nights import calendar, counts
from notturno_core import wire

ROME = "Europe/Rome"


def local_ms(text, zone=ROME, fold=0):
    return int(
        datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000
    )


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        ("2026-01-12T12:00:00", "2026-01-12"),
        ("2026-01-12T23:59:59", "2026-01-12"),
        ("2026-01-13T00:00:00", "2026-01-12"),
        ("2026-01-13T11:59:59", "2026-01-12"),
        ("2026-03-28T23:00:00", "2026-03-28"),  # clocks go forward at 02:00 of the 29th
        ("2026-03-29T11:59:59", "2026-03-28"),
        ("2026-03-29T12:00:00", "2026-03-29"),
        ("2026-10-24T12:00:00", "2026-10-24"),  # and back at 03:00 of the 25th
        ("2026-10-25T11:59:59", "2026-10-24"),
        ("2026-10-25T12:00:00", "2026-10-25"),
    ],
)
def test_a_night_runs_from_local_noon_to_local_noon(moment, night):
    assert calendar.night_of(local_ms(moment), ROME) == night


def test_both_passes_of_the_repeated_hour_are_the_same_night():
    moments = [local_ms("2026-10-25T02:30:00", fold=fold) for fold in (0, 1)]
    assert moments[1] - moments[0] == 3_600_000
    assert {calendar.night_of(moment, ROME) for moment in moments} == {"2026-10-24"}


@given(
    st.integers(0, 4_000_000_000_000),
    st.sampled_from([ROME, "UTC", "Pacific/Auckland", "Asia/Kolkata", "America/St_Johns"]),
)
def test_noon_of_the_evening_is_the_latest_noon_before(utc_ms, zone):
    local = datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(ZoneInfo(zone))
    evening = datetime.fromisoformat(calendar.night_of(utc_ms, zone))
    since_noon = local.replace(tzinfo=None) - evening.replace(hour=12)
    assert 0 <= since_noon.total_seconds() < 86_400


def test_only_jerks_outside_rhythms_movements_and_waking_count():
    assert counts.is_single(wire.EVENT_JERK, wire.FLAG_CLIPPED)
    assert not counts.is_single(wire.EVENT_LM, 0)
    for flag in (wire.FLAG_IN_RHYTHM, wire.FLAG_IN_AWAKE, wire.FLAG_IN_LM):
        assert not counts.is_single(wire.EVENT_JERK, flag)


def test_the_zone_is_found_from_environment_or_machine(tmp_path):
    nothing = tmp_path / "none"
    named = tmp_path / "timezone"
    named.write_text("Asia/Kolkata\n")
    linked = Path("/usr/share/zoneinfo/Europe/Rome")
    assert (
        calendar.local_zone_name({"TZ": ":America/New_York"}, nothing, named) == "America/New_York"
    )
    assert calendar.local_zone_name({}, nothing, named) == "Asia/Kolkata"
    assert calendar.local_zone_name({}, linked, nothing) in ("Europe/Rome", "UTC")
    assert calendar.zone_info(calendar.local_zone_name({"TZ": "nonsense"}, nothing, nothing))
    assert calendar.zone_info("No/Where").key == "UTC"
