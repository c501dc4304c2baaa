"""The bounds, units and sentences of what belongs to no room: each on both of its sides."""

import base64
import json
import os
import sys
from types import SimpleNamespace

import pytest
from notturno import configfile, firmware_files, leaps, onlyone, origin, paths, recordings, times
from notturno.cli import given
from notturno.errors import UserError, unreadable, unwritable, why
from notturno.files import list_text
from notturno.homes import mqtt, service
from notturno.knowledge import EXPOSURES, NOT_FOR, PURPOSE, SECTIONS, forbidden_in, strings
from notturno.records_file import parsed
from notturno.refusals import Refusal, is_refusal, per_h
from notturno.texts import decoded, listed, of_a_band, printable
from notturno_core import wire

# --- records_file: what a phone hands on --------------------------------------------------------


def a_frame(seq, payload=b"\1\2\3\4"):
    buf = bytearray(wire.MAX_FRAME_LEN)
    n = wire.pack_frame_into(buf, 0, seq, wire.REC_MARK, payload)
    return bytes(buf[:n])


FRAMES = [a_frame(1), a_frame(2, b"\0" * 11), a_frame(3, b"")]
GOOD = {
    "schema": "notturno-records-1",
    "device_id": "564200000000000f",
    "log_id": 7,
    "log_version": 1,
    "first_seq": 1,
    "next_seq": 4,
    "fetched_utc_ms": 1_768_253_400_000,
    "firmware": "0.1.0",
    "zone": "Europe/Rome",
    "frames": base64.b64encode(b"".join(FRAMES)).decode(),
}


def file_of(**changes):
    said = {key: value for key, value in (GOOD | changes).items() if value is not ...}
    return json.dumps(said).encode()


def test_a_records_file_gives_back_its_frames_and_whose_they_are():
    found = parsed(file_of(), "x.json")
    assert found.frames == FRAMES
    assert (found.device_id, found.log_id, found.log_version) == ("564200000000000f", 7, 1)
    assert (found.zone, found.firmware, found.fetched_utc_ms) == (
        "Europe/Rome",
        "0.1.0",
        1768253400000,
    )
    assert parsed(file_of(frames=""), "x.json").frames == []


@pytest.mark.parametrize(
    "changes",
    [
        {"log_version": 0, "fetched_utc_ms": 0, "log_id": 0},
        {"fetched_utc_ms": 2**53 - 1, "next_seq": 2**53 - 1},
        {"log_id": 2**32 - 1},
        {"zone": "x"},
        {"zone": "x" * 60},
        {"firmware": ""},
    ],
)
def test_what_a_records_file_may_say(changes):
    assert parsed(file_of(**changes), "x.json").frames == FRAMES


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"fetched_utc_ms": 2**53}, "fetched_utc_ms is no number"),
        ({"next_seq": -1}, "next_seq is no number"),
        ({"first_seq": True}, "first_seq is no number"),
        ({"log_version": "1"}, "log_version is no number"),
        ({"log_id": ...}, "log_id is no number"),
        ({"log_id": 2**32}, "log_id is no number"),
        ({"device_id": "564200000000000"}, "device_id is no band"),
        ({"device_id": "564200000000000F"}, "device_id is no band"),
        ({"device_id": 5642}, "device_id is no band"),
        ({"firmware": ...}, "firmware is missing"),
        ({"zone": 3}, "zone is missing"),
        ({"frames": None}, "frames is missing"),
        ({"zone": ""}, "zone is no time zone"),
        ({"zone": "x" * 61}, "zone is no time zone"),
        ({"zone": "Europe\nRome"}, "zone is no time zone"),
        ({"frames": "AA=A"}, "its records are cut off"),
        ({"frames": base64.b64encode(b"x" + FRAMES[0]).decode()}, "record 1 of it is damaged"),
        (
            {"frames": base64.b64encode(FRAMES[0] + FRAMES[1] + FRAMES[2][:-1]).decode()},
            "record 3 of it is damaged",
        ),
        (
            {"frames": base64.b64encode(a_frame(wire.SEQ_PROVISIONAL)).decode()},
            "a row that may still change",
        ),
        ({"schema": "notturno-records-2"}, "newer page"),
        ({"schema": ["notturno-records-2"]}, "is no records file"),
    ],
)
def test_what_a_records_file_may_not_say(changes, says):
    with pytest.raises(UserError, match=says):
        parsed(file_of(**changes), "x.json")


def test_a_records_files_firmware_is_told_in_40_signs_that_can_be_printed():
    assert parsed(file_of(firmware="a\nb" + "x" * 60), "x.json").firmware == "a?b" + "x" * 37


