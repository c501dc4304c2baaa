"""The bytes that leave a room, frozen: a layout that changes by one byte fails here.

Each layout is written down a second time on purpose, as name@offset+size and u, i or s for
unsigned, signed and text. Whoever changes a layout must change protocol.VERSION or LOG_VERSION
where old hosts or old logs would misread it, and then this file.
"""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno_core import protocol, seal, wire

VERSIONS = (2, 3)
FRAME_CRC = "bc45600a"
EVENT_V1 = (
    "kind@0+1u flags@1+2u confidence_pct@3+1u onset_sample@4+4u duration_samples@8+4u "
    "peak_mg@12+2u peak_jerk_mg_per_s@14+4u energy_mg2_s@18+4u direction_q7@22+3i "
    "posture_before_q7@25+3i posture_after_q7@28+3i floor_q4_mg@31+2u "
    "rhythm_mhz@33+2u beats@35+2u"
)
EVENT_V2 = EVENT_V1 + (
    " layout@37+1u number@38+2u source@40+1u bursts@41+1u cycles@42+1u "
    "uneven_pct@43+1u centre_dhz@44+2u burst_onset_samples@46+2i burst_samples@48+2u "
    "quick_peak_mg@50+2u slow_peak_mg@52+2u move_onset_samples@54+2i move_samples@56+2u "
    "effective_ms@58+2u morph_ms@60+2u"
)
LAYOUTS = {
    "ABORT_FIELDS": (1, "op@0+1u"),
    "ASK_INFO_FIELDS": (1, "op@0+1u"),
    "CHALLENGE_FIELDS": (34, "op@0+1u status@1+1u band_nonce@2+16s proof@18+16s"),
    "COMMIT_FIELDS": (9, "op@0+1u through_seq@1+4u crc32@5+4u"),
    "HELLO_FIELDS": (18, "op@0+1u protocol_version@1+1u host_nonce@2+16s"),
    "LIVE_FIELDS": (2, "op@0+1u on@1+1u"),
    "PARCEL_FIELDS": (38, "op@0+1u kind@1+1u size@2+4u digest@6+32s"),
    "PIECE_FIELDS": (5, "op@0+1u offset@1+4u"),
    "READ_FIELDS": (2, "op@0+1u what@1+1u"),
    "UNPACK_FIELDS": (1, "op@0+1u"),
    "ASK_CHECK_FIELDS": (2, "op@0+1u cable@1+1u"),
    "PROOF_FIELDS": (17, "op@0+1u proof@1+16s"),
    "PUBLIC_FIELDS": (1, "protocol_version@0+1u"),
    "END_FIELDS": (
        15,
        "sample@0+4u tick_ms@4+4u reason@8+1u battery_mv@9+2u faults@11+2u overruns@13+2u",
    ),
    "EVENT_FIELDS_V1": (37, EVENT_V1),
    "EVENT_FIELDS_V2": (62, EVENT_V2),
    "EVENT_FIELDS": (63, EVENT_V2 + " later_pct@62+1u"),
    "FAULT_FIELDS": (15, "code@0+1u sample@1+4u tick_ms@5+4u count@9+2u detail@11+4u"),
    "INFO_FIELDS": (
        56,
        "op@0+1u status@1+1u log_version@2+1u state@3+1u device_id@4+8s log_id@12+4u "
        "boot_id@16+4u tick_ms@20+4u first_seq@24+4u next_seq@28+4u committed_seq@32+4u "
        "lost_records@36+4u battery_mv@40+2u strangers@42+2u firmware@44+12s",
    ),
    "MARK_FIELDS": (8, "sample@0+4u tick_ms@4+4u"),
    "MINUTE_FIELDS": (
        29,
        "sample@0+4u tick_ms@4+4u activity_q4_mg@8+2u floor_jerk_q4_mg@10+2u "
        "floor_move_q4_mg@12+2u gravity_mg@14+6i tilt_max_deg@20+1u flags@21+1u "
        "jerks@22+1u lms@23+1u clipped@24+1u temperature_q8_c@25+2i battery_mv@27+2u",
    ),
    "REPLY_FIELDS": (14, "op@0+1u status@1+1u next_seq@2+4u crc32@6+4u tick_ms@10+4u"),
    "REPORT_FIELDS": (9, "op@0+1u from_seq@1+4u through_seq@5+4u"),
    "SEGMENT_FIELDS": (9, "sample@0+4u tick_ms@4+4u reason@8+1u"),
    "SESSION_FIELDS": (
        33,
        "boot_id@0+4u tick_ms@4+4u odr_mhz@8+4u ug_per_lsb@12+2u range_g@14+1u "
        "sensor_id@15+1u detector_version@16+2u battery_mv@18+2u flags@20+1u "
        "firmware@21+12s",
    ),
    "SNIPPET_FIELDS": (
        14,
        "number@0+2u first_sample@2+4u samples@6+2u offset@8+2u count@10+2u why@12+1u "
        "coding@13+1u",
    ),
    "SET_TIME_FIELDS": (15, "op@0+1u utc_ms@1+8u error_ms@9+2u host_id@11+4u"),
    "TIME_FIELDS_V1": (18, "boot_id@0+4u tick_ms@4+4u utc_ms@8+8u error_ms@16+2u"),
    "TIME_FIELDS_V2": (22, "boot_id@0+4u tick_ms@4+4u utc_ms@8+8u error_ms@16+2u host_id@18+4u"),
    "TIME_FIELDS": (
        26,
        "boot_id@0+4u tick_ms@4+4u utc_ms@8+8u error_ms@16+2u host_id@18+4u carried_s@22+4u",
    ),
    "START_FIELDS": (
        68,
        "boot_id@0+4u tick_ms@4+4u cause@8+1u in_a_row@9+1u line@10+2u sample@12+4u "
        "where@16+16s what@32+24s firmware@56+12s",
    ),
    "CHECK_FIELDS": (
        30,
        "boot_id@0+4u tick_ms@4+4u why@8+1u verdict@9+1u passed@10+2u failed@12+2u "
        "skipped@14+2u sensor_id@16+1u address@17+1u gravity_mg@18+2u rate_mhz@20+4u "
        "noise_ug@24+2u battery_mv@26+2u free_kb@28+2u",
    ),
}

