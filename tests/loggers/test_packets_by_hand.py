"""Packets, pages and headers of loggers, byte by byte: what each number in them becomes.

Layouts are those that the readers' docstrings name; every figure here was counted by hand.
"""

import calendar
import math
import struct
import zlib

import numpy as np
import pytest
from notturno.errors import UserError
from notturno.loggers import axivity, geneactiv, matrix, movisens, pages, parquet
from notturno.loggers.raw import signed_12


@pytest.mark.parametrize(
    ("packed", "values"),
    [
        ("", []),
        ("12", []),
        ("1234", [0x123]),
        ("123456", [0x123, 0x456]),
        ("12345678", [0x123, 0x456]),
        ("123456789A", [0x123, 0x456, 0x789]),
        ("800FFF", [-2048, -1]),
        ("7FF801", [2047, -2047]),
    ],
)
def test_twelve_bits_a_value_big_end_first(packed, values):
    assert signed_12(np.frombuffer(bytes.fromhex(packed), np.uint8)).tolist() == values


# --- Matrix --------------------------------------------------------------------------------------


def packet(first_s, last_s, counts, acc=()):
    body = struct.pack("<II4I", first_s, last_s, *counts)
    body += b"".join(struct.pack("<3h", *row) for row in acc)
    body += b"\7" * (6 * counts[1] + 4 * counts[2] + 4 * counts[3])
    return b"MDTCPACK" + struct.pack("<I", zlib.crc32(body)) + body


HEAD = bytes(512) + b"MDTC" + bytes(4) + struct.pack("<H", 16)
ROWS = [[1, -2, 3], [300, -400, 32767], [-32768, 0, 9], [4, 5, 6], [7, 8, 9]]
ONE, TWO = packet(100, 102, (2, 1, 3, 2), ROWS[:2]), packet(110, 113, (3, 0, 0, 0), ROWS[2:])


def test_packets_behind_one_another_with_what_else_they_hold():
    assert matrix.is_matrix(HEAD) and not matrix.is_matrix(HEAD[1:])
    raw = matrix.read(HEAD + ONE + TWO, "x")
    assert raw.acc.tolist() == ROWS and raw.mg_per_lsb == 16_000 / 32_768
    assert (raw.index.tolist(), raw.stamps_s.tolist()) == ([0, 2, 2, 5], [100, 102, 110, 113])
    assert (raw.range_g, raw.resolution_s, raw.guarded_hz) == (16.0, 1.0, 1.0)  # 5 in 2 + 3 s
    assert raw.notes == ()


def test_a_packet_without_samples_says_nothing_of_the_rate():
    raw = matrix.read(HEAD + ONE + packet(104, 190, (0, 0, 1, 0)) + TWO, "x")
    assert (raw.acc.tolist(), raw.stamps_s.tolist()) == (ROWS, [100, 102, 110, 113])
    assert matrix.read(HEAD + packet(5, 5, (2, 0, 0, 0), ROWS[:2]), "x").guarded_hz is None


@pytest.mark.parametrize(
    ("data", "kept", "lost"),
    [
        (ONE + TWO[:35], 2, 1),  # a head of 36 bytes
        (ONE + TWO[:36], 2, 1),
        (ONE + TWO[:-1], 2, 1),
        (ONE[:20] + b"\0" + ONE[21:] + TWO, 3, 1),
        (TWO[:-1] + ONE[:-1] + TWO, 3, 2),
        (b"MDTCPACK" * 3 + ONE, 2, 3),
    ],
)
def test_packets_that_are_not_whole_are_counted(data, kept, lost):
    raw = matrix.read(HEAD + data, "x")
    assert len(raw.acc) == kept
    assert [(note.code, note.n) for note in raw.notes] == [("blocks_lost", lost)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (HEAD[:-1], "names no range"),
        (HEAD[:-2] + b"\0\0" + ONE, "names no range"),
        (HEAD, "no whole packet"),
        (HEAD + packet(1, 2, (0, 0, 1, 0)), "no whole packet"),
    ],
)
def test_a_matrix_without_a_range_or_a_packet(data, words):
    with pytest.raises(UserError, match=words):
        matrix.read(data, "x")


