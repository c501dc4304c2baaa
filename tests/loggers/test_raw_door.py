"""Files that a maker's older firmware, a program or a disk has left otherwise than the usual ones.

Each is decoded a second time here, value by value and not by our readers.
"""

import random
from datetime import timedelta

import logger_files as files
import numpy as np
import pytest
from notturno.errors import UserError
from notturno.loggers import actigraph
from notturno.loggers.load import load

GENE_MG = 1000 / 256
PAGE_S = 3


def saved(tmp_path, data, name):
    (tmp_path / name).write_bytes(data)
    return tmp_path / name


def codes(recording):
    return {note.code for note in recording.notes}


# --- ActiGraph ----------------------------------------------------------------------------------


def twelve_bit_rows(data):
    """Return (x, y, z) of bytes that hold y, x, z in 12 bits each, as far as rows are whole."""
    bits = "".join(f"{byte:08b}" for byte in data)
    values = [int(bits[at : at + 12], 2) for at in range(0, len(bits) - 11, 12)]
    signed = [value - 4096 if value > 2047 else value for value in values]
    return [(x, y, z) for y, x, z in zip(*(iter(signed),) * 3, strict=False)]


def old_gt3x(log, **more):
    return files.gt3x_of(log, 30, None, "NEO1B0000", inner="activity.bin", **more)


@pytest.mark.parametrize("samples", [3600, 3599])
def test_the_older_actigraph_file_keeps_its_last_sample_though_it_ends_in_half_a_byte(
    tmp_path, samples
):
    acc = files.counts_of(files.limb_mg(120, 30.0), 1000 / 341)[:samples]
    log = files.twelve(acc[:, [1, 0, 2]].reshape(-1))
    found = load(saved(tmp_path, old_gt3x(log), "old.gt3x")).recording
    assert found.acc.tolist() == [list(row) for row in twelve_bit_rows(log)] == acc.tolist()
    assert (found.mg_per_lsb, found.odr_hz) == (1000 / 341, pytest.approx(30))


def test_the_makers_own_example_of_the_older_file():
    """actigraph/NHANES-GT3X-File-Format, fileformats/activity.bin.md: y stands before x."""
    data = bytes.fromhex("006008EBD007009EBF007008EBF0")
    told = [[8, 6, -323], [9, 7, -321], [8, 7, -321]]
    assert actigraph._counts(actigraph._ACTIVITY, data).tolist() == told
    assert [list(row) for row in twelve_bit_rows(data)] == told


def test_both_packings_of_actigraph_in_one_log(tmp_path):
    acc = files.counts_of(files.limb_mg(120, 30.0), 1000 / 341)
    log, told = b"", []
    for k in range(120):
        part, second = acc[30 * k : 30 * k + 30], int(files.START_S) + k
        if random.Random(k).random() < 0.5:
            log += files.record(26, second, part.astype("<i2").tobytes())
            told += part.tolist()
        else:
            payload = files.twelve(part[:, [1, 0, 2]].reshape(-1))
            log += files.record(0, second, payload)
            told += [list(row) for row in twelve_bit_rows(payload)]
    found = load(saved(tmp_path, files.gt3x_of(log, 30, 341.0), "a.gt3x")).recording
    assert found.acc.tolist() == told == acc.tolist() and not found.breaks


# --- GENEActiv ----------------------------------------------------------------------------------


@pytest.fixture
def limb():
    return files.counts_of(files.limb_mg(120, 100.0), GENE_MG)


def parts_of(data):
    """Return (header, pages) of a GENEActiv file's bytes."""
    head, *pages = data.split(b"Recorded Data\r\n")
    return head, [b"Recorded Data\r\n" + page for page in pages]


def swapped(pages):
    pages[5], pages[9] = pages[9], pages[5]
    return pages


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        (swapped, 4),
        (lambda pages: pages[20:] + pages[:20], 20),
        (lambda pages: [*pages[:7], pages[3], *pages[7:]], 1),
        (lambda pages: random.Random(3).sample(pages, len(pages)), None),
    ],
    ids=["two", "the first half last", "one twice", "all"],
)
def test_pages_out_of_their_order_are_put_back_by_number_and_time(tmp_path, limb, change, moved):
    data = files.geneactiv(limb)
    head, pages = parts_of(data)
    whole = load(saved(tmp_path, data, "whole.bin")).recording
    path = saved(tmp_path, head + b"".join(change(list(pages))), "other.bin")
    found = load(path).recording
    assert (found.acc == whole.acc).all() and len(found.acc) == len(whole.acc)
    assert not found.breaks and found.start_local_s == whole.start_local_s
    (note,) = [note for note in found.notes if note.code == "order"]
    assert moved is None or note.n == moved
    assert "order" not in codes(whole)