def test_a_records_file_is_of_64_mib_at_most():
    most = bytearray(b" " * (64 * 1024 * 1024))
    with pytest.raises(UserError, match="holds no notturno-records-1"):
        parsed(bytes(most), "x.json")
    with pytest.raises(UserError, match="larger than any band's memory"):
        parsed(bytes(most) + b" ", "x.json")


# --- texts: bytes of whoever wrote them ---------------------------------------------------------


def test_what_a_band_says_of_itself_obeys_no_terminal_and_breaks_no_table():
    assert of_a_band(b"0.1.0\0\0\0") == "0.1.0"
    assert of_a_band(b"\x1b[2J\n\t\0a\xff\0") == "?[2J???a\ufffd"
    assert printable("a\x1bb\u202ec") == "a?b?c"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"a b", "a b"),
        ("è\t1\r\n".encode(), "è\t1\r\n"),
        ("è".encode("cp1252"), "è"),
        ("è".encode("utf-8-sig"), "è"),
        (b"\xff\xfea\0", "a"),
        (b"\xfe\xff\0a", "a"),
        (b"a\0b\0", "ab"),
        (b"\0a\0b", "ab"),
        ("onset,2\n".encode("utf-16-le"), "onset,2\n"),
        ("onset,2\n".encode("utf-16-be"), "onset,2\n"),
        (("a" * 1000 + "Ж" * 9).encode("utf-16-le"), "a" * 1000 + "Ж" * 9),
        (("a" * 1000 + "Ж" * 9).encode("utf-16-be"), "a" * 1000 + "Ж" * 9),
        (b"a\0", "a\0"),
        (b"cut\0\0", "cut\0\0"),
        (b"\0a", None),
        (b"\0a\0", None),
        (b"\0" + b"a" * 2000, None),
        (b"\x01", None),
        (b"a" * 999 + b"\x1f", None),
        (b"a" * 1000 + b"\x1f", "a" * 1000 + "\x1f"),
    ],
)
def test_bytes_are_a_text_or_none(data, text):
    assert decoded(data) == text


def test_a_list_is_text_whose_lines_end_alike():
    assert listed("è\r\nb\rc\n\r\r\n".encode("utf-16")) == "è\nb\nc\n\n\n"
    assert listed(b"\x01") is None


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_that_a_command_is_given_is_read_as_spreadsheets_write_it(tmp_path, form):
    (tmp_path / "t.csv").write_bytes("Käse,1\rTee,2\r\n".encode(form))
    assert given.text_of(str(tmp_path / "t.csv")) == "Käse,1\nTee,2\n"


