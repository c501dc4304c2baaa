"""Files for research over a store made by hand: marks, samples, minutes, ids, in their units."""

from types import SimpleNamespace

import numpy as np
import pytest
from notturno.files import bids, chosen, edf, fhir, said_tables, tables
from notturno.files.columns import BOOL, INT, REAL, TEXT
from notturno.nights.waveform import Waveform

START_UTC_MS = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
SESSION = {
    "device_id": "00112233aabbccdd",
    "log_id": 7,
    "seq": 3,
    "start_utc_ms": START_UTC_MS,
    "end_utc_ms": START_UTC_MS + 3_600_000,
    "zone": "Europe/Rome",
    "clock": "measured",
    "odr_mhz": 104_000,
    "recorded_s": 60.2,
    "ug_per_lsb": 122,
    "simulated": False,
    "firmware": "0.9",
    "tick_ms": 5_000,
}
DEVICE = SESSION["device_id"]


def event(onset_s, kind="jerk", left_out=None, **values):
    found = {"device_id": DEVICE, "log_id": 7, "session_seq": 3, "onset_s": onset_s}
    found |= {"duration_s": 0.2, "kind": kind, "left_out": left_out}
    return found | {"onset_sample": round((onset_s or 0) * 104)} | values


class Store:
    """A night's events, marks and gaps."""

    def __init__(self, events=(), marks=(), gaps=()):
        self.found = {"events": events, "marks": marks, "gaps": gaps}

    def __getattr__(self, what):
        return lambda night, device_id: list(self.found[what])


def marks(*arguments, session=SESSION, kept=(), **how):
    return edf.annotations(Store(*arguments, **how), "2026-01-12", session, kept)


# --- EDF+ ----------------------------------------------------------------------------------------


def test_the_first_mark_says_zone_offset_and_clock():
    assert marks() == [(0.0, None, "Recording starts (Europe/Rome, UTC+0100, clock measured)")]
    undated = marks(session=SESSION | {"start_utc_ms": None})
    assert undated == [(0.0, None, "Recording starts (time not known)")]


def test_events_are_marks_at_their_second_and_say_why_they_do_not_count():
    found = marks([event(20.5), event(10.25, "lm", "in_awake"), event(None)])
    assert [mark[:2] for mark in found[2:]] == [(10.25, 0.2), (20.5, 0.2)]
    assert sorted(mark[1] or 0 for mark in found[:2]) == [0, 0.2]
    assert [mark[0] for mark in found[:2]] == [0.0, 0.0]
    assert found[2][2].endswith(" (not counted: in_awake)") and "counted" not in found[3][2]


@pytest.mark.parametrize("other", [{"log_id": 8}, {"session_seq": 4}, {"device_id": "x"}])
def test_an_event_of_another_recording_is_not_in_it(other):
    assert len(marks([event(10, **other)])) == 1


@pytest.mark.parametrize(("at_ms", "inside"), [(-1, 0), (0, 1), (3_600_000, 1), (3_600_001, 0)])
def test_a_press_of_the_button_lies_in_the_recording(at_ms, inside):
    found = marks(marks=[{"utc_ms": START_UTC_MS + at_ms}])
    assert len(found) == 1 + inside
    if inside:
        assert (at_ms / 1000, None, "Button pressed") in found
    assert len(marks(marks=[{"utc_ms": 1}], session=SESSION | {"start_utc_ms": None})) == 1


@pytest.mark.parametrize(("at_ms", "inside"), [(-1, 0), (0, 1), (3_599_999, 1), (3_600_000, 0)])
def test_a_gap_begins_in_the_recording(at_ms, inside):
    gap = {"start_utc_ms": START_UTC_MS + at_ms, "duration_s": 12.5, "reason": "overrun"}
    found = marks(gaps=[gap])
    assert len(found) == 1 + inside
    if inside:
        assert (at_ms / 1000, 12.5, "No samples (overrun)") in found


def wave(first_sample, n=52, xyz=(1, 2, 3)):
    return Waveform(first_sample, [xyz] * n, 104.0, 122)


