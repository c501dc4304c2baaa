"""Whatever a file holds: it is understood, or it is one sentence. No third thing."""

import json

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from notturno.errors import UserError
from notturno.files import lossless, taking
from test_files_in import ANDROID, FITBIT, NSRR, OURA, PLAIN, REMLOGIC, TAKEOUT
from whole import whole_or

GOOD = (
    ANDROID.encode(),
    FITBIT.encode(),
    PLAIN.encode(),
    json.dumps(TAKEOUT).encode(),
    json.dumps(OURA).encode(),
    REMLOGIC.format(date="28/03/2026").encode(),
    NSRR.encode(),
    b"night,what,amount\n2026-03-28,tea,1\n",
    b"onset_s,stage\n0,W\n30,N2\n",
    b'{"schema":"notturno-export-1","pieces":[],"end":{"sha256":"","pieces":0,"hashes":{}}}',
    b'{"schema":"notturno-records-1","device_id":"5642000000000001"}',
)


def understood(folder, data):
    path = folder / "file"
    path.write_bytes(data)
    try:
        return taking.understood(path, data, "Europe/Rome")
    except UserError as error:
        assert str(error).strip() and "\n" not in str(error)
        return None


@settings(
    max_examples=whole_or(150, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=6)), max_size=4),
)
@example(FITBIT.encode(), [(7, b"\0"), (100, b'"')])
def test_a_harmed_file_is_understood_or_told(tmp_path, good, harms):
    data = bytearray(good)
    for at, instead in harms:
        at %= len(data) + 1
        data[at : at + max(len(instead), 1)] = instead
    understood(tmp_path, bytes(data))


@settings(
    max_examples=whole_or(100, 40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.binary(max_size=300))
@example(b'bed,wake\n"')
@example(b"bed,wake\n" + b"x" * 200_000 + b",1\n")
@example(b"bed,wake\na\0b,c\n")
@example(b"Start Time,End Time,Minutes Asleep\n1\n")
@example(b"\xef\xbb\xbf[[[[")
@example(b'<?xml version="1.0" encoding="x"?><PSGAnnotation/>')
@example(b'{"schema":"notturno-export-1"}')
@example(b"[1e999]")
@example(b'[{"startTime": 1e999, "endTime": {}}]')
def test_garbage_is_told(tmp_path, data):
    understood(tmp_path, data)


@pytest.mark.parametrize("good", GOOD[:9])
def test_the_good_ones_are_understood(tmp_path, good):
    assert understood(tmp_path, good) is not None


@settings(max_examples=60, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=9))
def test_a_document_of_strange_pieces_is_told(value):
    document = {"schema": lossless.SCHEMA, "pieces": value, "end": {"sha256": "", "pieces": 0}}
    with pytest.raises(UserError):
        lossless.parsed(json.dumps(document).encode(), "x")


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """Return the bytes of a small EDF+ file with annotations."""
    edfio = pytest.importorskip("edfio")
    path = tmp_path_factory.mktemp("edf") / "lab.edf"
    marks = [edfio.EdfAnnotation(30.0 * i, 30.0, f"Sleep stage N{i % 3 + 1}") for i in range(20)]
    edfio.Edf([], annotations=marks).write(path)
    return path.read_bytes()


@settings(
    max_examples=whole_or(150, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=4), st.integers(0, 9)
)
@example([(184, 0x20), (185, 0x20)], 9)
@example([(252, 0x39)], 9)
@example([(236, 0x39)], 9)
def test_a_harmed_recording_is_understood_or_told(tmp_path, recording, harms, tenths):
    data = bytearray(recording)
    for at, value in harms:
        data[at % len(data)] = value
    path = tmp_path / "lab.edf"
    path.write_bytes(bytes(data[: len(data) * (tenths + 1) // 10]))
    try:
        taking.understood(path, path.read_bytes(), "UTC")
    except UserError as error:
        assert "lab.edf" in str(error)