def test_what_a_command_is_given_and_cannot_read_says_so(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(UserError, match=r"t\.csv is no text, or a damaged one"):
        given.text_of(str(path))
    path.write_bytes(b"a,b\n1,\0\n")
    with pytest.raises(UserError, match=r"t\.csv, line 2: bytes that are no text"):
        given.text_of(str(path))
    with pytest.raises(UserError, match="cannot be read"):
        given.text_of(str(tmp_path))
    path.write_bytes(b"12345")
    assert given.text_of(str(path)) == "12345"
    monkeypatch.setattr(list_text, "MOST_BYTES", 4)
    with pytest.raises(UserError, match=r"t\.csv is larger than any list"):
        given.text_of(str(path))


# --- leaps: numbers that a new start leaves out -------------------------------------------------

BOOTS = (wire.REC_SESSION, wire.REC_TIME, wire.REC_START)
CHECK = (wire.REC_CHECK, b"")


def test_a_boot_is_named_by_four_bytes_and_no_more():
    for kind in BOOTS:
        assert leaps.boot_named(kind, b"\5\1\0\0") == 261
        assert leaps.boot_named(kind, b"\5\0\0\0\7\7") == 5
        assert leaps.boot_named(kind, b"\5\0\0") == 0
    assert leaps.boot_named(wire.REC_MINUTE, b"\5\0\0\0\0") == 0


@pytest.mark.parametrize(
    ("numbers", "checks", "boot_id", "left_out"),
    [
        (1, 0, 4, True),
        (256, 0, 4, True),
        (257, 0, 4, False),
        (1, 0, 5, False),
        (1, 0, 6, False),
        (1, 16, 4, True),
        (1, 17, 4, False),
        (1, 18, 4, False),
    ],
)
def test_a_hole_is_a_bands_own_where_a_later_boot_stands_close_behind(
    numbers, checks, boot_id, left_out
):
    behind = [CHECK] * checks + [(wire.REC_SESSION, b"\5\0\0\0")]
    assert leaps.left_out_by_band(numbers, behind, boot_id) is left_out


def test_a_hole_cannot_be_judged_before_something_else_is_there():
    assert leaps.left_out_by_band(1, [], 0) is None
    assert leaps.left_out_by_band(1, [CHECK] * 16, 0) is None
    assert leaps.left_out_by_band(1, [CHECK] * 17, 0) is False
    assert leaps.left_out_by_band(1, [(wire.REC_MARK, b"")], 0) is False


# --- refusals, times, recordings ----------------------------------------------------------------


def test_a_rate_is_of_hours_that_there_are():
    assert per_h(3, 0.5) == 6.0 and per_h(0, 1) == 0
    for hours in (0, -1):
        assert per_h(3, hours).code == "too_short"
    none = Refusal("why", "x")
    assert per_h(none, 1) is none and per_h(1, none) is none and is_refusal(per_h(1, none))


def test_an_hour_is_60_times_60_seconds_and_a_day_24_hours():
    hour, day = 60 * 60, 24 * 60 * 60
    assert (times.HOUR_S, times.HOUR_MS, times.HOUR_US) == (hour, hour * 1000, hour * 1_000_000)
    assert (times.DAY_S, times.DAY_MS, times.DAY_US) == (day, day * 1000, day * 1_000_000)


def test_the_sleeper_of_the_recording_fell_asleep_two_minutes_past_nine():
    """It begins at 20:00, as its page says."""
    assert recordings.ASLEEP_FROM_S == (21 - 20) * 3600 + 2 * 60
    assert "asleep_wrist_30hz_240min.npz" in [path.name for path in recordings.paths()]


# --- paths, configfile, onlyone, origin, firmware_files -----------------------------------------


@pytest.mark.parametrize(
    ("name", "is_one"), [("a" * 60, True), ("a" * 61, False), ("é" * 30, True)]
)
def test_a_persons_name_is_of_60_bytes_at_most(name, is_one):
    if is_one:
        assert paths.person_name(name) == name
    else:
        with pytest.raises(UserError, match="is no name for a person's folder"):
            paths.person_name(name)


def test_the_demos_folder_is_asked_for_alone(tmp_path):
    with pytest.raises(UserError, match="--demo or --data-dir"):
        paths.data_dir(tmp_path, demo=True, create=False)
    with pytest.raises(UserError, match="--demo or --person"):
        paths.data_dir(person="anna", demo=True, create=False)
    assert paths.data_dir(tmp_path, "anna", create=False) == tmp_path / "people" / "anna"


def test_settings_go_in_and_out_of_tables_of_any_depth(tmp_path, monkeypatch):
    monkeypatch.setenv("NOTTURNO_CONFIG", str(tmp_path / "there" / "config.toml"))
    assert configfile.read() == {} and configfile.general("lang") is None
    configfile.write(["lang"], "it")
    configfile.write(["report", "paper"], "letter")
    configfile.write(["bands", "set", "last"], 3)
    configfile.write(["bands", "set", "first"], 2)
    assert configfile.read() == {
        "lang": "it",
        "report": {"paper": "letter"},
        "bands": {"set": {"last": 3, "first": 2}},
    }
    assert configfile.general("lang") == "it" and configfile.general("person") is None
    configfile.write(["bands", "set", "last"], None)
    configfile.write(["lang"], "")
    assert configfile.read()["bands"] == {"set": {"first": 2}}
    assert configfile.general("lang") is None
    configfile.write(["person"], 7)
    with pytest.raises(UserError, match=r'person is no text; write person = "..."'):
        configfile.general("person")


def test_where_no_fcntl_is_the_first_byte_is_locked(tmp_path, monkeypatch):
    """As on Windows, where a lock is of bytes: all must take the same one."""
    taken = []

    def locking(fileno, mode, count):
        import os

        taken.append((os.lseek(fileno, 0, os.SEEK_CUR), mode, count))

    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2))
    (tmp_path / "lock").write_bytes(b"something")
    with onlyone.only_one(tmp_path / "lock", "busy"):
        assert taken == [(0, 2, 1)]


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("", "commit unknown"),
        ("ab" * 20, "commit abababababab"),
        ("ab" * 20 + "+", "commit abababababab and changes"),
    ],
)
def test_the_version_names_its_commit(at, told, monkeypatch):
    monkeypatch.setattr(origin, "commit", lambda: at)
    assert f"({told}, detector" in origin.version_line()