def test_a_kept_waveform_is_marked_from_its_first_sample_on_for_as_long_as_it_lasts():
    kept = [(0, event(10.0), wave(1040 - 52))]
    assert marks(kept=kept)[1] == (9.5, 0.5, "Waveform kept")
    early = [(0, event(0.25), wave(-100))]
    assert marks(kept=early)[1][0] == 0.0


def signals(*kept, session=SESSION):
    made = []

    def from_digital(counts, rate, **head):
        made.append((counts, rate, head))

    fake = SimpleNamespace(EdfSignal=SimpleNamespace(from_digital=from_digital))
    edf._signals(fake, session, [(0, *one) for one in kept])
    return made


def test_a_lost_sample_is_a_row_of_a_table_without_values(monkeypatch):
    lost = wave(1040, n=2)
    lost.counts[0] = None
    snippet = {"device_id": DEVICE, "log_id": 7, "session_seq": 3, "number": 1}
    found = [(snippet, event(10.0, seq=9), lost)]
    monkeypatch.setattr(tables, "snippets_of", lambda *_: found)
    first, second = tables._snippets(Store(), SimpleNamespace(nights=["n"], device_id=None), {})
    of = snippet | {"night": "n", "event_seq": 9}
    axes = ("acceleration_mg_x", "acceleration_mg_y", "acceleration_mg_z")
    assert first == of | {"sample": 1040, "from_onset_s": 0.0} | dict.fromkeys(axes)
    assert second == of | {"sample": 1041, "from_onset_s": round(1 / 104, 6)} | dict(
        zip(axes, (0.122, 0.244, 0.366), strict=True)
    )


def test_waveforms_lie_at_their_samples_and_all_else_is_zero():
    whole = wave(1040)
    whole.counts[3] = None
    x, y, z = signals((event(10.0), whole))
    assert len(x[0]) == 62 * 104 and x[1] == 104  # 61.2 s and up to a whole second
    for (counts, *_), value in zip((x, y, z), (1, 2, 3), strict=True):
        wanted = np.zeros(62 * 104, np.int16)
        wanted[1040:1092] = value
        wanted[1043] = 0
        assert (counts == wanted).all()


def test_the_head_of_a_signal_says_its_scale():
    head = signals((event(10.0), wave(1040)))[2][2]
    assert head["label"] == "acceleration z" and head["physical_dimension"] == "mg"
    assert head["digital_range"] == (-32768, 32767)
    assert head["physical_range"] == (-3997.70, 3997.574)


@pytest.mark.parametrize(("n", "seconds"), [(208, 62), (6 * 104, 66), (6 * 104 + 1, 67)])
def test_a_waveform_behind_the_end_makes_room_in_whole_seconds(n, seconds):
    assert len(signals((event(60.0), wave(60 * 104, n)))[0][0]) == seconds * 104
    assert signals() == []


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.23456789, 1.234568), (-1.23456789, -1.23457), (-3997.696, -3997.70), (-39976.96, -39977.0)]
    + [(1234567.891, 1234568), (0.5, 0.5)],
)
def test_a_number_fits_the_eight_characters_of_its_field(value, written):
    found = edf._fitting(value)
    assert found == pytest.approx(written, abs=1e-7)


def test_a_recording_without_a_date_begins_on_the_first_one_that_edf_has():
    assert str(edf._start(SESSION)) == "2026-01-12 22:30:00"
    assert str(edf._start(SESSION | {"start_utc_ms": None})) == "1985-01-01 00:00:00"


# --- BIDS ----------------------------------------------------------------------------------------


def minute(number, activity_mg=1.5):
    return {
        "tick_ms": SESSION["tick_ms"] + number * 60_000,
        "gravity_mg": [1, 2, 3],
        "activity_mg": activity_mg,
        "temperature_c": None,
    }


def test_each_minute_is_a_row_from_the_start_and_one_that_was_lost_is_empty():
    rows = bids.minute_rows(SESSION, [minute(1), minute(3, 2.5)])
    assert rows == [[1, 2, 3, 1.5, "n/a"], ["n/a"] * 5, [1, 2, 3, 2.5, "n/a"]]
    assert bids.minute_rows(SESSION, []) == [["n/a"] * 5]
    assert len(bids.minute_rows(SESSION, [minute(0.2)])) == 1


