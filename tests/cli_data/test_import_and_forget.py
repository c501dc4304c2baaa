"""The commands `import` and `bands forget`: records in by a file, and out again."""

import base64
import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from notturno.cli import cli
from notturno.errors import UserError
from notturno.keys import KeyRing
from notturno.store import Store
from notturno_core import wire

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen, frame

EVENING = 1_768_253_400_000
KEY = bytes(range(32))


def a_night(first_seq=1, at=EVENING, boot_id=1, jerks=20):
    pen = Pen(first_seq=first_seq, boot_id=boot_id)
    pen.time(1000, at)
    pen.night(2000, 60, [(i * 3 + 0.1, {}) for i in range(jerks)])
    return pen.frames


def document(frames, /, **other):
    said = {
        "schema": "notturno-records-1",
        "device_id": DEVICE,
        "log_id": LOG_ID,
        "log_version": wire.LOG_VERSION,
        "firmware": "0.1.0",
        "zone": "Europe/Rome",
        "first_seq": 1,
        "next_seq": len(frames) + 1,
        "fetched_utc_ms": EVENING + 9 * 3_600_000,
        "frames": base64.b64encode(b"".join(frames)).decode(),
    }
    return said | other


def run(folder, *arguments, **how):
    return CliRunner().invoke(cli, [*arguments, "--data-dir", str(folder)], **how)


def imported(folder, said, *arguments):
    path = folder / "night.json"
    path.write_bytes(said if isinstance(said, bytes) else json.dumps(said).encode())
    return run(folder / "home", "import", str(path), *arguments)


def frames_in(folder):
    with Store.open(folder / "home", create=False) as store:
        return list(store.frames(DEVICE, LOG_ID, 0, 1 << 32))


def test_a_phones_file_is_as_good_as_a_sync_and_twice_adds_nothing(tmp_path):
    frames = a_night()
    first = json.loads(imported(tmp_path, document(frames[::-1]), "--json").stdout)
    assert (first["new_records"], first["new_events"]) == (len(frames), 20)
    assert (first["nights"], first["warnings"]) == (["2026-01-12"], [])
    assert frames_in(tmp_path) == frames
    again = json.loads(imported(tmp_path, document(frames), "--json").stdout)
    assert (again["new_records"], again["schema"]) == (0, "import-1")
    said = imported(tmp_path, document(frames)).stdout
    assert "2026-01-12" in said and "0 new records" in said


def test_what_contradicts_or_cannot_be_read_is_kept_and_said(tmp_path):
    frames = a_night()
    imported(tmp_path, document(frames))
    other = frame(5, wire.REC_MARK, b"12345678")
    short = frame(400, wire.REC_SESSION, b"\1")
    result = imported(tmp_path, document([other, short]), "--json")
    warnings = json.loads(result.stdout)["warnings"]
    assert "kept aside" in warnings[0] and warnings[1].startswith("Record 400 is stored, but")
    assert frames_in(tmp_path) == [*frames, short]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"\xff\xfe", "not known"),
        (b"[]", "not known"),
        (b"{" * 100_000, "not known"),
        ({"schema": "notturno-records-2"}, "newer page; update notturno"),
        ({"schema": "other"}, "not known"),
        (document([], device_id="../../x"), "device_id"),
        (document([], log_id=-1), "log_id"),
        (document([], log_id=1 << 32), "log_id"),
        (document([], next_seq=True), "next_seq"),
        (document([], zone="\x1b[2J"), "zone"),
        (document([], frames="?"), "cut off"),
        (document([a_night()[0], a_night()[1][:-1]]), "record 2 of it is damaged"),
        (document([frame(wire.SEQ_PROVISIONAL, wire.REC_MARK, b"12345678")]), "may still change"),
    ],
)
def test_a_bad_file_is_one_sentence_and_adds_nothing(tmp_path, said, words):
    result = imported(tmp_path, said)
    assert result.exit_code == 1 and words in str(result.exception)
    assert not (tmp_path / "home" / "notturno.sqlite3").exists()