def test_a_page_whose_number_alone_is_wrong_moves_no_other(tmp_path, limb):
    head, pages = parts_of(files.geneactiv(limb))
    pages[7] = pages[7].replace(b"Sequence Number:7", b"Sequence Number:2")
    found = load(saved(tmp_path, head + b"".join(pages), "a.bin")).recording
    whole = load(saved(tmp_path, files.geneactiv(limb), "b.bin")).recording
    assert (found.acc == whole.acc).all() and "order" not in codes(found)


def at_another_rate(pages, first, hz):
    """Return pages of which those from `first` on were recorded at another rate."""
    out = pages[:first]
    for k, page in enumerate(pages[first:]):
        when = files.START + timedelta(seconds=first * PAGE_S + k * 300 / hz)
        lines = []
        for line in page.split(b"\r\n"):
            if line.startswith(b"Page Time"):
                line = (
                    f"Page Time:{when:%Y-%m-%d %H:%M:%S}:{when.microsecond // 1000:03d}".encode()
                )
            elif line.startswith(b"Measurement Frequency"):
                line = f"Measurement Frequency:{hz}".encode()
            lines.append(line)
        out.append(b"\r\n".join(lines))
    return out


@pytest.mark.parametrize(("first", "hz"), [(20, 50.0), (36, 50.0), (4, 66.7), (20, 85.7)])
def test_a_file_whose_rate_changes_is_refused_and_told_both(tmp_path, limb, first, hz):
    head, pages = parts_of(files.geneactiv(limb))
    path = saved(tmp_path, head + b"".join(at_another_rate(pages, first, hz)), "a.bin")
    with pytest.raises(
        UserError, match=r"100 .*" + f"{hz:g}" + "|" + f"{hz:g}" + r" .*100"
    ) as said:
        load(path)
    assert "rate changes" in str(said.value)


def test_two_pages_whose_rate_was_damaged_refuse_no_file(tmp_path, limb):
    head, pages = parts_of(files.geneactiv(limb))
    for k in (8, 9):
        pages[k] = pages[k].replace(b"Frequency:100.0", b"Frequency:900.0")
    assert len(load(saved(tmp_path, head + b"".join(pages), "a.bin")).recording.acc) == len(limb)


def test_the_words_of_a_header_are_known_whatever_their_case(tmp_path, limb):
    data = files.geneactiv(limb, gains=(25000, 25600, 26000), offsets=(-40, 0, 77))
    other = data.replace(b"x gain:", b"X Gain : ").replace(b"z offset:", b"Z OFFSET:")
    whole = load(saved(tmp_path, data, "a.bin")).recording
    found = load(saved(tmp_path, other, "b.bin")).recording
    assert (found.acc == whole.acc).all() and found.mg_per_lsb == whole.mg_per_lsb


@pytest.mark.parametrize("missing", [b"x gain", b"y offset"])
def test_a_header_without_its_calibration_is_refused_by_its_name(tmp_path, limb, missing):
    lines = files.geneactiv(limb).split(b"\r\n")
    data = b"\r\n".join(line for line in lines if not line.startswith(missing))
    with pytest.raises(UserError, match=missing.decode()):
        load(saved(tmp_path, data, "a.bin"))


# --- Movisens -----------------------------------------------------------------------------------


def told_of(folder, change):
    path = folder / "unisens.xml"
    path.write_text(change(path.read_text()))
    return folder