def test_the_firmware_is_the_checkouts_where_none_came_with_the_package(tmp_path, monkeypatch):
    assert (origin.CHECKOUT / "firmware" / "main.py").is_file()
    assert firmware_files.PLACES[1] == origin.CHECKOUT / "firmware"
    (tmp_path / "lib" / "__pycache__").mkdir(parents=True)
    for name in ("main.py", "lib/a.py", "lib/__pycache__/b.py"):
        (tmp_path / name).touch()
    assert list(firmware_files.sources(tmp_path)) == ["lib/a.py", "main.py"]
    nowhere = (tmp_path / "one", tmp_path / "two")
    monkeypatch.setattr(firmware_files, "PLACES", nowhere)
    with pytest.raises(UserError, match=f"not at {nowhere[0]}; install notturno anew"):
        firmware_files.folder()


def test_a_checkout_without_git_is_of_no_known_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(origin, "KEPT", tmp_path / "COMMIT")
    monkeypatch.setattr(origin, "CHECKOUT", tmp_path)
    assert origin.commit() == ""
    (tmp_path / "COMMIT").write_text("ab12\n")
    assert origin.commit() == "ab12"


# --- homes, knowledge ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "at"), [("00:00", (0, 0)), ("7:05", (7, 5)), ("07:30", (7, 30)), ("23:59", (23, 59))]
)
def test_a_time_of_day(text, at):
    assert service.time_of_day(text) == at


def test_the_agent_runs_at_its_hour_and_minute():
    import plistlib

    agent = plistlib.loads(service.launchd_agent(["a", "b c"], (7, 31), "/log"))
    assert agent["StartCalendarInterval"] == {"Hour": 7, "Minute": 31}
    timer = service.systemd_units(["a"], (7, 5))["notturno-sync.timer"]
    assert "OnCalendar=*-*-* 07:05:00\n" in timer


def test_blanks_and_brackets_go_into_a_service_and_control_signs_do_not():
    units = service.systemd_units(["a b", "(c)", "d"], (7, 5))
    assert 'ExecStart="a b" "(c)" d\n' in units["notturno-sync.service"]
    for sign in "\n\t\x1f":
        with pytest.raises(UserError, match="no service can be given"):
            service.systemd_units([f"a{sign}"], (7, 5))


def test_the_end_of_a_night_is_told_in_utc():
    row = dict.fromkeys(mqtt.KEYS) | {"night": "2026-01-31", "state": "complete"}
    row |= {"simulated": False, "refusal": None, "end_utc_ms": 1_769_842_861_500}
    assert mqtt._state(row)["night_end"] == "2026-01-31T07:01:01+00:00"
    assert mqtt._state(row | {"end_utc_ms": None})["night_end"] is None


def test_a_claim_is_found_and_a_denied_one_is_none():
    text = "It counts. It detects seizures! It does not diagnose. Cures all; never treats."
    assert forbidden_in(text) == ["It detects seizures!", "Cures all;"]
    assert forbidden_in("Nothing is counted. It is not so.") == []
    found = strings()
    told = {one.text for section in SECTIONS for one in section.statements}
    told |= {text for one in EXPOSURES for text in (one.group, one.name, one.effect)}
    assert {PURPOSE, *NOT_FOR, *told} <= set(found) and len(found) == len(set(found))


def test_a_file_that_cannot_be_had_says_why_as_the_system_does_or_as_it_can():
    import errno

    full = OSError(errno.ENOSPC, "No space left", "x")
    no_room = os.strerror(errno.ENOSPC)
    assert str(unwritable("x", full)).startswith(f"x cannot be written ({no_room}); make room")
    assert "(it broke)" in str(unwritable("x", OSError("it broke")))
    for short in (  # of numpy and of pyarrow, where a disk is full
        OSError("75164 requested and 65024 written"),
        OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28] No space left"),
    ):
        assert f"({os.strerror(errno.ENOSPC)}); make room" in str(unwritable("x", short))
    assert str(unreadable("x", full)) == "x cannot be read (No space left); check the name."


def test_of_what_an_error_says_the_first_line_is_told_and_no_more_than_fits():
    assert why(ValueError("a\nb")) == "a" and why(ValueError()) == "empty"
    assert why(ValueError("a\nb"), named=True) == "ValueError: a"
    assert why(ValueError(), named=True) == "ValueError: "
    assert why(ValueError("x" * 121)) == "x" * 120


@pytest.mark.parametrize("no", [1, 5, 9])
def test_an_event_that_is_not_there_is_told_from_where_to_where_they_go(no):
    from notturno.views.events import one

    events = [{"no": k} for k in (2, 3, 4, 8)]
    assert one(events, 4) == {"no": 4}
    with pytest.raises(UserError, match=f"no event {no} .* they go from 2 to 8"):
        one(events, no)
