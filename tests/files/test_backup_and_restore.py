"""A backup that proves itself: whole, sealed, put in place, never half, never over anything."""

import errno
import json
import random
import sqlite3
import zipfile

import pytest
from click.testing import CliRunner
from lives import DEVICE, NIGHT, figures
from notturno import configfile
from notturno.cli import cli
from notturno.errors import UserError
from notturno.files import backup, sealing
from notturno.keys import KeyRing
from notturno.store import Store, door

SECRET = "four words in a row"
KEY = bytes(range(32))


def run(folder, *arguments, **how):
    return CliRunner().invoke(cli, [*map(str, arguments), "--data-dir", str(folder)], **how)


def ok(*arguments, **how):
    result = run(*arguments, **how)
    assert result.exit_code == 0, result.output or result.exception
    return result.stdout


@pytest.fixture(autouse=True)
def cheap(monkeypatch, tmp_path):
    """Passphrases cost little here; the settings file is the test's own."""
    monkeypatch.setattr(sealing, "LOG2_N", 10)
    monkeypatch.setenv(configfile.ENVIRONMENT_VARIABLE, str(tmp_path / "config.toml"))


@pytest.fixture
def secret(tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    return tmp_path / "secret"


def test_a_backup_is_verified_and_comes_back_equal(life, tmp_path):
    file = tmp_path / "all.nb"
    assert "5 nights" in ok(life, "backup", file)
    said = json.loads(ok(life, "backup", "--verify", file, "--json"))
    assert said["holds"] and len(said["checks"]) == 5 and all(said["checks"].values())
    assert said["otherwise"] == 0
    ok(tmp_path / "new", "restore", file)
    assert figures(tmp_path / "new") == figures(life)
    with Store.open(life, create=False) as old, Store.open(tmp_path / "new", create=False) as new:
        assert old.hashes() == new.hashes() and old.counts() == new.counts()
    assert file.stat().st_mode & 0o077 == 0


def test_a_sealed_one_opens_by_its_passphrase_alone(life, tmp_path, secret):
    file = tmp_path / "all.nb"
    ok(life, "backup", file, "--passphrase-file", secret)
    data = file.read_bytes()
    assert data.startswith(sealing.MAGIC) and b"SQLite" not in data and b"MANIFEST" not in data
    ok(life, "backup", "--verify", file, input=SECRET + "\n")
    wrong = run(life, "backup", "--verify", file, input="another secret\n")
    assert wrong.exit_code == 1 and "does not open" in str(wrong.exception)
    ok(tmp_path / "new", "restore", file, "--passphrase-file", secret)
    assert figures(tmp_path / "new") == figures(life)


def test_a_passphrase_is_asked_for_twice_and_may_not_be_short(life, tmp_path):
    file = tmp_path / "all.nb"
    ok(life, "backup", file, "--passphrase", input=f"{SECRET}\n{SECRET}\n")
    assert backup.is_sealed(file)
    short = run(life, "backup", tmp_path / "b.nb", "--passphrase", input="seven77\nseven77\n")
    assert "8 characters" in str(short.exception) and not (tmp_path / "b.nb").exists()


def test_every_part_of_a_sealed_file_is_guarded(life, tmp_path, monkeypatch):
    monkeypatch.setattr(sealing, "PIECE", 4096)
    with Store.open(life, create=False) as store:
        backup.write(tmp_path / "all.nb", store, {}, None, 5, SECRET)
    data = (tmp_path / "all.nb").read_bytes()
    piece = sealing.PIECE + sealing.TAG
    head = sealing.HEAD.size
    rolled = random.Random(3)
    harmed = [data[:n] for n in (head, head + piece, head + 2 * piece, len(data) - 1)]
    harmed.append(data[:head] + data[head + piece :])  # a piece left out
    harmed.append(data[:head] + data[head + piece : head + 2 * piece] + data[head : head + piece]
                  + data[head + 2 * piece :])  # fmt: skip
    harmed += [data + data[-piece:], data + b"x"]
    for at in [*range(8, head), *(rolled.randrange(head, len(data)) for _ in range(20))]:
        flipped = bytearray(data)
        flipped[at] ^= 1
        harmed.append(bytes(flipped))
    for one in harmed:
        (tmp_path / "harmed.nb").write_bytes(one)
        with pytest.raises(UserError), backup.unpacked(tmp_path / "harmed.nb", SECRET):
            pass
    assert not list(tmp_path.glob(".notturno-*"))


def test_no_flipped_byte_of_an_open_one_goes_by(life, tmp_path):
    file = tmp_path / "all.nb"
    ok(life, "backup", file)
    data, rolled = file.read_bytes(), random.Random(5)
    for at in [rolled.randrange(len(data)) for _ in range(60)]:
        flipped = bytearray(data)
        flipped[at] ^= 0x10
        file.write_bytes(bytes(flipped))
        try:
            with backup.unpacked(file, None) as (folder, manifest):
                # What a zip says beside the content (dates, rights) may change unseen.
                assert (
                    backup._sha256(folder / "notturno.sqlite3")
                    == (manifest["files"]["notturno.sqlite3"]["sha256"])
                )
                assert set(manifest["files"]) == {"notturno.sqlite3"}
        except UserError:
            continue
    for n in (0, 3, 100, len(data) // 2, len(data) - 1):
        file.write_bytes(data[:n])
        assert run(tmp_path / "new", "restore", file).exit_code == 1
    assert not (tmp_path / "new" / "notturno.sqlite3").exists()


def test_the_drill_finds_records_that_are_not_what_was_kept(life, tmp_path):
    file = tmp_path / "all.nb"
    with Store.open(life, create=False) as store:
        backup.write(file, store, {}, None, 5)
    with backup.unpacked(file, None) as (folder, manifest):
        with Store.open(folder) as store:
            store._db.execute("delete from records where seq = 100")
            store._db.execute(
                "update nights set figures = replace(figures, '\"jerks\": 44', '\"jerks\": 4')"
            )
        path = folder / "notturno.sqlite3"
        about = {"bytes": path.stat().st_size, "sha256": backup._sha256(path)}
        with zipfile.ZipFile(tmp_path / "forged.nb", "w") as archive:
            archive.writestr("MANIFEST.json", json.dumps(manifest | {"files": {path.name: about}}))
            archive.write(path, path.name)
    result = run(life, "backup", "--verify", tmp_path / "forged.nb")
    assert result.exit_code == 1 and "does not come back" in str(result.exception)
    assert result.stdout.count("NOT ") == 2 and "ok  database whole" in result.stdout
    assert "other figures: 2 nights." in result.stdout


def test_a_disk_without_room_for_the_copy_is_told_of_the_file_that_was_asked_for(
    own_life, tmp_path, monkeypatch
):
    def full(store, path):
        with door.said_plainly(path):
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

    monkeypatch.setattr(Store, "copy_to", full)
    result = run(own_life, "backup", tmp_path / "a b.nb")
    assert result.exit_code == 1
    assert str(result.exception).startswith(f"The data file {tmp_path / 'a b.nb'} cannot grow:")


def test_the_line_to_prove_it_by_can_be_copied_into_a_shell(own_life, tmp_path):
    assert f"--verify '{tmp_path}/a b.nb'" in ok(own_life, "backup", tmp_path / "a b.nb")


def hurt(path):
    """Overwrite the middle of a database, as a worn disk does."""
    data = bytearray(path.read_bytes())
    data[4096 * 3 : -4096] = b"\xa5" * (len(data) - 4096 * 4)
    path.write_bytes(data)


def test_damage_is_told_of_the_file_that_was_given_and_not_of_a_copy(own_life, life, tmp_path):
    file = tmp_path / "all.nb"
    with Store.open(life, create=False) as store:
        backup.write(file, store, {}, None, 5)
    with backup.unpacked(file, None) as (folder, manifest):
        path = folder / "notturno.sqlite3"
        hurt(path)
        about = {"bytes": path.stat().st_size, "sha256": backup._sha256(path)}
        with zipfile.ZipFile(tmp_path / "hurt.nb", "w") as archive:
            archive.writestr("MANIFEST.json", json.dumps(manifest | {"files": {path.name: about}}))
            archive.write(path, path.name)
    for result in (
        run(life, "backup", "--verify", tmp_path / "hurt.nb"),
        run(tmp_path / "new", "restore", tmp_path / "hurt.nb"),
    ):
        assert result.exit_code == 1
        assert str(result.exception) == ("The database in hurt.nb is damaged; use another copy.")
    assert not (tmp_path / "new" / "notturno.sqlite3").exists()
    hurt(own_life / "notturno.sqlite3")
    result = run(own_life, "backup", tmp_path / "of_hurt.nb")
    said = f"The data file {own_life / 'notturno.sqlite3'} is damaged;"
    assert result.exit_code == 1 and str(result.exception).startswith(said)
    assert not (tmp_path / "of_hurt.nb").exists()


def test_the_drill_finds_a_night_that_no_record_holds(life, tmp_path, monkeypatch):
    file = tmp_path / "all.nb"
    with Store.open(life, create=False) as store:
        backup.write(file, store, {}, None, 5)

    def lose(store):
        store._db.execute("delete from nights where night = ?", (NIGHT,))

    monkeypatch.setattr(Store, "make_all_again", lose)
    found = backup.drill(file, None)
    assert [what for what, holds in found.checks.items() if not holds] == [
        "every night comes back from the records"
    ]


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "keys/x.key", "notturno.sqlite3-wal"])
def test_no_name_in_a_backup_leads_elsewhere(life, tmp_path, name):
    about = {
        "bytes": 4,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }
    with zipfile.ZipFile(tmp_path / "x.nb", "w") as archive:
        archive.writestr(
            "MANIFEST.json", json.dumps({"schema": backup.SCHEMA, "files": {name: about}})
        )
        archive.writestr(name, "test")
    result = run(tmp_path / "deep" / "new", "restore", tmp_path / "x.nb")
    assert result.exit_code == 1 and "damaged" in str(result.exception)
    assert not (tmp_path / "deep" / "evil").exists() and not (tmp_path / "evil").exists()


