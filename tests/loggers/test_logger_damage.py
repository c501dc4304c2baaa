"""Whatever a disk or a finger does to a file: a sentence or a recording, and no traceback."""

import io
import zipfile

import logger_files as files
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from notturno.errors import UserError
from notturno.loggers.load import load
from whole import whole_or

MG = files.limb_mg(30, hz=100, jerks=(10, 20))
SMALL = files.limb_mg(30, hz=30, jerks=(10, 20))


def zip_open(data):
    """A .gt3x whose log is stored as it is: damage meets our reader and not the zip's CRC."""

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("log.bin")


def lines(header, times, mg):
    rows = [header] + [
        f"{t},{x:.3f},{y:.3f},{z:.3f}" for t, (x, y, z) in zip(times, mg, strict=True)
    ]
    return "\n".join(rows).encode()


def parquet():

    import pyarrow
    from pyarrow import parquet as written

    stream = io.BytesIO()
    table = {"time_s": np.arange(len(MG)) / 100} | {
        f"{a}_mg": MG[:, k] for k, a in enumerate("xyz")
    }
    written.write_table(pyarrow.table(table), stream)
    return stream.getvalue()


FILES = {
    "packed.cwa": files.cwa(files.counts_of(MG, 3.90625)),
    "six.cwa": files.cwa(files.counts_of(MG, 1000 / 8192), form="six", code=0x8A),
    "whole.gt3x": files.gt3x(files.counts_of(SMALL, 1000 / 256), idle=((12, 16),)),
    "page.bin": files.geneactiv(np.round(MG / 3.90625).astype(int)),
    "packet.BIN": files.matrix(files.counts_of(MG, 8000 / 32768), seconds=10),
    "dates.csv": lines(
        "time,x_mg,y_mg,z_mg", [f"2026-01-27 22:00:{k / 100:06.3f}" for k in range(len(MG))], MG
    ),
    "seconds.csv": lines("time_s,x_mg,y_mg,z_mg", [k / 100 for k in range(len(MG))], MG),
    "table.parquet": parquet(),
}
LOG = zip_open(FILES["whole.gt3x"])
MANY = settings(
    max_examples=whole_or(40, 15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def read(path, data):
    """Load some bytes: what is given is plausible, what is refused is one sentence."""
    path.write_bytes(data)
    try:
        whole = load(path).recording
    except UserError as error:
        said = str(error)
        assert "\n" not in said and 20 < len(said) < 600
        return None
    assert 24 <= whole.odr_hz <= 213 and len(whole.acc) >= 3 * 24
    assert all(0 < at < len(whole.acc) and s >= 0 for at, s in whole.breaks)
    assert [at for at, _ in whole.breaks] == sorted({at for at, _ in whole.breaks})
    return whole


@pytest.mark.parametrize("name", FILES)
@MANY
@given(share=st.floats(0, 1))
def test_a_file_that_was_cut(tmp_path, name, share):
    data = FILES[name]
    read(tmp_path / name, data[: int(share * len(data))])


@pytest.mark.parametrize("name", FILES)
@MANY
@given(hits=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=30))
def test_a_file_with_flipped_bits(tmp_path, name, hits):
    data = bytearray(FILES[name])
    for share, bits in hits:
        data[min(len(data) - 1, int(share * len(data)))] ^= bits
    read(tmp_path / name, bytes(data))


@pytest.mark.parametrize("name", FILES)
@MANY
@given(at=st.floats(0, 1), size=st.integers(1, 3000), byte=st.integers(0, 255))
def test_a_file_with_a_stretch_of_one_byte(tmp_path, name, at, size, byte):
    data = bytearray(FILES[name])
    first = int(at * len(data))
    data[first : first + size] = bytes([byte]) * len(data[first : first + size])
    read(tmp_path / name, bytes(data))


@MANY
@given(hits=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), min_size=1, max_size=30))
def test_a_log_inside_a_whole_zip_with_flipped_bits(tmp_path, hits):
    log = bytearray(LOG)
    for share, bits in hits:
        log[min(len(log) - 1, int(share * len(log)))] ^= bits
    whole = read(tmp_path / "a.gt3x", files.gt3x_of(bytes(log)))
    # a damaged second is a gap; it never moves the others
    if whole is not None:
        assert whole.length_s <= 31


@pytest.mark.parametrize(
    "name", ["packed.cwa", "whole.gt3x", "page.bin", "packet.BIN", "dates.csv"]
)
@MANY
@given(noise=st.binary(min_size=0, max_size=4000))
def test_a_beginning_that_promises_more_than_follows(tmp_path, name, noise):
    read(tmp_path / name, FILES[name][:1100] + noise)