# --- Movisens ------------------------------------------------------------------------------------


def movisens_of(folder, data, entry, start='timestampStart="1970-01-02T00:00:01.500"'):
    text = f'<unisens {start}><signalEntry id="ACC.bin" {entry}/></unisens>'
    (folder / "unisens.xml").write_text(text)
    (folder / "ACC.bin").write_bytes(data)
    return movisens.read(folder, "x")


G, MS2 = 1000.0, 1000 / 9.80665


@pytest.mark.parametrize(
    ("entry", "form", "values", "counts", "step_mg"),
    [
        ('lsbValue="0.5" unit="g"', "<3h", (2, -3, 4), [2, -3, 4], 0.5 * G),
        ('lsbValue="0.5"', "<3h", (2, -3, 4), [2, -3, 4], 0.5 * G),
        ('unit="g"', "<3h", (2, -3, 4), [2, -3, 4], G),
        ('lsbValue="2" unit="MG"', "<3h", (2, -3, 4), [2, -3, 4], 2.0),
        ('lsbValue="0.01" unit="m/s2"', "<3h", (2, -3, 4), [2, -3, 4], 0.01 * MS2),
        ('lsbValue="0.01" unit="m/s^2"', "<3h", (2, -3, 4), [2, -3, 4], 0.01 * MS2),
        # the others become counts of 1/4096 g
        ('dataType="int8" lsbValue="0.015625" unit="g"', "<3b", (64, -64, 1),
         [4096, -4096, 64], G / 4096),
        ('dataType="uint8" lsbValue="0.015625" baseline="128"', "<3B", (192, 64, 129),
         [4096, -4096, 64], G / 4096),
        ('dataType="uint16" lsbValue="0.015625"', "<3H", (64, 0, 1), [4096, 0, 64], G / 4096),
        ('dataType="uint32" lsbValue="0.015625"', "<3I", (64, 0, 1), [4096, 0, 64], G / 4096),
        ('dataType="int32" lsbValue="0.015625"', "<3i", (-64, 0, 1), [-4096, 0, 64], G / 4096),
        ('dataType="INT32" unit="g"', "<3i", (9, -9, 1), [32767, -32768, 4096], G / 4096),
        ('dataType="float" unit="g"', "<3f", (1.0, math.nan, -0.5), [4096, 0, -2048], G / 4096),
        ('dataType="double" unit="mg"', "<3d", (1000.0, 0.3, 0.1), [4096, 1, 0], G / 4096),
        ('baseline="10" lsbValue="0.25"', "<3h", (14, 6, 10), [4096, -4096, 0], G / 4096),
        ('lsbValue="-0.25" unit="g"', "<3h", (4, 0, 1), [-4096, 0, -1024], G / 4096),
    ],
)  # fmt: skip
def test_values_become_what_type_unit_and_baseline_say(
    tmp_path, entry, form, values, counts, step_mg
):
    raw = movisens_of(tmp_path, struct.pack(form, *values), entry + ' sampleRate="64"')
    assert raw.acc.tolist() == [counts] and raw.mg_per_lsb == pytest.approx(step_mg, rel=1e-12)


def test_a_recording_begins_at_its_start_and_ends_by_its_rate(tmp_path):
    data = struct.pack("<8h", *range(8))  # two samples, and a part of one
    raw = movisens_of(tmp_path, data, 'sampleRate="32"')
    assert raw.acc.tolist() == [[0, 1, 2], [3, 4, 5]] and raw.index.tolist() == [0, 2]
    assert raw.stamps_s.tolist() == [86_401.5, 86_401.5 + 2 / 32] and raw.is_dated
    slow = movisens_of(tmp_path, data, 'sampleRate="0.5"')
    assert slow.stamps_s.tolist() == [86_401.5, 86_401.5 + 2 / 0.5]
    for start in ("", 'timestampStart="soon"'):
        raw = movisens_of(tmp_path, data, 'sampleRate="32"', start)
        assert raw.stamps_s.tolist() == [0, 2 / 32] and not raw.is_dated


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("", "names no sampleRate"),
        ('sampleRate="fast"', "names no sampleRate"),
        ('sampleRate="0"', "which is not known"),
        ('sampleRate="-1"', "which is not known"),
        ('sampleRate="9" unit="V"', "which is not known"),
        ('sampleRate="9" dataType="int64"', "which is not known"),
        ('sampleRate="9" lsbValue="nan"', "names no lsbValue"),
        ('sampleRate="9" baseline="inf"', "names no baseline"),
    ],
)
def test_what_an_index_must_say(tmp_path, entry, words):
    with pytest.raises(UserError, match=words):
        movisens_of(tmp_path, bytes(60), entry)


