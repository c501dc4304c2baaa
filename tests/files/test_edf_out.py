"""EDF+ of a night, read back by two programs that know nothing of ours."""

import warnings
from datetime import datetime

import numpy as np
import pytest
from fakes.typed import exported
from lives import NIGHT, OTHER, TRACE
from notturno.files import edf
from notturno.store import Store

edfio = pytest.importorskip("edfio")


@pytest.fixture(scope="module")
def folder(life, tmp_path_factory):
    return exported(life, tmp_path_factory.mktemp("out") / "edf", "edf", "--signals")


def of(folder, night):
    return next(folder.glob(f"{night}_*.edf"))


def by_edfio(path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = edfio.read_edf(path)
        return file, [(m.onset, m.duration, m.text) for m in file.annotations]


def by_pyedflib(path):
    reader = pytest.importorskip("pyedflib").EdfReader(str(path))
    try:
        onsets, lasts, texts = reader.readAnnotations()
        signals = [reader.readSignal(i, digital=True) for i in range(reader.signals_in_file)]
        return reader.getStartdatetime(), list(zip(onsets, lasts, texts, strict=True)), signals
    finally:
        reader.close()


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (0.1234567, 0.123457),
        (-0.1234567, -0.12346),
        (7995.148, 7995.148),
        (-7995.392, -7995.39),
        (-16384.123, -16384.1),
        (123_456.78, 123_456.8),
        (1_234_567.8, 1_234_568),
        (123_456_789.4, 123_456_789),
    ],
)
def test_a_number_of_the_head_has_eight_characters(value, kept):
    assert edf._fitting(value) == kept


def test_two_readers_find_every_event_at_its_second(life, folder):
    file, marks = by_edfio(of(folder, NIGHT))
    start, others, _ = by_pyedflib(of(folder, NIGHT))
    with Store.open(life, create=False) as store:
        session = store.sessions(NIGHT)[0]
        truth = store.events(NIGHT)
    assert (
        start
        == datetime(2026, 3, 28, 22, 0, 1)
        == datetime.combine(file.startdate, file.starttime)
    )
    assert [m[2] for m in marks if "starts" in m[2]] == [
        "Recording starts (Europe/Rome, UTC+0100, clock estimated)"
    ]
    found = [m for m in marks if m[2].startswith(("Jerk", "Limb movement"))]
    assert len(found) == len(truth) > 50
    for event, (onset, duration, text) in zip(truth, found, strict=True):
        assert onset == pytest.approx(event["onset_s"], abs=5e-4)
        assert duration == pytest.approx(event["duration_s"], abs=5e-4)
        assert ("not counted" in text) == bool(event["left_out"])
        # Elapsed seconds: the hour that spring leaves out is none of them.
        assert event["onset_utc_ms"] == pytest.approx(
            session["start_utc_ms"] + onset * 1000, abs=1
        )
    assert [(round(o, 3), t) for o, _, t in others] == [(round(o, 3), t) for o, _, t in marks]
    assert [m[2] for m in marks].count(edf.MARK) == 1
    assert next(m[0] for m in marks if m[2] == edf.MARK) == pytest.approx(5400, abs=1e-3)


def test_the_person_is_x_and_the_device_says_that_it_is_virtual(folder):
    file, _ = by_edfio(of(folder, NIGHT))
    assert file.patient.name == file.patient.code == "X"
    assert file.recording.equipment_code == "notturno_simulated_5642000000000001"


def test_kept_samples_stand_bit_by_bit_where_the_annotation_says(folder):
    file, marks = by_edfio(of(folder, NIGHT))
    _, _, signals = by_pyedflib(of(folder, NIGHT))
    kept = [mark for mark in marks if mark[2] == edf.KEPT]
    assert len(kept) == 2 and len(file.signals) == 3
    for axis, signal in enumerate(file.signals):
        assert signal.sampling_frequency == 104 and signal.physical_dimension == "mg"
        assert np.array_equal(signal.digital, signals[axis])
        rest = signal.digital.copy()
        for onset, duration, _ in kept:
            at = round(onset * 104)
            assert np.array_equal(signal.digital[at : at + len(TRACE)], TRACE[:, axis])
            assert duration == pytest.approx(2.0, rel=1e-3)
            rest[at : at + len(TRACE)] = 0
        assert not rest.any()
        assert signal.data[round(kept[0][0] * 104) + 52] == pytest.approx(
            TRACE[52, axis] * 0.122, abs=0.01
        )


def test_a_recording_without_a_clock_has_no_date(folder):
    path = next(folder.glob(f"*_{OTHER}_*.edf"))
    file, marks = by_edfio(path)
    with pytest.raises(edfio.AnonymizedDateError):
        _ = file.startdate
    assert marks[0][2] == "Recording starts (time not known)"
    assert [mark[0] for mark in marks if mark[2].startswith("Jerk")] == [1200.0]


def test_without_signals_there_are_annotations_alone(life, tmp_path):
    out = exported(life, tmp_path / "edf", "edf", NIGHT)
    (path,) = out.glob("*.edf")
    assert path.name.endswith("_run-1.edf")
    file, marks = by_edfio(path)
    assert len(file.signals) == 0 and edf.KEPT not in {mark[2] for mark in marks}
    assert path.stat().st_size < 64_000
