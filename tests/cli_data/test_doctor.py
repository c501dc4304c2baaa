"""`doctor`: what is found and what to do, in any state of folder, logbook, clock and radio."""

import contextlib
import errno
import json
import os
import socket
import sqlite3
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import LOG_ID, Pen
from notturno import doctor, keys, link
from notturno.cli import cli
from notturno.doctor import machine
from notturno.errors import UserError
from notturno.store import Store
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
MORNING = EVENING + 100 * 60_000
REAL, VIRTUAL = "a0b1c2d3e4f50000", "564200000000000f"
KEY = bytes(range(32))
HOUR, DAY = 3_600_000, 86_400_000


@pytest.fixture(autouse=True)
def air(monkeypatch):
    """The radio: `heard`, names of bands in reach, or `fault`, what it raises."""
    made = SimpleNamespace(heard=["notturno-0001"], fault=None, asked=[])

    class Radio:
        async def scan(self, timeout_s):
            return [SimpleNamespace(name=name) for name in made.heard]

    @asynccontextmanager
    async def open_radio(virtual=None):
        made.asked.append(virtual)
        if made.fault:
            raise made.fault
        yield Radio()

    made.real = link.open_radio
    monkeypatch.setattr(link, "open_radio", open_radio)
    return made


@pytest.fixture
def folder(tmp_path, one_now):
    """A logbook of a real band called calf, synced on the morning after its night, and its key."""
    one_now.utc_ms = MORNING + HOUR
    folder = tmp_path / "data"
    synced(folder, REAL, "calf")
    keys.KeyRing(folder, in_keyring=False).add(REAL, KEY, "deploy")
    return folder


def synced(folder, device_id, name, battery_mv=3900, state=wire.STATE_DOCKED, **said):
    folder.mkdir(exist_ok=True)
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 90, [(5.0, {})])
    info = {"next_seq": pen.seq, "first_seq": 1, "state": state, "tick_ms": 1, "boot_id": 1}
    info |= {"battery_mv": battery_mv} | said
    with Store.open(folder) as store:
        store.add(store.begin_sync(device_id, LOG_ID, "Europe/Rome", "0.1.0", EVENING), pen.frames)
        store.note_band(device_id, LOG_ID, info, "0.1.0", MORNING)
        store.name_band(device_id, name)


def ask(folder, *more):
    """Return (exit code, {(check, band): finding}) of the command."""
    done = CliRunner().invoke(cli, ["doctor", "--json", "--data-dir", str(folder), *more])
    assert isinstance(done.exception, SystemExit | None), done.exception
    told = json.loads(done.output)
    assert told["schema"] == "doctor-1"
    assert all(set(c) == {"check", "state", "found", "todo", "band"} for c in told["checks"])
    states = {check["state"] for check in told["checks"]}
    assert told["state"] == max(states, key=["ok", "look", "wrong"].index)
    assert done.exit_code == int("wrong" in states)
    for check in told["checks"]:
        assert check["todo"] or check["state"] == "ok", check
    return done.exit_code, {(c["check"], c["band"]): c for c in told["checks"]}


def state(found, check, band=""):
    return found[check, band]["state"]