@pytest.mark.parametrize("channels", [1, 2, 4, 6])
def test_an_acc_bin_of_other_than_three_channels_is_refused(tmp_path, channels):
    acc = files.counts_of(files.limb_mg(60, 64.0), 1000 / 2048)
    folder = files.movisens(tmp_path / "a", acc)
    tags = "".join(f"<channel name='c{k}'/>" for k in range(channels))
    three = "<channel name='accX'/><channel name='accY'/><channel name='accZ'/>"
    told_of(folder, lambda text: text.replace(three, tags))
    with pytest.raises(UserError, match=f"{channels} channels"):
        load(folder)


@pytest.mark.parametrize("hz", [32.0, 64.0, 128.0])
@pytest.mark.parametrize(
    ("kind", "form", "zero"), [("uint16", "<u2", 32768), ("int32", "<i4", -50)]
)
def test_whole_numbers_of_other_sizes_are_read_by_their_baseline(tmp_path, hz, kind, form, zero):
    mg = files.limb_mg(60, hz)
    values = np.round(mg * 2.048).astype(int) + zero
    folder = files.movisens(tmp_path / "a", values, hz=hz, kind=kind)
    (folder / "acc.bin").write_bytes(values.astype(form).tobytes())
    told_of(folder, lambda text: text.replace('unit="g"', f'unit="g" baseline="{zero}"'))
    found = load(folder).recording
    assert found.odr_hz == hz
    step = found.mg_per_lsb
    told = [[round((v - zero) / 2.048 / step) for v in row] for row in values.tolist()]
    assert np.abs(found.acc - np.array(told)).max() == 0


# --- clocks -------------------------------------------------------------------------------------


def sealed(block):
    """Return a .cwa's block with its checksum made anew."""
    total = sum(block[k] + (block[k + 1] << 8) for k in range(0, 510, 2)) & 0xFFFF
    return bytes(block[:510]) + (-total & 0xFFFF).to_bytes(2, "little")


def each_block(data, change):
    """Return a .cwa whose blocks were changed: change(number, bytearray)."""
    out = [data[:1024]]
    for number, at in enumerate(range(1024, len(data), 512)):
        block = bytearray(data[at : at + 512])
        change(number, block)
        out.append(sealed(block))
    return b"".join(out)


@pytest.mark.parametrize("seconds", [600, 3600 + 300])
def test_a_clock_set_back_an_hour_within_a_recording_however_short(tmp_path, seconds):
    """As for the end of summer time: by the count of blocks nothing is lost."""
    hz, half = 50.0, seconds // 2 // 12 * 12
    acc = files.counts_of(files.limb_mg(2 * half, hz), 1000 / 256)
    first = files.cwa(acc[: int(half * hz)], hz, code=0x49)
    then = files.cwa(
        acc[int(half * hz) :], hz, start=files.START + timedelta(seconds=half - 3600), code=0x49
    )
    blocks = (len(first) - 1024) // 512

    def number_on(number, block):
        block[10:14] = (number + blocks).to_bytes(4, "little")

    data = first + each_block(then, number_on)[1024:]
    found = load(saved(tmp_path, data, "autumn.cwa")).recording
    assert (found.acc == acc).all() and found.odr_hz == pytest.approx(hz, rel=1e-4)
    ((at, missing_s),) = found.breaks
    assert (at, missing_s) == (half * hz, 0)
    assert codes(found) == {"clock_back", "coarse"}


def test_a_recording_backwards_is_still_refused(tmp_path):
    rows = [f"{k / 50:.2f},{20 + k % 3},5,1000" for k in range(3000)][::-1]
    text = "\n".join(["time_s,x_mg,y_mg,z_mg", *rows])
    with pytest.raises(UserError, match="forward"):
        load(saved(tmp_path, text.encode(), "a.csv"))


def test_the_oldest_axivity_blocks_say_their_rate_where_later_ones_have_an_offset(tmp_path):
    """Rate code 0, whole seconds: the offset's field holds the rate."""
    acc = files.counts_of(files.limb_mg(300, 100.0), 1000 / 256)

    def as_of_old(number, block):
        block[24], block[4:6] = 0, bytes(2)
        block[26:28] = (100).to_bytes(2, "little")

    path = saved(tmp_path, each_block(files.cwa(acc), as_of_old), "old.cwa")
    found = load(path).recording
    assert (found.acc == acc).all() and not found.breaks
    assert found.odr_hz == pytest.approx(100, rel=1e-3)
    assert abs(found.start_local_s - files.START_S) <= 1