NUMBERS = {
    "record": "session=1 settings=2 time=3 segment=4 event=5 minute=6 fault=7 mark=8 end=9 "
    "snippet=10 start=11 check=12 config=13",
    "EVENT": "jerk=1 lm=2 posture=3 rhythm=4 awake=5 not_worn=6 gap=7",
    "OP": "set_time=1 report=2 abort=3 commit=4 info=5 live=6 checkpoint=16 hello=32 proof=33",
    "END": "docked=1 battery=2 log_full=3 sensor_lost=4 asked=5 crashed=6 not_worn=7",
    "STATUS": "ok=0 bad_request=1 busy=2 crc_mismatch=3 aborted=4 no_key=5",
    "STATE": "recording=1 docked=2 time_set=4 log_full=8",
    "SEGMENT": "start=0 overrun=1 bus_fault=2",
    "FAULT": "i2c=1 sensor_lost=2 storage=3 log_corrupt=4 overrun=5 wrong_chip=6 radio=7",
    "START": "power_on=1 hang=2 crash=3 deep_sleep=4 asked=5 other=6",
    "CHECK": "at_boot=1 undocked=2 asked=3",
    "MINUTE": "not_worn=1 still=2 clipped=4 awake=8 gap=16 axis_dead=32 implausible=64",
    "FLAG": "clipped=1 after_gap=2 in_rhythm=4 in_awake=8 in_lm=16 posture_changed=32 "
    "no_morphology=64 clonic_band=128 large=256 vibration=512 truncated=1024 slow=2048 small=4096 "
    "provisional=8192 first_name=16384",
    "SNIPPET": "first=1 random=2 strong=4",
    "CODING": "rice=1",
    "SOURCE": "context=0 burst=1 move=2 run=3",
}
# An event as a band with layout 1 wrote it, byte by byte, and what each group of bytes says.
EVENT_OF_LAYOUT_1 = (
    ("02", "kind", wire.EVENT_LM),
    ("2001", "flags", wire.FLAG_POSTURE_CHANGED | wire.FLAG_LARGE),
    ("57", "confidence_pct", 87),
    ("40e20100", "onset_sample", 123456),
    ("ea000000", "duration_samples", 234),
    ("2c01", "peak_mg", 300),
    ("a0860100", "peak_jerk_mg_per_s", 100_000),
    ("15cd5b07", "energy_mg2_s", 123_456_789),
    ("7f0081", "direction_q7", (127, 0, -127)),
    ("01ff02", "posture_before_q7", (1, -1, 2)),
    ("fe7e03", "posture_after_q7", (-2, 126, 3)),
    ("1900", "floor_q4_mg", 25),
    ("0000", "rhythm_mhz", 0),
    ("0000", "beats", 0),
)


