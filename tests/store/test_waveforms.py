"""The waveforms that a band kept: stored as they came, found by their event, in any order."""

import sqlite3
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.nights import waveform
from notturno.store import FILE_NAME, Store
from notturno_core import wire
from raw_traces import payloads, ringing
from surfaces import keep, printed

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME = "Europe/Rome"
ONSETS = [10_000, 40_000, 70_000, 100_000]
KEPT = {0: wire.SNIPPET_FIRST, 2: wire.SNIPPET_STRONG | wire.SNIPPET_RANDOM}  # event: why
TRACE = ringing(208, 52)


def frames_of(sessions=1):
    """Return the frames of nights of 20 minutes in which two of four jerks left a waveform."""
    pen = Pen()
    pen.time(500, EVENING)
    for night in range(sessions):
        begin_ms = 1000 + night * 86_400_000
        pen.session(begin_ms)
        pen.segment(0, begin_ms)
        for number, onset in enumerate(ONSETS):
            for payload in payloads(TRACE, onset - 52, number, KEPT.get(number, 0)):
                if number in KEPT:
                    pen.put(wire.REC_SNIPPET, payload)
            pen.event(onset, layout=2, number=number)
        for minute in range(1, 21):
            pen.minute(minute * 6240, begin_ms + minute * 60_000)
        pen.end(124_800, begin_ms + 1_200_000)
    return pen.frames


def found_in(folder):
    """Return {(session, event): (why, Waveform)} of all that is stored."""
    with Store.open(folder, create=False) as store:
        events, snippets = store.events(), store.waveforms()
    assert [s for s in waveform.by_event(events, snippets) if s] == snippets
    return {
        (event["session_seq"], event["number"]): (snippet["why"], waveform.of_snippet(snippet))
        for event, snippet in zip(events, waveform.by_event(events, snippets), strict=True)
        if snippet
    }


def test_a_waveform_comes_back_with_its_event_its_reasons_and_its_rate(tmp_path):
    keep(tmp_path, frames_of(), DEVICE, LOG_ID)
    found = found_in(tmp_path)
    assert {number: why for (_, number), (why, _) in found.items()} == {
        0: ["first of its kind"],
        2: ["drawn at random", "among the strongest"],
    }
    for (_, number), (_, got) in found.items():
        assert got.first_sample == ONSETS[number] - 52 and got.ug_per_lsb == 122
        assert np.array_equal(np.array(got.counts, np.int16), TRACE)
        assert got.rate_hz == pytest.approx(104.0, rel=1e-6)
        assert got.times_s(ONSETS[number])[52] == 0
    with Store.open(tmp_path, create=False) as store:
        assert store.waveforms("2026-01-12", DEVICE) == store.waveforms()
        assert store.waveforms("2026-01-13") == store.waveforms(None, "00") == []


def test_the_rate_is_the_clocks_where_the_chips_is_off(tmp_path):
    pen = Pen()
    pen.time(0, EVENING)
    pen.night(0, 30, [], rate_hz=105.0, end=False)
    for payload in payloads(TRACE, 1000, 5, 1):
        pen.put(wire.REC_SNIPPET, payload)
    pen.time(1_800_000, EVENING + 1_800_000)
    keep(tmp_path, pen.frames, DEVICE, LOG_ID)
    with Store.open(tmp_path, create=False) as store:
        (snippet,) = store.waveforms()
    assert (snippet["odr_hz"], snippet["rate_hz"]) == (104.0, pytest.approx(105.0, rel=1e-4))


@pytest.mark.parametrize("order", ["backwards", "odd ones later", "one at a time"])
def test_records_that_come_in_another_order_give_the_same(tmp_path, order):
    frames = frames_of(sessions=2)
    keep(tmp_path / "whole", frames, DEVICE, LOG_ID)
    parts = {
        "backwards": [frames[::-1]],
        "odd ones later": [frames[::2], frames[1::2]],
        "one at a time": [[frame] for frame in frames[::-1]],
    }[order]
    for part in parts:
        keep(tmp_path / "parts", part, DEVICE, LOG_ID)
    assert found_in(tmp_path / "parts") == found_in(tmp_path / "whole")
    assert len(found_in(tmp_path / "parts")) == 4


def test_a_lost_record_costs_its_own_samples(tmp_path):
    frames = frames_of()
    first = next(i for i, frame in enumerate(frames) if frame[4] == wire.REC_SNIPPET)
    del frames[first + 1]
    keep(tmp_path, frames, DEVICE, LOG_ID)
    found = found_in(tmp_path)
    lost = [got.lost() for _, got in found.values()]
    assert 0 < lost[0] < 104 and lost[1] == 0


def test_an_event_and_a_snippet_of_one_number_far_apart_are_not_one_anothers():
    key = {"device_id": DEVICE, "log_id": 1, "session_seq": 1, "number": 7}
    event = key | {"onset_sample": 1000, "duration_samples": 100}
    for first, belongs in [(791, False), (793, True), (1100, True), (1101, False)]:
        snippet = key | {"first_sample": first, "samples": 208}
        assert waveform.by_event([event], [snippet]) == [snippet if belongs else None]
    other = key | {"first_sample": 948, "samples": 208, "session_seq": 2}
    assert waveform.by_event([event], [other]) == [None]
    old = event | {"number": None}
    assert waveform.by_event([old], [key | {"first_sample": 948, "samples": 208}]) == [None]


def test_snippets_that_an_older_notturno_stored_are_found(tmp_path):
    folder = tmp_path / "old"
    frames = frames_of(sessions=2)
    torn = Pen(first_seq=10_000)
    torn.put(wire.REC_SNIPPET, b"\1\2\3")
    for place in (folder, tmp_path / "fresh"):
        keep(place, frames + torn.frames, DEVICE, LOG_ID)
    db = sqlite3.connect(folder / FILE_NAME)
    db.execute("drop table snippets")
    db.execute("delete from migrations where version > 4")
    db.execute("alter table events drop column later_pct")
    db.execute("pragma user_version = 4")
    db.commit()
    db.close()
    assert found_in(folder) == found_in(tmp_path / "fresh")
    Store.open(folder).close()
    assert len(found_in(folder)) == 4
    assert printed(folder, "show") == printed(tmp_path / "fresh", "show")


def test_the_records_stay_as_the_band_wrote_them(tmp_path):
    frames = frames_of()
    keep(tmp_path, frames, DEVICE, LOG_ID)
    with Store.open(tmp_path, create=False) as store:
        assert list(store.frames(DEVICE, LOG_ID, 0, 1 << 32)) == frames