def tree(folder):
    """Return what lies below a folder: names, sizes, times, modes."""
    return {
        path: (path.lstat().st_size, path.lstat().st_mtime_ns, path.lstat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }


def test_all_is_well(folder):
    before = tree(folder)
    code, found = ask(folder)
    assert code == 0 and {finding["state"] for finding in found.values()} == {"ok"}
    assert set(found) >= {
        ("bluetooth", ""),
        ("permission", ""),
        ("data folder", ""),
        ("disk", ""),
        ("logbook", ""),
        ("clock", ""),
        ("key", "calf"),
        ("contact", "calf"),
        ("newest record", "calf"),
        ("battery", "calf"),
    }
    assert "notturno-0001" in found["bluetooth", ""]["found"]
    assert found["contact", "calf"]["found"] == "60 minutes ago"
    assert "64 %" in found["battery", "calf"]["found"]
    assert tree(folder) == before


def test_people_read_a_line_and_what_to_do(folder, air):
    out = CliRunner().invoke(cli, ["doctor", "--data-dir", str(folder)])
    assert out.exit_code == 0 and out.output.splitlines()[-1] == "All is well."
    air.heard = []
    keys.KeyRing(folder, in_keyring=False).remove(REAL)
    out = CliRunner().invoke(cli, ["doctor", "--data-dir", str(folder)])
    assert out.exit_code == 1 and out.output.splitlines()[-1] == "1 thing wrong, 1 to look at."
    lines = out.output.splitlines()
    at = lines.index("wrong  calf: key: is not here: this computer cannot read the band")
    assert "notturno bands key add --port" in lines[at + 1]


@pytest.mark.parametrize("exists", [False, True])
def test_with_nothing_yet_it_says_how_to_begin_and_makes_nothing(tmp_path, exists):
    folder = tmp_path / "new"
    if exists:
        folder.mkdir()
    before = tree(tmp_path)
    code, found = ask(folder)
    assert code == 0
    assert state(found, "logbook") == "look" and "notturno sync" in found["logbook", ""]["todo"]
    assert state(found, "bands") == "look" and state(found, "data folder") == "ok"
    assert tree(tmp_path) == before


DAMAGE = [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000, "cut", "folder"]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_broken_logbook_is_named_and_the_rest_is_still_looked_at(folder, damage):
    path = folder / "notturno.sqlite3"
    data = path.read_bytes()
    path.unlink()
    if damage == "folder":
        path.mkdir()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else damage)
    before = tree(folder)
    code, found = ask(folder)
    assert code == 1 and state(found, "logbook") == "wrong"
    assert state(found, "bluetooth") == "ok"
    assert any(check == "key" for check, _ in found)  # of a band that the logbook hides
    assert tree(folder) == before


def test_damage_in_pages_that_the_doctor_itself_does_not_need_is_found(folder):
    path = folder / "notturno.sqlite3"
    with contextlib.closing(sqlite3.connect(path)) as db:
        size = db.execute("pragma page_size").fetchone()[0]
        (root,) = db.execute(
            "select rootpage from sqlite_schema where type = 'table' and name = 'tags'"
        ).fetchone()
    data = bytearray(path.read_bytes())
    data[(root - 1) * size : root * size] = b"\xa5" * size
    path.write_bytes(data)
    code, found = ask(folder)
    assert code == 1 and state(found, "logbook") == "wrong"
    assert "is damaged" in found["logbook", ""]["found"]


def test_a_logbook_that_cannot_be_read_is_not_taken_for_an_empty_one(folder):
    (folder / "notturno.sqlite3").write_bytes(b"")
    keys.KeyRing(folder, in_keyring=False).remove(REAL)
    found = ask(folder)[1]
    assert ("bands", "") not in found and state(found, "logbook") == "wrong"


def test_a_newer_logbook_is_named(folder):
    import sqlite3

    with sqlite3.connect(folder / "notturno.sqlite3") as db:
        db.execute("pragma user_version = 9999")
    code, found = ask(folder)
    assert code == 1 and "newer" in json.dumps(found["logbook", ""])
    # Which bands were synced stands in the logbook alone: nothing is said of it.
    assert state(found, "key", REAL) == "ok" and "never synced" not in json.dumps(list(found))


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    code, found = ask(tmp_path / "file")
    assert code == 1 and "is no folder" in found["data folder", ""]["found"]


@pytest.mark.parametrize("exists", [True, False])
def test_a_folder_that_cannot_be_written_to(folder, tmp_path, monkeypatch, exists):
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, how: not how & os.W_OK and real(path, how))
    code, found = ask(folder if exists else tmp_path / "none")
    assert code == 1 and state(found, "data folder") == "wrong"
    if exists:
        assert "not written to" in found["logbook", ""]["found"]


@pytest.mark.parametrize(
    ("free", "expected"), [(10**7, "wrong"), (10**8, "look"), (10**10, "ok"), (None, None)]
)
def test_room_on_the_disk(folder, monkeypatch, free, expected):
    def usage(path):
        if free is None:
            raise OSError(errno.ENOSYS, "no")
        return SimpleNamespace(free=free)

    monkeypatch.setattr(machine.shutil, "disk_usage", usage)
    found = ask(folder)[1]
    assert found.get(("disk", ""), {"state": None})["state"] == expected


@pytest.mark.parametrize(
    ("free", "said"),
    [
        (12_345_678_901, "12.3 GB free"),
        (1_000_000_000, "1.0 GB free"),
        (999_400_000, "999 MB free"),
        (12_000_000, "12 MB free"),
    ],
)
def test_the_room_on_the_disk_is_told_in_gb_or_mb(folder, monkeypatch, free, said):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: SimpleNamespace(free=free))
    assert ask(folder)[1]["disk", ""]["found"] == said