def test_a_folder_is_known_by_its_index(tmp_path):
    (tmp_path / "none").mkdir()
    (tmp_path / "unisens.xml").write_text("")
    named = {name: movisens.folder_of(tmp_path / name) for name in ("", "ACC.BIN", "unisens.xml")}
    assert set(named.values()) == {tmp_path}
    for name in ("other.bin", "none", "none/acc.bin"):
        assert movisens.folder_of(tmp_path / name) is None


# --- pages ---------------------------------------------------------------------------------------


def test_around_a_page_are_ten_on_each_side():
    around = pages._around(np.arange(25.0))
    assert [around[k] for k in (0, 1, 12, 23, 24)] == [5, 5, 12, 18, 19]
    holes = np.full(25, np.nan)
    assert np.isnan(pages._around(holes)).all()
    holes[3] = 7.0
    found = pages._around(holes)
    assert (found[:14] == 7).all() and np.isnan(found[14:]).all()


def lasting(*each_s, numbers=None):
    stamps_s = np.cumsum([0.0, *each_s])
    numbers = np.arange(len(stamps_s)) if numbers is None else np.array(numbers)
    return pages._page_s(numbers.astype(float), stamps_s, 3.0)


def test_how_long_a_page_lasts_is_told_by_neighbours_within_five_percent():
    assert lasting(3.1, 3.0, 3.0) == 3.0
    assert lasting(3.147, 3.147) == pytest.approx(3.147)
    assert lasting(2.853, 2.853) == pytest.approx(2.853)
    assert lasting(3.153, 3.153) == lasting(2.847) == 3.0  # its word
    assert lasting(9.0, 3.06, numbers=[0, 1, 2]) == pytest.approx(3.06)
    assert lasting(3.06, 6.0, 3.06, numbers=[0, 1, 3, 4]) == pytest.approx(3.06)


def test_of_ten_pages_the_mean_of_most_is_taken_and_of_nine_the_median():
    low_s, high_s = 3 - 1 / 64, 3 + 1 / 64
    assert lasting(*[low_s] * 5, *[high_s] * 4) == low_s
    assert lasting(*[low_s] * 6, *[high_s] * 4) == pytest.approx(3 - 0.2 / 64)
    # a tenth at either end is left out
    found_s = lasting(2.875, *[low_s] * 12, *[high_s] * 6, 3.125)
    assert found_s == pytest.approx(3 - 1 / 192)


# numbers before and behind, the page's own number, the number that its stamp says -> its number
NUMBERS = [
    (10, 12, 77, math.nan, 11),  # no page is lost: its place says it
    (10, 15, 12, math.nan, 12),
    (10, 15, 11, math.nan, 11),
    (10, 15, 14, math.nan, 14),
    (10, 15, 10, math.nan, None),
    (10, 15, 15, math.nan, None),
    (10, 15, 20, 13.0, 13),
    (10, 15, 20, 11.0, 11),
    (10, 15, 20, 14.0, 14),
    (10, 15, 20, 10.0, None),
    (10, 15, 20, 15.0, None),
    (10, 15, 20, 13.125, 13),
    (10, 15, 20, 12.875, 13),
    (10, 15, 20, 13.126, None),
    (10, 15, 12, 13.0, None),  # both could be
    (10, 15, 12, 17.0, 12),
    (None, 8, 7, math.nan, 7),  # at an end: what goes on with the neighbours
    (None, 8, 6, math.nan, None),
    (None, 8, 2, 7.0, 7),
    (None, 8, 2, 6.0, None),
    (5, None, 6, math.nan, 6),
    (5, None, 7, math.nan, None),
    (5, None, 90, 6.0, 6),
    (5, None, 90, 7.0, None),
]