@pytest.mark.parametrize("name", ["packed.cwa", "whole.gt3x", "page.bin"])
def test_most_of_a_file_survives_one_byte_anywhere(tmp_path, name):
    """Of a file with checksums one byte costs a block: what was lost is said, not made up."""
    whole = read(tmp_path / name, FILES[name])
    rng = np.random.default_rng(5)
    for _ in range(30):
        data = bytearray(FILES[name] if name != "whole.gt3x" else LOG)
        data[int(rng.integers(1200, len(data) - 1200))] ^= int(rng.integers(1, 256))
        data = files.gt3x_of(bytes(data)) if name == "whole.gt3x" else bytes(data)
        hurt = read(tmp_path / name, data)
        assert len(hurt.acc) >= len(whole.acc) - 320
        assert hurt.length_s == pytest.approx(whole.length_s, abs=3.1)


@pytest.mark.parametrize("name", FILES)
def test_an_empty_file_and_a_folder_are_refused(tmp_path, name):
    assert read(tmp_path / name, b"") is None
    with pytest.raises(UserError):
        load(tmp_path)
    with pytest.raises(UserError, match="cannot be read"):
        load(tmp_path / "nobody.cwa")


def test_a_zip_that_says_it_is_endless_is_not_unpacked(tmp_path):
    log = b"\0" * (whole_or(300, 30) << 20)
    path = tmp_path / "bomb.gt3x"
    path.write_bytes(files.gt3x_of(log))
    assert path.stat().st_size < 2e6
    assert read(path, path.read_bytes()) is None


@pytest.mark.parametrize(("size", "refused"), [((1 << 31) + 1, True), (1 << 31, False)])
def test_a_zip_of_more_than_2_gb_is_refused_by_what_it_says(tmp_path, monkeypatch, size, refused):
    path = tmp_path / "large.gt3x"
    path.write_bytes(FILES["whole.gt3x"])
    told = zipfile.ZipFile.getinfo

    def getinfo(archive, name):
        found = told(archive, name)
        if found.filename == "log.bin":
            found.file_size = size
        return found

    monkeypatch.setattr(zipfile.ZipFile, "getinfo", getinfo)
    if refused:
        with pytest.raises(UserError, match="holds over 2 GB; cut it in parts"):
            load(path)
    else:
        assert len(load(path).recording.acc) > 0


def test_seconds_lost_all_over_a_short_file_leave_the_others_where_they_were(tmp_path):
    """With a second in six gone no stretch is whole; the logger's own word for its rate is."""
    log = bytearray(LOG)
    for share in (0.125, 0.25, 0.59375, 0.75, 0.875):
        log[int(share * len(log))] ^= 1
    whole = read(tmp_path / "a.gt3x", files.gt3x_of(bytes(log)))
    assert whole.odr_hz == pytest.approx(30, rel=0.002)
    assert whole.length_s == pytest.approx(30, abs=0.1)


def test_an_actigraph_file_whose_seconds_hold_another_rate_is_read_at_theirs(tmp_path):
    acc = files.counts_of(files.limb_mg(60, 30), 1000 / 256)
    data = files.gt3x(acc, 30)
    (tmp_path / "a.gt3x").write_bytes(with_info(data, "Sample Rate: 30", "Sample Rate: 60"))
    found = load(tmp_path / "a.gt3x").recording
    assert found.odr_hz == pytest.approx(30) and not found.breaks and found.length_s == 60
    assert "rate" in {note.code for note in found.notes}


def test_a_file_that_ends_before_its_word_says_so(tmp_path):
    acc = files.counts_of(files.limb_mg(60, 30), 1000 / 256)
    last = int((files.START_S + 60) * 10_000_000) + 621_355_968_000_000_000
    end = f"Sample Rate: 30\r\nLast Sample Time: {last}"
    data = with_info(files.gt3x(acc, 30), "Sample Rate: 30", end)
    (tmp_path / "a.gt3x").write_bytes(data)
    assert "ends_early" not in {note.code for note in load(tmp_path / "a.gt3x").recording.notes}
    data = with_info(files.gt3x(acc[:1200], 30), "Sample Rate: 30", end)
    (tmp_path / "a.gt3x").write_bytes(data)
    notes = {note.code: note for note in load(tmp_path / "a.gt3x").recording.notes}
    assert "20 s" in str(notes["ends_early"].reason)
    raw = files.counts_of(files.limb_mg(60, 100), 1000 / 256)
    data = files.geneactiv(raw).replace(b"Number of Pages:9", b"Number of Pages:20")
    (tmp_path / "g.bin").write_bytes(data)
    assert not load(tmp_path / "g.bin").recording.notes
    (tmp_path / "g.bin").write_bytes(data[: data.index(b"Sequence Number:12")])
    notes = {note.code: note for note in load(tmp_path / "g.bin").recording.notes}
    assert "12 of 20 pages" in str(notes["ends_early"].reason)


def with_info(data, old, new):
    """A .gt3x with a line of its info.txt changed."""
    before, after = zipfile.ZipFile(io.BytesIO(data)), io.BytesIO()
    with zipfile.ZipFile(after, "w") as archive:
        for name in before.namelist():
            held = before.read(name)
            changed = held.replace(old.encode(), new.encode()) if name == "info.txt" else held
            archive.writestr(name, changed)
    return after.getvalue()