def test_a_file_may_not_ask_for_endless_work_or_room(tmp_path):
    head = sealing.HEAD.pack(sealing.MAGIC, 30, 8, 1, bytes(16), bytes(7))
    (tmp_path / "x.nb").write_bytes(head + bytes(100))
    with pytest.raises(UserError, match="more work"), backup.unpacked(tmp_path / "x.nb", SECRET):
        pass
    about = {"bytes": 10, "sha256": "0" * 64}
    with zipfile.ZipFile(tmp_path / "bomb.nb", "w", zipfile.ZIP_DEFLATED) as archive:
        said = {"schema": backup.SCHEMA, "files": {"notturno.sqlite3": about}}
        archive.writestr("MANIFEST.json", json.dumps(said))
        archive.writestr("notturno.sqlite3", bytes(50 << 20))
    with pytest.raises(UserError, match="damaged"), backup.unpacked(tmp_path / "bomb.nb", None):
        pass


def test_restoring_leaves_what_is_there_alone_and_with_force_beside(own_life, life, tmp_path):
    file = tmp_path / "all.nb"
    ok(life, "backup", file)
    with Store.open(own_life) as store:
        store.add_tag("later", NIGHT)
    refused = run(own_life, "restore", file)
    assert refused.exit_code == 1 and "--force" in str(refused.exception)
    with Store.open(own_life, create=False) as store:
        assert "later" in {tag["name"] for tag in store.tags()}
    said = json.loads(ok(own_life, "restore", file, "--force", "--json"))
    with Store.open(own_life, create=False) as store:
        assert "later" not in {tag["name"] for tag in store.tags()}
    (kept,) = own_life.glob("notturno.sqlite3.before-restore-*")
    assert said["kept"] == str(kept)
    kept.rename(tmp_path / "notturno.sqlite3")
    with Store.open(tmp_path, create=False) as store:
        assert "later" in {tag["name"] for tag in store.tags()}