@pytest.mark.parametrize(("before", "after", "said", "counted", "number"), NUMBERS)
def test_the_number_of_a_page_whose_count_and_stamp_do_not_agree(
    before, after, said, counted, number
):
    numbers = np.array([before or 0, said, after or 0], float)
    at = None if before is None else 0, None if after is None else 2
    assert pages._number(1, *at, numbers, counted, 0.125) == number


def test_stamps_that_are_coarse_may_be_six_times_as_far_off_as_is_usual():
    """Stamps are 0, 0.04 and 0.08 s late by turns: two of three are 0.04 s off the middle one."""
    numbers = np.arange(40.0)
    stamps_s = 3 * numbers + numbers % 3 * 0.04
    for late_s, good in ((0.04 + 0.2, True), (0.04 + 0.28, False)):
        late = stamps_s.copy()
        late[21] += late_s
        found = pages.placed(numbers, late, 3.0)
        assert np.isfinite(found.stamps_s[21]) == good and found.keep.all()
        assert np.isfinite(np.delete(found.stamps_s, 21)).all()


def test_a_page_without_count_and_stamp_is_told_by_the_page_right_before_and_behind_it():
    """Of 44 pages four are lost: 19 and 20, and 28 and 29; 22 and 26 say nothing themselves."""
    numbers = np.array([n for n in range(44) if n not in (19, 20, 28, 29)], float)
    stamps_s = 3 * numbers
    for blank in (22, 26):
        at = int(np.flatnonzero(numbers == blank)[0])
        said, when = numbers.copy(), stamps_s.copy()
        said[at], when[at] = math.nan, math.nan
        found = pages.placed(said, when, 3.0)
        assert found.numbers.tolist() == numbers.tolist() and found.keep.all()
        assert pages.lost_before(found.numbers, found.stamps_s, 3.0).sum() == 4


# --- GENEActiv -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "lost"),
    [([0, 1, 3], [0, 0, 1]), ([0, 1, None], [0, 0]), ([0, None, None], [0, 0, 0])],
)
def test_pages_are_placed_by_their_times_alone_where_most_have_no_number(numbers, lost):
    """A page of 300 samples at 100 Hz lasts 3 s: of four pages the third is missing."""
    stamps_s = np.array([0.0, 3.0, 9.0])
    numbers = np.array([math.nan if n is None else n for n in numbers])
    place, found = geneactiv._placed(numbers, stamps_s, [100.0, 100.0, 0.0, 1000.0], 3)
    assert found.tolist() == lost and place.keep.sum() == len(lost)
    assert place.page_s == pytest.approx(3)
    stamps_s[1] = math.nan
    place, lost = geneactiv._placed(np.full(3, math.nan), stamps_s, [math.nan], 3)
    assert place.keep.tolist() == [True, False, True] and lost.tolist() == [0, 0]


def test_where_pages_are_lost_or_short_the_next_begins_later():
    index, holes = geneactiv._index(np.array([300, 300, 250, 300]), np.array([0, 1, 0, 0]))
    assert index.tolist() == [0, 600, 900, 1200] and holes == ((300, 300), (850, 50))
    index, holes = geneactiv._index(np.array([0, 0, 300]), np.array([2, 0, 0]))
    assert index.tolist() == [-600, -300, 0] and holes == ()