def test_the_versions_are_those_that_this_file_describes():
    assert (protocol.VERSION, wire.LOG_VERSION) == VERSIONS


def test_every_layout_is_described():
    names = {*dir(wire), *dir(protocol)} - {"PAYLOAD_FIELDS", "REQUEST_FIELDS"}
    assert {name for name in names if "_FIELDS" in name} == set(LAYOUTS)


def told(name):
    """Return what one of the two files says; one of them alone may."""
    (value,) = [getattr(m, name) for m in (wire, protocol) if hasattr(m, name)]
    return value


@pytest.mark.parametrize("table", LAYOUTS)
def test_a_layout_has_its_fields_at_their_places(table):
    size, described = LAYOUTS[table]
    fields = told(table)
    raw = bytes((37 * i + 11) & 0xFF for i in range(size))
    values = wire.unpack(fields, raw)
    assert len(described.split()) == len(fields) == len(values)
    for entry in described.split():
        name, _, place = entry.partition("@")
        offset, _, rest = place.partition("+")
        part = raw[int(offset) : int(offset) + int(rest[:-1])]
        value = values[name]
        if rest[-1] == "s":
            expected = part
        elif isinstance(value, tuple):
            n = len(part) // len(value)
            expected = tuple(
                int.from_bytes(part[i : i + n], "little", signed=rest[-1] == "i")
                for i in range(0, len(part), n)
            )
        else:
            expected = int.from_bytes(part, "little", signed=rest[-1] == "i")
        assert value == expected, name
    assert wire.pack(fields, values) == raw
    with pytest.raises(wire.WireError):
        wire.unpack(fields, raw[:-1])
    assert wire.unpack(fields, raw + b"more") == values, "a later version may add fields"


@pytest.mark.parametrize("prefix", [p for p in NUMBERS if p != "record"])
def test_a_named_number_keeps_its_meaning(prefix):
    for entry in NUMBERS[prefix].split():
        name, _, number = entry.partition("=")
        assert told(f"{prefix}_{name.upper()}") == int(number)


def test_record_kinds_keep_their_numbers():
    kinds = dict(entry.split("=") for entry in NUMBERS["record"].split())
    assert {name: int(number) for name, number in kinds.items()} == {
        name: kind for kind, name in wire.REC_NAMES.items()
    }


def test_the_service_keeps_its_uuids():
    for n, name in enumerate(("SERVICE", "VERSION", "CONTROL", "DATA", "LIVE"), 1):
        uuid = getattr(protocol, f"{name}_UUID")
        assert uuid == f"6e6f7474-7572-6e6f-0001-{n:012x}"


def test_a_frame_is_these_bytes():
    buf = bytearray(40)
    n = wire.pack_frame_into(buf, 2, 0x01020304, wire.REC_MARK, b"\xaa\xbb\xcc")
    assert n == 13
    assert buf[:15].hex() == "0000" + "04030201" + "08" + "03" + "aabbcc" + FRAME_CRC
    assert wire.frame_at(buf, 2, 15) == (0x01020304, wire.REC_MARK, 8, 13)


