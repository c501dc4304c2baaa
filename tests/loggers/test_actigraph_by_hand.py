"""An ActiGraph's records, by hand: each type, each bound at which something is not believed.

Types and layouts as ActiGraph describes them (GT3X-File-Format on GitHub): activity 0, event 3,
parameters 21, activity of two bytes an axis 26; one of 12 bits in the order x, y, z is 27.
"""

import io
import struct
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
from logger_files import START_S, gt3x, gt3x_of, record, twelve
from notturno.errors import UserError
from notturno.loggers import actigraph

SECOND = int(START_S)
ACC = np.arange(90).reshape(30, 3) - 40


def read(*records, **how):
    return actigraph.read(gt3x_of(b"".join(records), **how), "x.gt3x")


def activity(second, n=30, acc=ACC):
    return record(26, SECOND + second, acc[:n].astype("<i2").tobytes())


def codes(raw):
    return [note.kind if hasattr(note, "kind") else note[0] for note in raw.notes]


@pytest.mark.parametrize("kind", [0, 26, 27])
def test_three_types_hold_samples_and_their_axes_come_out_in_one_order(kind):
    order = [1, 0, 2] if kind == 0 else [0, 1, 2]
    payload = ACC.astype("<i2").tobytes() if kind == 26 else twelve(ACC[:, order].reshape(-1))
    raw = read(record(kind, SECOND, payload))
    assert raw.acc.tolist() == ACC.tolist()
    assert (raw.guarded_hz, raw.stamps_s.tolist(), raw.index.tolist()) == (30.0, [START_S], [0])


@pytest.mark.parametrize("kind", [2, 4, 7, 25, 28, 30])
def test_other_types_are_passed_over(kind):
    raw = read(activity(0), record(kind, SECOND, b"\1\2\3\4"), activity(1))
    assert len(raw.acc) == 60 and raw.notes == ()


def test_a_type_that_nobody_names_is_damage():
    strange = record(31, SECOND, b"\1\2\3\4")
    raw = read(activity(0), strange, activity(1))
    assert len(raw.acc) == 60 and codes(raw) == ["blocks_lost"] and raw.notes[0][1] == len(strange)


