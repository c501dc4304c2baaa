"""Deleted is deleted: not in the file's bytes, not by the next sync, not by an old export."""

import json

from click.testing import CliRunner
from lives import AWAY, DEVICE, LOG_ID, NEXT, NIGHT, NOTE, OTHER, ROME, figures, nights
from notturno.cli import cli
from notturno.keys import KeyRing
from notturno.store import Store
from notturno_core import wire

KEY = bytes(range(32))
NOTE_BYTES = NOTE.encode()


def run(folder, *arguments, **how):
    return CliRunner().invoke(cli, [*map(str, arguments), "--data-dir", str(folder)], **how)


def payloads_of(folder, night):
    """Return the payloads of a night's events and minutes, which no other night has."""
    with Store.open(folder, create=False) as store:
        (session,) = store.sessions(night)
        frames = list(store.frames(DEVICE, LOG_ID, session["seq"], session["seq"] + 500))
    return [f[wire.HEADER_LEN : -wire.CRC_LEN] for f in frames if f[4] == wire.REC_EVENT][:40]


def all_bytes(folder):
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_night_is_gone_from_the_bytes_with_all_that_was_said_of_it(own_life):
    only_here = set(payloads_of(own_life, NEXT)) - set(payloads_of(own_life, NIGHT))
    there = all_bytes(own_life)
    assert NOTE_BYTES in there
    others = {row["night"]: row for row in figures(own_life) if row["night"] != NEXT}
    result = run(own_life, "forget", NEXT, "--yes", "--json")
    gone = json.loads(result.stdout)["gone"]
    assert gone["records"] > 400 and (gone["diary"], gone["edits"]) == (1, 1)
    left = all_bytes(own_life)
    assert NOTE_BYTES not in left and not any(payload in left for payload in only_here)
    assert {row["night"]: row for row in figures(own_life)} == others
    assert [path.name for path in own_life.iterdir()] == ["notturno.sqlite3"]


def test_no_sync_and_no_old_export_brings_it_back(own_life, tmp_path):
    run(own_life, "export", "--format", "json", "--out", tmp_path / "old.json")
    run(own_life, "forget", NIGHT, "--yes")
    with Store.open(own_life) as store:
        asked = store.missing(DEVICE, LOG_ID, 1, 1200)
        held = store.count_records(DEVICE)
        added = store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0"), nights().frames)
        assert added.new_records == 0 and store.count_records(DEVICE) == held
        forgotten = dict(store._db.execute("select first_seq, last_seq from forgotten").fetchall())
        assert len(forgotten) == 1
        ((first, last),) = forgotten.items()
        assert not any(
            a <= seq <= b for a, b in asked for seq in (first, last, (first + last) // 2)
        )
    said = json.loads(run(own_life, "import", tmp_path / "old.json", "--json").stdout)
    assert said["added"].get("records", 0) == 0
    assert {why.partition(":")[0] for why in said["refused"]} >= {
        f"edits of {NIGHT}",
        f"labels of {NIGHT}",
    }
    assert NIGHT not in {row["night"] for row in figures(own_life)}


def test_of_two_bands_one_alone_may_be_forgotten(own_life):
    result = run(own_life, "forget", "--band", OTHER, input="y\n")
    assert "Gone for good" in result.stdout and "backups, exports" in result.stdout
    assert {row["device_id"] for row in figures(own_life)} == {DEVICE}
    KeyRing(own_life).add(DEVICE, KEY, "typed")
    run(own_life, "forget", "--band", "calf-left", "--yes")
    with Store.open(own_life, create=False) as store:
        counts = store.counts()
        assert counts["records"] == counts["edits"] == counts["labels"] == counts["bands"] == 0
        assert counts["diary"] == 3  # of nights, whichever band was worn
    assert KeyRing(own_life).all() == {} and b"calf-left" not in all_bytes(own_life)


def test_everything_is_everything_of_this_person_and_of_no_other(own_life):
    KeyRing(own_life).add(DEVICE, KEY, "typed")
    KeyRing(own_life).add(DEVICE, KEY[::-1], "typed", replace=True)
    (own_life / "notturno.sqlite3.before-restore-1").write_bytes(b"old" * 9)
    other = own_life / "people" / "anna"
    other.mkdir(parents=True)
    (other / "notturno.sqlite3").write_bytes(b"hers")
    (own_life / "thesis.txt").write_text("mine")
    refused = run(own_life, "forget", "--everything", input="yes\n")
    assert refused.exit_code != 0 and (own_life / "notturno.sqlite3").exists()
    result = run(own_life, "forget", "--everything", input="everything\n")
    assert "4 files, 1 key" in result.stdout
    left = {p.relative_to(own_life).as_posix() for p in own_life.rglob("*") if p.is_file()}
    assert left == {"people/anna/notturno.sqlite3", "thesis.txt", "sync.lock"}
    assert "nothing of notturno" in run(own_life, "forget", "--everything", "--yes").stdout


def test_a_hard_link_shows_that_the_content_was_overwritten(own_life, tmp_path):
    link = tmp_path / "link"
    link.hardlink_to(own_life / "notturno.sqlite3")
    run(own_life, "forget", "--everything", "--yes")
    assert not any(link.read_bytes()) and link.stat().st_size > 100_000


def test_a_nap_is_a_night_of_its_own_and_goes_alone(own_life):
    asked = run(own_life, "forget", AWAY, input="n\n")
    assert f"its 1 nap stay: {AWAY}-nap1" in asked.stdout and asked.exit_code != 0
    run(own_life, "forget", f"{AWAY}-nap1", "--yes")
    names = {row["night"] for row in figures(own_life)}
    assert AWAY in names and f"{AWAY}-nap1" not in names


def test_what_is_to_be_forgotten_must_be_said(own_life):
    for arguments, words in (
        ((), "Say what"),
        ((NIGHT, "--everything"), "Give NIGHT"),
        (("--everything", "--band", OTHER), "Give NIGHT"),
        (("2026-05-05", "--yes"), "not stored"),
        (("--band", "nobody", "--yes"), "no band"),
        ((NIGHT, "--json"), "--yes"),
    ):
        result = run(own_life, "forget", *arguments)
        assert result.exit_code == 1 and words in str(result.exception)
    assert len(figures(own_life)) == 5