# --- locks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL])
@pytest.mark.parametrize("which", ["flock", "lockf"])
def test_a_share_without_locks_is_not_taken_for_another_program(
    folder, monkeypatch, number, which
):
    import fcntl

    def refuse(*_):
        raise OSError(number, "x")

    monkeypatch.setattr(fcntl, which, refuse)
    code, found = ask(folder)
    assert code == 1 and "cannot be locked" in found["logbook", ""]["found"]


def test_a_program_that_writes_just_now_is_seen_and_not_disturbed(folder):
    import subprocess

    code = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "db.execute('begin immediate'); print('held', flush=True); sys.stdin.read();"
        "db.execute('insert into syncs (log_key, started_utc_ms, zone, firmware) select log_key,"
        " 1, 1, 1 from logs'); db.execute('commit'); print('done')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, folder / "notturno.sqlite3"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout.readline() == "held\n"
        found = ask(folder)[1]
        assert state(found, "logbook") == "look" and "another program" in str(found["logbook", ""])
        assert other.communicate("")[0] == "done\n"
    assert state(ask(folder)[1], "logbook") == "ok"


def test_a_running_sync_is_named(folder):
    from notturno.onlyone import only_one

    with only_one(folder / "sync.lock", "busy"):
        found = ask(folder)[1]
    assert state(found, "logbook") == "look" and "sync is running" in found["logbook", ""]["found"]
    assert state(ask(folder)[1], "logbook") == "ok"


# --- the radio ---------------------------------------------------------------------------------


def test_no_bluetooth_is_said_plainly(folder, air):
    air.fault = UserError("This computer has no Bluetooth radio; plug one in.")
    code, found = ask(folder)
    assert code == 1
    assert found["bluetooth", ""] == {
        "check": "bluetooth",
        "state": "wrong",
        "found": "This computer has no Bluetooth radio",
        "todo": "plug one in",
        "band": "",
    }
    assert ("permission", "") not in found  # nobody knows


def test_whatever_the_systems_bluetooth_raises_the_rest_is_looked_at(folder, air):
    air.fault = RuntimeError("something\nnew")
    code, found = ask(folder)
    assert code == 1 and "RuntimeError: something" in found["bluetooth", ""]["found"]
    assert state(found, "logbook") == "ok"


def test_a_silent_air_is_no_fault(folder, air):
    air.heard = []
    code, found = ask(folder)
    assert code == 0 and state(found, "bluetooth") == "look"


def test_a_name_from_the_air_moves_no_cursor(folder, air):
    air.heard = ["\x1b[2Jevil\x07" + "x" * 1000]
    out = CliRunner().invoke(cli, ["doctor", "--data-dir", str(folder)]).output
    assert "\x1b" not in out and "\x07" not in out and "x" * 100 not in out


def test_the_virtual_radio_is_asked_where_named(folder, air):
    found = ask(folder, "--virtual", "127.0.0.1:9")[1]
    assert air.asked == ["127.0.0.1:9"] and "127.0.0.1:9" in found["bluetooth", ""]["found"]


def test_a_virtual_radio_that_is_not_there(folder, air, monkeypatch):
    monkeypatch.setattr(link, "open_radio", air.real)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        code, found = ask(folder, "--virtual", f"127.0.0.1:{nobody.getsockname()[1]}")
    assert code == 1 and "No virtual band is at" in found["bluetooth", ""]["found"]


def test_a_real_stack_hears_a_virtual_band(tmp_path, air, monkeypatch):
    from notturno.virtualband import VirtualBand
    from notturno.virtualband.world import StillSource, Timeline

    monkeypatch.setattr(link, "open_radio", air.real)
    with VirtualBand(tmp_path, Timeline([StillSource()], hours=0.01), seed=3) as band:
        band.wait_nights()
        found = ask(tmp_path, "--virtual", band.hci, "--timeout", "30")[1]
    assert state(found, "bluetooth") == "ok" and "notturno" in found["bluetooth", ""]["found"]


# --- bands, keys, clock ------------------------------------------------------------------------


def test_a_key_that_others_can_read_is_wrong(folder):
    if os.name != "posix":
        pytest.skip("permissions are POSIX's")
    keys.KeyRing(folder, in_keyring=False).path(REAL).chmod(0o644)
    code, found = ask(folder)
    assert code == 1 and "chmod 600" in found["key", "calf"]["todo"]