def test_keys_go_along_only_where_they_are_asked_for(own_life, tmp_path):
    KeyRing(own_life).add(DEVICE, KEY, "typed")
    ok(own_life, "backup", tmp_path / "without.nb")
    ok(own_life, "backup", tmp_path / "with.nb", "--with-keys")
    with backup.unpacked(tmp_path / "without.nb", None) as (folder, _):
        assert KEY.hex().encode() not in b"".join(p.read_bytes() for p in folder.iterdir())
    ok(tmp_path / "a", "restore", tmp_path / "without.nb")
    ok(tmp_path / "b", "restore", tmp_path / "with.nb")
    assert KeyRing(tmp_path / "a").all() == {} and KeyRing(tmp_path / "b").all() == {DEVICE: KEY}
    KeyRing(own_life).add(DEVICE, KEY[::-1], "typed", replace=True)
    said = ok(own_life, "restore", tmp_path / "with.nb", "--force")
    assert "another one and stays" in said and KeyRing(own_life).get(DEVICE) == KEY[::-1]


def test_settings_go_along_and_come_back_only_where_they_are_asked_for(life, tmp_path):
    config = tmp_path / "config.toml"
    config.write_text('lang = "it"\n')
    ok(life, "backup", tmp_path / "all.nb")
    config.write_text('lang = "en"\n')
    ok(tmp_path / "a", "restore", tmp_path / "all.nb", "--with-config")
    assert config.read_text() == 'lang = "en"\n'
    config.unlink()
    ok(tmp_path / "b", "restore", tmp_path / "all.nb")
    assert not config.exists()
    ok(tmp_path / "c", "restore", tmp_path / "all.nb", "--with-config")
    assert config.read_text() == 'lang = "it"\n'