def test_counts_are_calibrated_to_quarters_of_the_loggers_own():
    """(raw * 100 - offset) / gain is in g: 256 of a gain of 25600 are 1 g, 1024 of our counts."""
    raw = np.array([[256, 256, 256], [-2048, 2047, 0]], np.int16)
    acc, mg_per_lsb = geneactiv._calibrated(raw, [25_600] * 3, [0, 100, -100])
    assert mg_per_lsb == 1000 / 1024
    assert acc.tolist() == [[1024, 1020, 1028], [-8192, 8184, 4]]
    acc, mg_per_lsb = geneactiv._calibrated(raw[:1], [-25_600, 25_600, 51_200], [0, 0, 0])
    assert mg_per_lsb == pytest.approx(100 / 34_133.333 * 250)
    assert acc.tolist() == [[-1365, 1365, 683]]


@pytest.mark.parametrize(
    ("head", "numbers", "missing"),
    [
        (b"Number of Pages: 20", range(12), 8),
        (b"Number of Pages:13", range(12), 1),
        (b"Number of Pages:12", range(12), None),
        (b"Number of Pages:2", [math.nan], 2),
        (b"Number of Pages:2", [0, math.nan, 1], None),
        (b"", range(3), None),
    ],
)
def test_how_many_pages_are_missing_at_the_end(head, numbers, missing):
    notes = geneactiv._early(head, np.array(numbers, float))
    assert [(note.code, note.n) for note in notes] == (
        [("ends_early", missing)] if missing else []
    )


@pytest.mark.parametrize(
    ("rates", "refused"),
    [
        ([100.0] * 5 + [50.0] * 2 + [100.0], False),
        ([100.0] * 5 + [50.0] * 3, True),
        ([100.0] * 5 + [104.9] * 3, False),
        ([100.0] * 5 + [105.1] * 3, True),
        ([100.0] * 5 + [94.9] * 3, True),
        ([100.0] * 5 + [1000.0] * 3 + [0.0] * 3 + [math.nan] * 3, False),
        ([100.0] * 5 + [999.0] * 3, True),
        ([], False),
    ],
)
def test_three_pages_on_end_of_another_rate_are_another_recording(rates, refused):
    if not refused:
        geneactiv._check_rates(rates, "x")
        return
    with pytest.raises(UserError, match="its rate changes, from 100 "):
        geneactiv._check_rates(rates, "x")


def samples(n, *changes):
    """Samples whose bytes all differ; changes: (sample, its six bytes)."""
    packed = np.arange(6 * n, dtype=np.uint8).reshape(n, 6) % 97 * 2
    for at, text in changes:
        packed[at] = np.frombuffer(bytes.fromhex(text), np.uint8)
    return packed


@pytest.mark.parametrize(
    ("packed", "held", "counts"),
    [
        (samples(10), [10], [10]),
        (samples(10, *[(k, "44" * 6) for k in (4, 5, 6)]), [10], [3]),
        (samples(10, *[(k, "44" * 6) for k in (4, 5)]), [10], [10]),
        (samples(10, *[(k, "44" * 6) for k in (7, 8, 9)]), [10], [6]),
        (samples(10, *[(k, "48" * 6) for k in (4, 5, 6)]), [10], [10]),  # of two digits
        (samples(10, *[(k, "44" * 6) for k in (0, 1, 2)]), [10], [0]),
        (samples(10, *[(k, "44" * 6) for k in (6, 7, 8)]), [4, 6], [4, 1]),
        (samples(10, (7, "000000000001")), [10], [6]),  # a bit that is never used
        (samples(10, *[(k, "0000000000" + "01") for k in range(4)]), [10], [0]),
        (samples(10, *[(k, f"0{k}0000000001") for k in range(5)]), [10], [10]),  # here it is
    ],
)
def test_what_of_a_page_lies_before_what_was_written_over(packed, held, counts):
    assert geneactiv._whole(packed, np.array(held)).tolist() == counts


# --- Axivity -------------------------------------------------------------------------------------


def head_of(stamp, fraction, offset):
    head = bytearray(30)
    head[4:6], head[14:18] = struct.pack("<H", fraction), struct.pack("<I", stamp)
    head[26:28] = struct.pack("<h", offset)
    return np.frombuffer(bytes(head), np.uint8)[None]


STAMP = 26 << 26 | 3 << 22 | 9 << 17 | 22 << 12 | 41 << 6 | 59
AT_S = calendar.timegm((2026, 3, 9, 22, 41, 59))