def test_the_sidecar_says_what_bids_asks_of_a_motion_system():
    """BIDS 1.11.1, motion: counts by type add up, the rate is of the rows, one a minute."""
    found = bids._sidecar(SESSION, {"name": "calf"}, [[0]] * 90)
    assert found["SamplingFrequency"] == found["SamplingFrequencyEffective"] == 1 / 60
    assert (found["ACCELChannelCount"], found["MiscChannelCount"]) == (3, 2)
    assert found["MotionChannelCount"] == 5 == len(bids.CHANNELS)
    assert found["TrackedPointsCount"] == 1 and found["RecordingDuration"] == 5400.0
    assert (found["TrackingSystemName"], found["DeviceSerialNumber"]) == ("calf", DEVICE)
    assert (found["Manufacturer"], found["SoftwareVersions"]) == ("notturno", "0.9")
    assert found["ManufacturersModelName"] == "self-built band"
    virtual = bids._sidecar(SESSION | {"simulated": True}, {"name": ""}, [])
    assert virtual["ManufacturersModelName"] == "virtual band"
    assert virtual["TrackingSystemName"] == DEVICE
    kinds = [(name, kind, unit) for name, _, kind, unit, _ in bids.CHANNELS]
    assert kinds[:3] == [(f"gravity_{a}", "ACCEL", "mg") for a in "xyz"]
    assert kinds[3:] == [("activity", "MISC", "mg"), ("temperature", "MISC", "oC")]


# --- FHIR ----------------------------------------------------------------------------------------


def test_a_resource_has_one_id_for_one_name_of_the_form_that_is_random():
    import uuid

    one = fhir._id("band", "a")
    assert one == fhir._id("band", "a") != fhir._id("band", "b") and uuid.UUID(one).version == 4
    assert fhir._id("a", "b") != fhir._id("ab")


def test_a_band_is_known_by_its_eui_64():
    row = {"device_id": "00112233aabbccdd", "simulated": False, "firmware": None}
    found = fhir._band(row)
    assert found["identifier"][0]["value"] == "00-11-22-33-AA-BB-CC-DD"
    assert found["serialNumber"] == "00112233aabbccdd"
    assert found["version"] == [{"value": "unknown"}]
    assert "simulated" not in str(found)
    assert (
        "(simulated: no hardware)"
        in fhir._band(row | {"simulated": True})["deviceName"][0]["name"]
    )
    assert fhir._text("a < b & c > d")["div"].endswith(">a &lt; b &amp; c &gt; d</div>")


NIGHT_ROW = {
    "device_id": DEVICE,
    "night": "2026-01-12",
    "zone": "Europe/Rome",
    "start_utc_ms": START_UTC_MS,
    "end_utc_ms": START_UTC_MS + 8 * 3_600_000,
    "state": "complete",
    "person_side": "L",
    "limb": "calf",
    "jerks": 12,
    "jerks_per_h": 1.5,
    "refusals": {},
    "refusal": None,
    "excluded": None,
}


def test_a_figure_is_told_in_its_unit_and_a_refused_one_with_its_reason():
    count, rate = (fhir._observation(NIGHT_ROW, key) for key in ("jerks", "jerks_per_h"))
    told = [one["valueQuantity"] | {"system": None} for one in (count, rate)]
    assert told[0] == {"value": 12, "unit": "events", "code": "{events}", "system": None}
    assert told[1] == {"value": 1.5, "unit": "1/h", "code": "/h", "system": None}
    nothing = NIGHT_ROW | {"jerks": None}
    verdict, own = {"refused": "Not worn."}, {"refused": "Too short."}
    for values, why in (
        ({}, "not known"),
        ({"refusal": verdict}, "Not worn."),
        ({"refusals": {"jerks": own}}, "Too short."),
        ({"refusal": verdict, "refusals": {"jerks": own, "lms": verdict}}, "Too short."),
    ):
        found = fhir._observation(nothing | values, "jerks")
        assert found["dataAbsentReason"]["text"] == why and "valueQuantity" not in found