def test_a_damaged_key_is_wrong(folder):
    keys.KeyRing(folder, in_keyring=False).path(REAL).write_text("{")
    code, found = ask(folder)
    assert code == 1 and "damaged" in found["key", "calf"]["found"]


def test_a_band_that_was_never_synced_shows_its_key(folder):
    keys.KeyRing(folder, in_keyring=False).add(VIRTUAL, KEY, "virtual band")
    assert state(ask(folder)[1], "key", f"{VIRTUAL}, never synced") == "ok"


def test_a_virtual_band_without_its_key_is_no_fault(folder):
    synced(folder, VIRTUAL, "sim")
    code, found = ask(folder)
    assert code == 0 and state(found, "key", "sim*") == "look"


@pytest.mark.parametrize(
    ("said", "check", "expected"),
    [
        ({"battery_mv": 3650}, "battery", "look"),
        ({"battery_mv": 0}, "battery", "ok"),
        ({"next_seq": 5000}, "waiting", "look"),
        ({"state": wire.STATE_LOG_FULL}, "memory", "look"),
    ],
)
def test_what_a_band_said_last(folder, said, check, expected):
    synced(folder, REAL, "calf", **said)
    code, found = ask(folder)
    assert code == 0 and state(found, check, "calf") == expected


@pytest.mark.parametrize(
    ("later_ms", "contact", "newest"),
    [(HOUR, "ok", "ok"), (2 * DAY, "ok", "look"), (5 * DAY, "look", "look")],
)
def test_silence_is_told(folder, one_now, later_ms, contact, newest):
    one_now.utc_ms = MORNING + later_ms
    found = ask(folder)[1]
    assert state(found, "contact", "calf") == contact
    assert state(found, "newest record", "calf") == newest
    assert state(found, "clock") == "ok"


@pytest.mark.parametrize("back_ms", [10 * 60_000, DAY, 400 * DAY])
def test_a_clock_that_was_set_back_is_wrong(folder, one_now, back_ms):
    one_now.utc_ms = MORNING - back_ms
    code, found = ask(folder)
    assert code == 1 and "set back" in found["clock", "calf"]["found"]


@pytest.mark.parametrize("utc_ms", [0, 946_684_800_000, 4_200_000_000_000, 32_000_000_000_000])
def test_a_year_that_cannot_be_is_wrong(folder, one_now, utc_ms):
    one_now.utc_ms = utc_ms
    done = CliRunner().invoke(cli, ["doctor", "--data-dir", str(folder)])
    assert done.exit_code == 1 and "this computer's year is" in done.output


ROW = {"name": "calf", "device_id": REAL, "simulated": False, "seen_utc_ms": MORNING}


def clock(now_ms=MORNING, note=None, **changed):
    return doctor.clock(now_ms, "Europe/Rome", note, [ROW | {"newest_utc_ms": MORNING} | changed])


def test_records_from_the_future_are_wrong_or_to_look_at():
    (found,) = clock(newest_utc_ms=MORNING + DAY)
    assert found.state == "wrong" and "24 hours from now" in found.found
    (found,) = clock(now_ms=MORNING + 5 * DAY, newest_utc_ms=MORNING + DAY)
    assert found.state == "look" and "after it was fetched" in found.found
    (found,) = clock(newest_utc_ms=MORNING + DAY, simulated=True)
    assert found.state == "ok"  # a virtual world has a time of its own
    (found,) = clock(newest_utc_ms=None, seen_utc_ms=None)
    assert found.state == "ok"


def test_a_zone_that_is_not_known_is_to_look_at():
    (found,) = clock(note="The zone X is not known; install tzdata.")
    assert (found.state, found.found) == ("look", "The zone X is not known")
    assert found.todo == "install tzdata"


def test_packages_that_are_missing_are_named_and_needed_by_none(folder, monkeypatch):
    real = machine.find_spec
    monkeypatch.setattr(
        machine, "find_spec", lambda name: None if name == "llvmlite" else real(name)
    )
    code, found = ask(folder)
    assert code == 0 and "llvmlite" in found["optional packages", ""]["found"]
    assert "pip install" in found["optional packages", ""]["todo"]


def test_a_person_has_bands_of_their_own(tmp_path, one_now):
    one_now.utc_ms = MORNING
    synced(tmp_path, REAL, "calf")
    found = ask(tmp_path, "--person", "anna")[1]
    assert ("bands", "") in found and ("key", "calf") not in found