def test_a_band_is_forgotten_with_its_nights_its_name_and_its_key(tmp_path):
    imported(tmp_path, document(a_night()))
    home = tmp_path / "home"
    run(home, "bands", "name", DEVICE, "left", "--side", "L")
    KeyRing(home).add(DEVICE, KEY, "typed")
    refused = run(home, "bands", "forget", "left", input="n\n")
    assert refused.exit_code == 1 and frames_in(tmp_path)
    asked = run(home, "bands", "forget", "left", input="y\n")
    assert (
        f"log 00001234: {len(a_night())} records" in asked.stdout and "and its key" in asked.stdout
    )
    with Store.open(home, create=False) as store:
        assert store.bands() == [] and store.nights() == []
        tables = [
            row["name"]
            for row in store._db.execute(
                "select name from sqlite_schema where type = 'table' and name not like 'sqlite%'"
            )
        ]
        left = {t for t in tables if store._db.execute(f"select 1 from {t} limit 1").fetchone()}
    assert left <= {"migrations"}
    assert KeyRing(home).ids() == []


def test_one_log_or_what_some_syncs_brought_goes_and_the_rest_is_as_before(tmp_path):
    home = tmp_path / "home"
    frames = a_night()
    imported(tmp_path, document(frames))
    KeyRing(home).add(DEVICE, KEY, "typed")
    with Store.open(home, create=False) as store:
        before = store.nights()
    poison = a_night(at=EVENING + 86_400_000, jerks=7)
    imported(tmp_path, document(poison, log_id=0x77))
    gone = run(home, "bands", "forget", DEVICE, "--log", "00000077", "--json")
    assert gone.exit_code == 0, gone.exception
    assert json.loads(gone.stdout)["records"] == len(poison)
    later = a_night(len(frames) + 1, EVENING + 2 * 86_400_000, boot_id=2)
    imported(tmp_path, document(later, fetched_utc_ms=EVENING + 3 * 86_400_000))
    gone = run(home, "bands", "forget", DEVICE, "--synced-since", "2026-01-15", "--yes")
    assert f"{len(later)} records" in gone.stdout and "fetches again" in gone.stdout
    with Store.open(home, create=False) as store:
        assert store.nights() == before
        assert store.missing(DEVICE, LOG_ID, 1, 120) == [(len(frames) + 1, 119)]
    assert frames_in(tmp_path) == frames and KeyRing(home).ids() == [DEVICE]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--log", "77"], "8 hex digits"),
        (["--log", "00000077"], "has no log 00000077; it has: 00001234"),
        (["--synced-since", "soon"], "is no time"),
        (["--log", "00001234", "--synced-since", "2026-01-01"], "not both"),
    ],
)
def test_what_is_not_there_cannot_be_forgotten(tmp_path, arguments, words):
    imported(tmp_path, document(a_night()))
    result = run(tmp_path / "home", "bands", "forget", DEVICE, "--yes", *arguments)
    assert result.exit_code == 1 and words in str(result.exception)
    nobody = run(tmp_path / "home", "bands", "forget", "nobody", "--yes")
    assert nobody.exit_code == 1 and "no band nobody" in str(nobody.exception)


@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_a_file_of_which_nothing_can_be_read_is_no_success(tmp_path, extra):
    path = tmp_path / "mine.csv"
    path.write_text("bed,wake\nyesterday,today\n")
    done = run(tmp_path / "home", "import", str(path), *extra)
    assert done.exit_code != 0 and isinstance(done.exception, (SystemExit, UserError))
    told = done.output + str(done.exception)
    assert "No entry of mine.csv could be read" in told and "line 2" in told
    if extra:
        assert json.loads(done.stdout)["all_refused"] is True


def test_a_file_of_which_one_line_can_be_read_is_one(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("bed,wake\nyesterday,today\n2026-01-12 22:30,2026-01-13 06:30\n")
    done = run(tmp_path / "home", "import", str(path), "--zone", "Europe/Rome")
    assert done.exit_code == 0 and "line 2" in done.output