def test_a_full_disk_leaves_neither_half_a_file_nor_litter(life, tmp_path, monkeypatch):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    ok(life, "backup", tmp_path / "whole.nb")
    monkeypatch.setattr("notturno.files.written.os.fsync", full)
    for arguments in (
        ("backup", tmp_path / "all.nb"),
        ("export", "--format", "json", "--out", tmp_path / "all.json"),
        ("export", "--format", "fhir", "--out", tmp_path / "fhir.json"),
        ("export", "--format", "csv", "--out", tmp_path / "csv"),
    ):
        result = run(life, *arguments)
        assert result.exit_code == 1 and "No space left" in str(result.exception), arguments
    assert [each.name for each in tmp_path.iterdir()] == ["whole.nb"]
    result = run(tmp_path / "new", "restore", tmp_path / "whole.nb")
    assert result.exit_code == 1 and "No space left" in str(result.exception)
    assert not (tmp_path / "new" / "notturno.sqlite3").exists()


def test_nothing_to_keep_and_no_backup_are_one_sentence(tmp_path):
    nothing = run(tmp_path / "none", "backup", tmp_path / "x.nb")
    assert "nothing to keep" in str(nothing.exception) and not (tmp_path / "x.nb").exists()
    (tmp_path / "y.nb").write_text("hello")
    for arguments in (("backup", "--verify", tmp_path / "y.nb"), ("restore", tmp_path / "y.nb")):
        assert "no backup of notturno" in str(run(tmp_path / "n", *arguments).exception)
    assert "--verify writes no" in str(
        run(tmp_path, "backup", "x", "--verify", "--force").exception
    )


def test_a_backup_is_not_overwritten_and_is_pointed_out_to_import(life, tmp_path):
    file = tmp_path / "all.nb"
    ok(life, "backup", file)
    before = file.read_bytes()
    assert "--force" in str(run(life, "backup", file).exception) and file.read_bytes() == before
    ok(life, "backup", file, "--force")
    assert "notturno restore" in str(run(life, "import", file).exception)


def test_no_sync_may_run_meanwhile(life, tmp_path):
    from notturno.onlyone import only_one

    ok(life, "backup", tmp_path / "all.nb")
    (tmp_path / "new").mkdir()
    with only_one(tmp_path / "new" / "sync.lock", "busy"):
        result = run(tmp_path / "new", "restore", tmp_path / "all.nb")
    assert "Another notturno is at work" in str(result.exception)
    assert not (tmp_path / "new" / "notturno.sqlite3").exists()