@pytest.mark.parametrize(("size", "taken"), [(8190, True), (8196, False)])
def test_a_record_holds_at_most_8_kilobytes(size, taken):
    payload = np.arange(size // 2).astype("<i2").tobytes()
    raw = read(activity(0), activity(1), activity(2), record(26, SECOND + 3, payload), activity(4))
    assert (len(raw.acc) > 130) is taken


def test_a_bit_that_turned_costs_its_record_alone():
    parts = [activity(k) for k in range(3)]
    parts[1] = parts[1][:20] + bytes([parts[1][20] ^ 4]) + parts[1][21:]
    raw = read(*parts)
    assert raw.stamps_s.tolist() == [START_S, START_S + 2] and raw.notes[0][1] == len(parts[1])


@pytest.mark.parametrize(
    ("days", "taken"), [(399, True), (401, False), (-399, True), (-401, False)]
)
def test_a_stamp_more_than_400_days_from_the_start_is_none(days, taken):
    raw = read(activity(0), activity(days * 86400))
    assert len(raw.acc) == (60 if taken else 30)


@pytest.mark.parametrize(("same", "lost"), [(11, False), (12, True)])
def test_twelve_bytes_of_one_value_are_a_disk_that_wrote_over_it(same, lost):
    values = bytearray(ACC.astype("<i2").tobytes())
    values[30 : 30 + same] = b"\x55" * same
    values[29] = values[30 + same] = 1
    raw = read(activity(0), record(26, SECOND + 1, bytes(values)), activity(2))
    assert (len(raw.acc) == 60) is lost
    assert [note[1] for note in raw.notes] == ([189] if lost else [])


@pytest.mark.parametrize(("odd", "hz"), [(2, 40.0), (3, 30.0)])
def test_the_rate_is_that_of_four_seconds_in_five_and_else_the_files_word(odd, hz):
    acc = np.arange(120).reshape(40, 3)
    whole = [activity(k, 40, acc) for k in range(10 - odd)]
    raw = read(*whole, *(activity(10 + k, 30, acc) for k in range(odd)))
    assert raw.guarded_hz == hz
    assert [note[:2] for note in raw.notes] == ([("rate", 1)] if hz == 40.0 else [])


@pytest.mark.parametrize(("hz", "taken"), [(0.9, False), (1, True), (1000, True), (1001, False)])
def test_a_rate_is_one_to_a_thousand(hz, taken):
    if taken:
        assert len(read(activity(0), hz=hz).acc) == 30
    else:
        with pytest.raises(UserError, match="names no sample rate"):
            read(activity(0), hz=hz)


@pytest.mark.parametrize(
    ("value", "counts_a_g"),
    [(0x09400000, 256.0), (0x09555000, 341.25), (0x01400000, 1.0), (0x004FFFFF, None)]
    + [(0x00400000, None), (0xFF7FFFFF, None), (0x02400000, 2.0)]
    + [(0x10400000, 32768.0), (0x11400000, None), (0x09C00000, None), (0, None)],
)
def test_a_scale_is_a_fraction_and_an_exponent_from_1_to_32768(value, counts_a_g):
    """0x09400000: 0.5 times 2 to the 9th, the scale of a wGT3X-BT."""
    payload = struct.pack("<HHIHHI", 0, 54, 0x09555000, 0, 55, value)
    assert actigraph._parameter(payload, (0, 55)) == counts_a_g
    for left in (8, 9, 15):
        assert actigraph._parameter(payload[:left], (0, 55)) is None


@pytest.mark.parametrize(
    ("serial", "counts_a_g"),
    [("NEO1", 341), ("CLE2", 341), ("MRA1", 341), ("MOS2", 256), ("TAS1", 256), ("XYZ", None)],
)
def test_without_a_scale_the_serial_number_says_it(serial, counts_a_g):
    if counts_a_g is None:
        with pytest.raises(UserError, match="names no scale"):
            read(activity(0), scale=None, serial=serial)
    else:
        assert read(activity(0), scale=None, serial=serial).mg_per_lsb == 1000 / counts_a_g


def test_a_year_is_counted_from_the_first_one_in_tenths_of_a_microsecond():
    assert actigraph._ticks_s("621355968000000000") == 0.0
    assert actigraph._ticks_s("621355968015000000") == 1.5
    assert actigraph._ticks_s(None) is actigraph._ticks_s("soon") is None


@pytest.mark.parametrize(("early_s", "told"), [(5, False), (6, True)])
def test_an_end_more_than_five_seconds_before_the_heads_is_a_file_cut_off(early_s, told):
    ticks = int((START_S + 1 + early_s) * 1e7) + 621_355_968_000_000_000
    data = io.BytesIO(gt3x_of(activity(0) + activity(1)))
    with zipfile.ZipFile(data) as archive:
        info, log = archive.read("info.txt"), archive.read("log.bin")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("info.txt", info + f"Last Sample Time: {ticks}\r\n".encode())
        archive.writestr("log.bin", log)
    raw = actigraph.read(out.getvalue(), "x.gt3x")
    assert codes(raw) == (["ends_early"] if told else [])
    if told:
        assert f"{early_s - 1} s more were recorded" in str(raw.notes[0][2])
        assert raw.notes[0][1] == 1


def test_what_was_held_in_idle_mode_is_the_last_sample_until_it_woke():
    asleep, awake = record(3, SECOND + 1, b"\x08"), record(3, SECOND + 4, b"\x09")
    raw = read(activity(0), asleep, awake, activity(4))
    assert raw.idle == ((30, 120),) and len(raw.acc) == 150
    assert (raw.acc[30:120] == ACC[-1]).all() and raw.acc[120:].tolist() == ACC.tolist()
    assert raw.stamps_s.tolist() == [START_S, START_S + 1, START_S + 4]
    assert raw.index.tolist() == [0, 30, 120]


@pytest.mark.parametrize("kind", ["no event ends it", "it never wakes"])
def test_idle_mode_ends_with_the_next_samples_or_with_the_file(kind):
    parts = [activity(0), record(3, SECOND + 1, b"\x08")]
    parts += [activity(4)] if kind == "no event ends it" else [record(2, SECOND + 4, b"\1\1")]
    raw = read(*parts)
    assert raw.idle == ((30, 120),)


@pytest.mark.parametrize(("days", "held"), [(44, True), (46, False)])
def test_nobody_idles_for_more_than_45_days(days, held):
    one = ACC[:1]
    parts = [activity(0, 1, one), record(3, SECOND + 1, b"\x08"), activity(days * 86400, 1, one)]
    raw = read(*parts, hz=1)
    assert bool(raw.idle) is held


def test_an_event_of_another_kind_is_no_idle_mode():
    raw = read(activity(0), record(3, SECOND + 1, b"\x07"), activity(4))
    assert raw.idle == () and len(raw.acc) == 60


def test_the_builder_of_these_files_and_the_reader_agree_on_a_whole_one():
    raw = actigraph.read(gt3x(np.tile(ACC, (3, 1)), parameters=True, scale=None), "x.gt3x")
    assert len(raw.acc) == 90 and raw.mg_per_lsb == 1000 / 256


@pytest.mark.parametrize(
    ("names", "is_one"),
    [
        (["info.txt", "log.bin"], True),
        (["activity.bin", "lux.bin", "info.txt"], True),
        (["info.txt"], False),
        (["info.txt", "lux.bin"], False),
        (["log.bin"], False),
        (["activity.bin"], False),
        ([], False),
    ],
)
def test_such_a_file_holds_a_head_and_samples(names, is_one):
    assert actigraph.is_gt3x(names) is is_one


def with_words(data, **more):
    """Return the same file with other words in its head; None: without them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        words = dict(line.split(": ") for line in old.read("info.txt").decode().splitlines())
        words |= {key.replace("_", " "): word for key, word in more.items()}
        lines = [f"{key}: {word}\r\n" for key, word in words.items() if word is not None]
        new.writestr("info.txt", "".join(lines))
        new.writestr("log.bin", old.read("log.bin"))
    return out.getvalue()


@pytest.mark.parametrize(("word", "range_g"), [("6.0", 6.0), ("6,5", 6.5), (None, 8.0), ("", 8.0)])
def test_a_range_is_that_of_the_head_and_else_8_g(word, range_g):
    data = with_words(gt3x_of(activity(0)), Acceleration_Max=word)
    assert actigraph.read(data, "x.gt3x").range_g == range_g


@pytest.mark.parametrize("word", [None, "", "often", "nan", "0"])
def test_a_rate_that_is_no_number_is_none(word):
    with pytest.raises(UserError, match="names no sample rate"):
        actigraph.read(with_words(gt3x_of(activity(0)), Sample_Rate=word), "x.gt3x")


def test_a_word_of_the_head_may_hold_colons():
    data = with_words(gt3x_of(activity(0)), Subject_Name="a: b: c", Acceleration_Max="6.0")
    assert actigraph.read(data, "x.gt3x").range_g == 6


def test_a_scale_among_the_parameters_goes_before_the_heads():
    parameters = record(21, SECOND, struct.pack("<HHI", 0, 55, 0x09400000))
    assert read(activity(0), scale=100.0).mg_per_lsb == 10
    assert read(parameters, activity(0), scale=100.0).mg_per_lsb == 1000 / 256
    others = record(21, SECOND + 1, struct.pack("<HHI", 0, 54, 0x09555000))
    assert read(parameters, activity(0), others, scale=100.0).mg_per_lsb == 1000 / 256


def test_a_file_that_ends_as_idle_mode_begins_is_not_cut_off():
    ticks = (SECOND + 60) * 10**7 + 621_355_968_000_000_000
    for event, told in ((b"\x08", []), (b"\x09", ["ends_early"])):
        data = gt3x_of(activity(0) + record(3, SECOND + 1, event))
        raw = actigraph.read(with_words(data, Last_Sample_Time=ticks), "x.gt3x")
        assert codes(raw) == told


@pytest.mark.parametrize(("early_s", "told"), [(5, []), (6, ["ends_early"])])
def test_it_is_the_last_record_that_says_whether_a_file_was_cut_off(early_s, told):
    log = activity(0) + record(3, SECOND + 1, b"\x08") + record(3, SECOND + 2, b"\x09")
    ticks = (SECOND + 3 + early_s) * 10**7 + 621_355_968_000_000_000
    data = with_words(gt3x_of(log + activity(3)), Last_Sample_Time=ticks)
    assert codes(actigraph.read(data, "x.gt3x")) == told


@pytest.mark.parametrize("other", [(26, b"\1"), (0, b"\1"), (4, b"\1\2\3\4\5"), (3, b"\x07" * 9)])
def test_what_holds_no_samples_has_no_say_in_the_rate(other):
    acc = np.arange(120).reshape(40, 3)
    kind, payload = other
    parts = [activity(k, 40, acc) for k in range(5)]
    parts += [record(kind, SECOND + 5 + k, payload) for k in range(5)]
    assert read(*parts).guarded_hz == 40


def test_seconds_of_less_than_a_sample_say_no_rate():
    parts = [activity(0)] + [record(0, SECOND + 1 + k, b"\1\2\3") for k in range(9)]
    raw = read(*parts)
    assert raw.guarded_hz == 30 and len(raw.acc) == 30 and codes(raw) == []


@pytest.mark.parametrize(("says", "read_it"), [(2 * 1024**3, True), (2 * 1024**3 + 1, False)])
def test_a_file_says_how_much_it_holds_before_it_is_unpacked(monkeypatch, says, read_it):
    data = gt3x_of(activity(0))
    said, told = SimpleNamespace(file_size=says), zipfile.ZipFile.getinfo
    monkeypatch.setattr(
        zipfile.ZipFile, "getinfo", lambda z, n: said if n == "log.bin" else told(z, n)
    )
    opened = []

    def unpack(_, name):
        opened.append(name)
        raise EOFError("enough")

    monkeypatch.setattr(zipfile.ZipFile, "read", unpack)
    with pytest.raises(UserError, match="enough" if read_it else "over 2 GB"):
        actigraph.read(data, "x.gt3x")
    assert opened == (["log.bin"] if read_it else [])


def test_two_gigabytes_are_the_most_that_is_unpacked(monkeypatch):
    log = activity(0)
    monkeypatch.setattr(actigraph, "_MOST_BYTES", len(log))
    assert len(read(log).acc) == 30
    monkeypatch.setattr(actigraph, "_MOST_BYTES", len(log) - 1)
    with pytest.raises(UserError, match="over 2 GB"):
        read(log)


def test_an_archive_that_fails_without_a_word_is_told_all_the_same(monkeypatch):
    for error, why in ((EOFError(), "empty"), (ValueError("e" * 121 + "\nmore"), "e" * 120)):

        def refuse(_, error=error):
            raise error

        monkeypatch.setattr(actigraph.zipfile, "ZipFile", refuse)
        with pytest.raises(UserError) as told:
            actigraph.read(b"PK", "x.gt3x")
        assert f"({why})" in str(told.value)


@pytest.mark.parametrize("left", [*range(1, 12), 100, 188])
def test_a_last_record_that_is_cut_off_costs_its_own_bytes(left):
    whole = activity(0)
    assert len(whole) == 189
    raw = read(whole, activity(1)[:left])
    assert len(raw.acc) == 30 and codes(raw) == ["blocks_lost"] and raw.notes[0][1] == left


def test_a_scale_of_nothing_or_less_is_none():
    for scale in ("0", "-256", "", "much"):
        data = with_words(gt3x_of(activity(0), serial="NEO1"), Acceleration_Scale=scale)
        assert actigraph.read(data, "x.gt3x").mg_per_lsb == 1000 / 341


def test_zeros_between_records_are_no_damage_and_behind_a_strange_byte_they_are():
    assert codes(read(activity(0), bytes(40), activity(1))) == []
    assert read(activity(0), b"\1" + bytes(39), activity(1)).notes[0][1] == 40


@pytest.mark.parametrize("n", [1, 7, 8, 9, 10, 40])
def test_zeros_behind_the_last_record_are_no_damage_however_few(n):
    assert codes(read(activity(0), bytes(n))) == []
    assert read(activity(0), bytes(n - 1) + b"\1").notes[0][1] == n


def test_without_a_start_no_stamp_is_too_far():
    data = with_words(gt3x_of(activity(0) + activity(500 * 86400)), Start_Date=None)
    assert len(actigraph.read(data, "x.gt3x").acc) == 60


@pytest.mark.parametrize(("size", "whole"), [(8191, True), (8192, True), (8193, False)])
def test_a_record_of_8192_bytes_is_whole_and_one_more_is_none(size, whole):
    one = record(4, SECOND, bytes(k % 251 for k in range(size)))
    found, _, damaged = actigraph._records(one, START_S)
    assert (len(found), damaged) == ((1, 0) if whole else (0, len(one)))


@pytest.mark.parametrize("mark", [0x1D, 0x1F, 0])
def test_a_record_begins_with_its_mark(mark):
    one = bytearray(activity(1))
    one[-1] ^= one[0] ^ mark  # its checksum is right
    one[0] = mark
    raw = read(activity(0), bytes(one), activity(2))
    assert raw.stamps_s.tolist() == [START_S, START_S + 2] and raw.notes[0][1] == len(one)


@pytest.mark.parametrize(("same", "lost"), [(10, 0), (11, 1)])
def test_bytes_of_one_value_count_within_one_record_alone(same, lost):
    """A record's tail of 1E, its checksum 1E and the next one's mark are one run of 12."""
    values = bytearray(ACC.astype("<i2").tobytes())
    values[-same:] = b"\x1e" * same
    values[-same - 1] = 1
    one = record(26, SECOND, bytes(values))
    values[0] ^= one[-1] ^ 0x1E
    one = record(26, SECOND, bytes(values))
    assert one[-1] == 0x1E
    raw = read(one, activity(1))
    assert len(raw.acc) == 60 - 30 * lost


def test_idle_mode_before_the_first_sample_holds_nothing():
    asleep, awake = record(3, SECOND, b"\x08"), record(3, SECOND + 2, b"\x09")
    for parts in ((asleep, awake), (asleep,), (awake,)):
        raw = read(*parts, activity(3))
        assert raw.idle == () and len(raw.acc) == 30


def test_an_end_of_idle_mode_that_did_not_begin_holds_nothing():
    raw = read(activity(0), record(3, SECOND + 3, b"\x09"), activity(4))
    assert raw.idle == () and len(raw.acc) == 60


def test_a_second_begin_of_idle_mode_is_the_same_one():
    asleep = [record(3, SECOND + second, b"\x08") for second in (1, 2)]
    raw = read(activity(0), *asleep, record(3, SECOND + 4, b"\x09"), activity(6))
    assert raw.idle == ((30, 120),) and len(raw.acc) == 150


@pytest.mark.parametrize("kind", [2, 4, 7])
@pytest.mark.parametrize("payload", [b"\x08", b"\x09"])
def test_only_an_event_begins_or_ends_idle_mode(kind, payload):
    raw = read(activity(0), record(kind, SECOND + 1, payload), activity(4))
    assert raw.idle == ()
    raw = read(
        *(activity(0), record(3, SECOND + 1, b"\x08"), record(kind, SECOND + 2, payload)),
        activity(4),
    )
    assert raw.idle == ((30, 120),)


def test_an_event_within_idle_mode_does_not_end_it():
    events = [
        record(3, SECOND + 1 + k, word) for k, word in enumerate([b"\x08", b"\x07", b"\x09"])
    ]
    raw = read(activity(0), *events, activity(4))
    assert raw.idle == ((30, 90),)


# --- the older file: samples alone, one run of them ----------------------------------------------


def older(words, n=40):
    """Return a file whose head has these words and no other."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("info.txt", "".join(f"{key}: {word}\r\n" for key, word in words.items()))
        archive.writestr("activity.bin", twelve(np.arange(n * 3).reshape(n, 3).reshape(-1)))
    return out.getvalue()


TICKS = SECOND * 10**7 + 621_355_968_000_000_000


@pytest.mark.parametrize(
    ("words", "hz", "first_s", "counts_a_g"),
    [
        ({"Sample Rate": 30, "Start Date": TICKS}, 30, START_S, 341),
        ({"Sample Rate": 40, "Start Date": TICKS}, 40, START_S, 341),
        ({"Sample Rate": 30}, 30, 0, 341),
        ({"Sample Rate": 30, "Start Date": TICKS, "Acceleration Scale": 256}, 30, START_S, 256),
    ],
)
def test_an_older_file_is_one_run_from_its_start_on(words, hz, first_s, counts_a_g):
    raw = actigraph.read(older(words), "x.gt3x")
    assert raw.acc.tolist() == [[3 * k + 1, 3 * k, 3 * k + 2] for k in range(40)]
    assert raw.index.tolist() == [0, 40]
    assert raw.stamps_s.tolist() == pytest.approx([first_s, first_s + 40 / hz], abs=1e-6)
    assert (raw.mg_per_lsb, raw.range_g) == (1000 / counts_a_g, 6.0)
    assert raw.is_dated is (first_s > 0)


def test_an_older_file_without_samples_is_none():
    with pytest.raises(UserError, match="holds no acceleration"):
        actigraph.read(older({"Sample Rate": 30, "Start Date": TICKS}, 0), "x.gt3x")


@pytest.mark.parametrize(
    ("said", "counts_a_g"),
    [("341.0", 341.0), ("0,5", 0.5), ("0", 256.0), ("-1", 256.0), ("x", 256.0), (None, 256.0)],
)
def test_counts_a_g_are_a_number_above_nothing_or_those_of_the_make(said, counts_a_g):
    info = {"Acceleration Scale": said, "Serial Number": "TAS1D1"}
    assert actigraph._scale(info, "x") == counts_a_g


@pytest.mark.parametrize(("before", "read_it"), [((1 << 20) - 43, True), (1 << 20, False)])
def test_a_megabyte_of_words_about_the_logger_is_read_and_no_more(before, read_it):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        scale, rate = b"Acceleration Scale: 256.0\n", b"Sample Rate: 30\r\n"
        archive.writestr("info.txt", scale + b"\n" * before + rate)
        archive.writestr("log.bin", activity(0))
    if read_it:
        assert actigraph.read(stream.getvalue(), "x.gt3x").guarded_hz == 30
    else:
        with pytest.raises(UserError, match="names no sample rate"):
            actigraph.read(stream.getvalue(), "x.gt3x")