def test_a_side_without_a_limb_is_that_of_a_limb_and_no_side_is_no_place():
    place = [
        fhir._observation(NIGHT_ROW | values, "jerks").get("bodySite", {}).get("text")
        for values in ({}, {"limb": ""}, {"limb": "", "person_side": "LR"}, {"person_side": ""})
    ]
    assert place == ["left calf", "left limb", "left and right limb", None]


class Nights:
    """The rows of a store, by night; naps beside them."""

    def nights(self, night=None, **asked):
        rows = [
            NIGHT_ROW | {"naps": [{"night": "2026-01-12-nap"}]},
            NIGHT_ROW | {"device_id": "b2", "naps": [{"night": "2026-01-12-nap"}]},
            NIGHT_ROW | {"night": "undated-1", "start_utc_ms": None, "naps": []},
        ]
        made = {"simulated": False, "firmware": "1"}
        return [row | made for row in rows if night in (None, row["night"])]

    def person_nights(self, nights):
        return []


def test_a_bundle_is_of_the_band_that_was_asked_for_and_of_dated_nights():
    names = ["2026-01-12", "undated-1"]
    rows = dict.fromkeys(fhir.FIGURES, 1.0)

    class Whole(Nights):
        def nights(self, night=None, **asked):
            return [rows | row for row in super().nights(night)]

    for device_id, bands in ((None, {DEVICE, "b2"}), (DEVICE, {DEVICE}), ("c3", set())):
        found = fhir.bundle(Whole(), chosen.Chosen(names, device_id), START_UTC_MS)
        made = [entry["resource"] for entry in found["entry"]]
        assert {one["serialNumber"] for one in made if "serialNumber" in one} == bands
        panels = [one for one in made if "hasMember" in one]
        assert [len(one["hasMember"]) for one in panels] == (
            [len(fhir.FIGURES) * len(bands)] if bands else []
        )
        assert len(made) == 3 + len(bands) + len(panels) + len(fhir.FIGURES) * len(bands)


# --- what is chosen, and its cells ---------------------------------------------------------------


def test_chosen_nights_come_with_their_naps_each_once():
    found = chosen.chosen(Nights())
    assert found == chosen.Chosen(["2026-01-12", "2026-01-12-nap", "undated-1"], None, True)
    assert chosen.chosen(Nights(), last=3).whole is False
    assert chosen.chosen(Nights(), night="x", device_id="b2") == chosen.Chosen(["x"], "b2", False)


def test_a_moment_is_told_to_the_ms_by_the_clock_of_its_zone():
    assert chosen.iso(START_UTC_MS + 7, "Europe/Rome") == "2026-01-12T22:30:00.007+01:00"
    assert chosen.iso(None, "UTC") is None


@pytest.mark.parametrize(
    ("value", "kind", "cell"),
    [
        (None, INT, None),
        (3.0, INT, 3),
        (3, INT, 3),
        (3, REAL, 3.0),
        (1, BOOL, True),
        (0, BOOL, False),
        (3, TEXT, "3"),
        ([], TEXT, None),
        ({"b": 1, "a": [2]}, TEXT, '{"a": [2], "b": 1}'),
    ],
)
def test_a_cell_is_of_the_kind_of_its_column(value, kind, cell):
    found = tables._cell(value, kind)
    assert found == cell and type(found) is type(cell)


def test_a_cell_of_bids_that_is_empty_says_so():
    cells = [bids._cell(value) for value in (None, "", "a\tb\n", True, False, 0.5, 0)]
    assert cells == ["n/a", "n/a", "a b ", "true", "false", "0.5", "0"]


def test_a_laboratorys_list_is_a_row_an_entry_with_what_it_says_of_it():
    kept = {
        "source": "a.txt",
        "rows": [[1200.0, "N2"], [5.0, 2.5, "arousal", ""], [6.0, 1, "lm", "L"]],
    }
    store = SimpleNamespace(lab_lists=lambda night: [kept])
    found = list(said_tables.lab(store, SimpleNamespace(nights=["2026-01-12"]), {}))
    names = ("onset_s", "duration_s", "text", "location")
    assert [[row[name] for name in names] for row in found] == [
        [1200.0, None, "N2", None],
        [5.0, 2.5, "arousal", None],
        [6.0, 1, "lm", "L"],
    ]
    assert {row["source"] for row in found} == {"a.txt"}