@given(st.binary(max_size=wire.MAX_PAYLOAD_LEN), st.integers(0, 2**32 - 1), st.integers(0, 255))
def test_a_frame_is_found_whole_or_not_at_all(payload, seq, kind):
    buf = bytearray(wire.MAX_FRAME_LEN)
    n = wire.pack_frame_into(buf, 0, seq, kind, payload)
    assert wire.frame_at(buf, 0, n) == (seq, kind, wire.HEADER_LEN, n)
    for end in {0, n // 2, n - 1}:
        assert wire.frame_at(buf, 0, end) is None


@given(st.binary(min_size=1, max_size=40), st.data())
def test_no_flipped_bit_passes(payload, data):
    buf = bytearray(wire.MAX_FRAME_LEN)
    n = wire.pack_frame_into(buf, 0, 7, wire.REC_EVENT, payload)
    buf[data.draw(st.integers(0, n - 1))] ^= 1 << data.draw(st.integers(0, 7))
    assert wire.frame_at(buf, 0, n) is None


def test_a_payload_that_is_too_long_is_refused():
    buf = bytearray(400)
    with pytest.raises(wire.WireError, match="200"):
        wire.pack_frame_into(buf, 0, 1, wire.REC_EVENT, bytes(wire.MAX_PAYLOAD_LEN + 1))
    assert wire.MAX_FRAME_LEN < protocol.MESSAGE_MAX


TIME_OF_LAYOUT_1 = bytes.fromhex("05000000" + "e8030000" + "0068e5cf8b010000" + "2a00")


def test_a_setting_of_the_first_layout_is_read_and_names_no_host():
    said = {"boot_id": 5, "tick_ms": 1000, "utc_ms": 1_700_000_000_000, "error_ms": 42}
    assert wire.unpack_record(wire.REC_TIME, TIME_OF_LAYOUT_1) == said | {
        "host_id": None,
        "carried_s": 0,
    }
    newer = TIME_OF_LAYOUT_1 + bytes.fromhex("07000080")
    of_host = said | {"host_id": 0x80000007}
    assert wire.unpack_record(wire.REC_TIME, newer) == of_host | {"carried_s": 0}
    carried = newer + bytes.fromhex("10270000")
    assert wire.unpack_record(wire.REC_TIME, carried) == of_host | {"carried_s": 10_000}
    with pytest.raises(wire.WireError):
        wire.unpack_record(wire.REC_TIME, TIME_OF_LAYOUT_1[:-1])


FACTS = {
    "number": 65535,
    "source": wire.SOURCE_MOVE,
    "bursts": 3,
    "cycles": 4,
    "uneven_pct": 25,
    "centre_dhz": 61,
    "burst_onset_samples": -7,
    "burst_samples": 40,
    "quick_peak_mg": 310,
    "slow_peak_mg": 180,
    "move_onset_samples": -20,
    "move_samples": 260,
    "effective_ms": 95,
    "morph_ms": 420,
    "later_pct": 37,
}


def an_old_event():
    payload = bytes.fromhex("".join(raw for raw, _, _ in EVENT_OF_LAYOUT_1))
    return payload, {name: value for _, name, value in EVENT_OF_LAYOUT_1}


def test_an_event_of_the_first_layout_is_read_and_says_nothing_of_the_new_facts():
    payload, said = an_old_event()
    values = wire.unpack_event(payload)
    assert list(values) == [name for name, _ in wire.EVENT_FIELDS]
    assert values == said | dict.fromkeys(FACTS) | {"layout": 1}
    assert wire.pack(wire.EVENT_FIELDS_V1, values) == payload


def test_an_event_of_the_newest_layout_begins_as_the_first_and_says_which_it_is():
    old, said = an_old_event()
    payload = wire.pack_event(said | FACTS)
    assert payload[: len(old)] == old and payload[len(old)] == wire.EVENT_LAYOUT == 3
    assert wire.unpack_event(payload) == said | FACTS | {"layout": 3}
    assert wire.unpack_record(wire.REC_EVENT, payload) == wire.unpack_event(payload)


def test_of_a_layout_newer_than_ours_the_part_we_know_is_read():
    old, said = an_old_event()
    payload = bytearray(wire.pack_event(said | FACTS) + b"what is yet to come")
    payload[len(old)] = 4
    assert wire.unpack_event(bytes(payload)) == said | FACTS | {"layout": 4}


def of_layout_2(**said):
    """An event as a band with layout 2 wrote it: 62 bytes, and 2 behind the first 37."""
    payload = wire.pack_event(said)[:62]
    return payload[:37] + bytes([2]) + payload[38:]


def test_an_event_of_the_second_layout_says_all_but_how_much_came_late():
    said = an_old_event()[1] | FACTS
    told = wire.unpack_event(of_layout_2(**said))
    assert told == said | {"layout": 2, "later_pct": None}
    assert list(told) == [name for name, _ in wire.EVENT_FIELDS]


@pytest.mark.parametrize(("layout", "length"), [(2, 63), (2, 80), (3, 62), (4, 62)])
def test_an_event_whose_length_is_not_that_of_its_layout_is_refused(layout, length):
    payload = bytearray(wire.pack_event(FACTS) + bytes(20))
    payload[37] = layout
    with pytest.raises(wire.WireError, match=f"{length} bytes says layout {layout}"):
        wire.unpack_event(payload[:length])


@pytest.mark.parametrize("length", [0, 36, 38, 61])
def test_an_event_between_two_layouts_is_refused(length):
    payload = wire.pack_event({"kind": wire.EVENT_JERK})
    with pytest.raises(wire.WireError):
        wire.unpack_event(payload[:length])


@pytest.mark.parametrize("layout", [0, 1])
def test_a_long_event_that_says_a_layout_without_that_byte_is_refused(layout):
    payload = bytearray(wire.pack_event({"kind": wire.EVENT_JERK}))
    payload[37] = layout
    with pytest.raises(wire.WireError, match=f"layout {layout}"):
        wire.unpack_event(payload)


def test_a_provisional_event_differs_by_its_flag_alone():
    payload = wire.pack_event({"kind": wire.EVENT_LM, "flags": wire.FLAG_LARGE} | FACTS)
    marked = wire.flagged_event(payload, wire.FLAG_PROVISIONAL)
    assert wire.unpack_event(marked) == wire.unpack_event(payload) | {
        "flags": wire.FLAG_LARGE | wire.FLAG_PROVISIONAL
    }
    assert wire.unpack_event(payload)["flags"] == wire.FLAG_LARGE, "its bytes are its own"


def test_a_provisional_frame_is_told_by_a_number_that_no_record_has():
    assert wire.SEQ_PROVISIONAL == 0xFFFFFFFF


@pytest.mark.parametrize(
    ("device_id", "name"),
    [
        ("5642024e54000001", "notturno-0001"),
        ("34859d1a2b3c0000", "notturno-2B3C"),  # a chip's own six bytes, filled up
        ("34859d1a2b000000", "notturno-1A2B"),
        ("0000000000000000", "notturno-0000"),
        ("0700000000000000", "notturno-0007"),
    ],
)
def test_the_name_is_of_the_bytes_that_differ_from_band_to_band(device_id, name):
    assert protocol.name_of(bytes.fromhex(device_id)) == name


def test_a_record_without_a_table_has_no_fields():
    assert wire.unpack_record(wire.REC_SETTINGS, b"1234") is None


def test_every_payload_fits_a_frame():
    for fields in wire.PAYLOAD_FIELDS.values():
        assert struct.calcsize(wire.format_of(fields)) <= wire.MAX_PAYLOAD_LEN


def test_every_request_fits_a_message_and_an_opening_one_a_value_of_the_smallest_link():
    for fields in protocol.REQUEST_FIELDS.values():
        size = struct.calcsize(wire.format_of(fields))
        assert size + seal.OVERHEAD <= protocol.REQUEST_MAX
    piece = struct.calcsize(wire.format_of(protocol.PIECE_FIELDS)) + protocol.PIECE_MAX
    assert piece + seal.OVERHEAD <= protocol.REQUEST_MAX < protocol.MTU_MAX - 3
    for fields in (protocol.HELLO_FIELDS, protocol.PROOF_FIELDS):
        assert struct.calcsize(wire.format_of(fields)) < protocol.MTU_MIN - 3