@pytest.mark.parametrize(
    ("stamp", "fraction", "offset", "sample", "at_s"),
    [
        (STAMP, 0, 7, 7, AT_S),
        (STAMP, 0x2000, 7, 7, AT_S),  # without the top bit it is light
        (STAMP, 0x8000 | 0x2000, 7, 7 + 25, AT_S + 0.25),
        (STAMP, 0xFFFF, -60, -60 + 99, AT_S + 65_534 / 65_536),
        (STAMP & ~(15 << 22), 0, 0, 0, calendar.timegm((2026, 1, 9, 22, 41, 59))),
        (STAMP | 15 << 22, 0, 0, 0, calendar.timegm((2026, 12, 9, 22, 41, 59))),
    ],
)
def test_a_blocks_stamp_bit_by_bit(stamp, fraction, offset, sample, at_s):
    offsets, stamps_s = axivity._stamps(head_of(stamp, fraction, offset), 100.0)
    assert (offsets.tolist(), stamps_s.tolist()) == ([sample], [at_s])


def test_a_block_without_a_stamp_has_none():
    assert np.isnan(axivity._stamps(head_of(0, 0, 0), 100.0)[1]).all()


@pytest.mark.parametrize(("packing", "axes", "first"), [(0x32, 3, 0), (0x62, 6, 3), (0x92, 9, 3)])
def test_of_more_than_three_axes_the_gyroscopes_come_first(packing, axes, first):
    number = 480 // (2 * axes)
    values = np.arange(240, dtype=np.int16) - 100
    out = np.zeros((1, number, 3), np.int16)
    assert axivity._bytes_of(packing) == 2 * axes
    axivity._unpack(values.view(np.uint8)[None], packing, out)
    wanted = [[axes * k + first + i - 100 for i in range(3)] for k in range(number)]
    assert out[0].tolist() == wanted


@pytest.mark.parametrize(
    ("word", "sample"),
    [
        (1 | 2 << 10 | 3 << 20, [1, 2, 3]),
        (1023 | 512 << 10 | 511 << 20, [-1, -512, 511]),
        (1023 | 512 << 10 | 511 << 20 | 1 << 30, [-2, -1024, 1022]),
        (1023 | 512 << 10 | 511 << 20 | 3 << 30, [-8, -4096, 4088]),
    ],
)
def test_three_axes_of_ten_bits_and_an_exponent(word, sample):
    out = np.zeros((1, 120, 3), np.int16)
    payload = np.frombuffer(struct.pack("<I", word) * 120, np.uint8)[None]
    axivity._unpack(payload, 0x30, out)
    assert axivity._bytes_of(0x30) == 4 and (out == sample).all()


# --- Parquet -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["string", "large_string"])
def test_a_time_may_be_a_text_of_either_length(tmp_path, kind):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet as written

    texts = [f"1970-01-02 00:00:{k // 50:02}.{k % 50 * 20:03}" for k in range(200)]
    columns = {"time": pa.array(texts, getattr(pa, kind)())}
    columns |= {f"{axis}_mg": pa.array([1000.0] * 200) for axis in "xyz"}
    written.write_table(pa.table(columns), tmp_path / "a.parquet")
    _, _, odr_hz, utc_s, _, _, local_s = parquet.read(tmp_path / "a.parquet", "a")
    assert (odr_hz, utc_s, local_s) == (pytest.approx(50), None, pytest.approx(86_400))


@pytest.mark.parametrize(("n", "words"), [(0, "fewer than two"), (1, "fewer than two")])
def test_a_table_needs_two_samples(tmp_path, n, words):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet as written

    columns = {"time_s": pa.array([0.0, 0.01][:n], pa.float64())}
    columns |= {f"{axis}_mg": pa.array([1.0, 2.0][:n], pa.float64()) for axis in "xyz"}
    written.write_table(pa.table(columns), tmp_path / "a.parquet")
    with pytest.raises(UserError, match=words):
        parquet.read(tmp_path / "a.parquet", "a")
