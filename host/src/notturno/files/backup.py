"""A backup: all of a data folder in one file, checked; and back, or to the proof that it would.

A zip of the database (a whole copy by SQLite itself), the settings file, the keys if they are
asked for, and MANIFEST.json: sizes, SHA-256, counts, hashes. With a passphrase the zip is sealed
(`sealing`). Touches the files named and a folder of its own that it takes away again.
"""

import contextlib
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from notturno import __version__
from notturno.errors import UserError, unreadable
from notturno.files import sealing
from notturno.files.written import make_safe, own_folder, set_aside, whole_file
from notturno.store import FILE_NAME, Store
from notturno.store.door import Damaged

SCHEMA, FAMILY = "notturno-backup-1", "notturno-backup-"
MANIFEST, KEYS, CONFIG = "MANIFEST.json", "keys.json", "config.toml"
MOST_BYTES, MOST_MANIFEST_BYTES = 64 << 30, 1 << 20  # said by a zip of anybody's
KNOWN = (FILE_NAME, KEYS, CONFIG)
STEP = 1 << 20
DAMAGED = "The database in {name} is damaged; use another copy."
BESIDE = ("-journal", "-wal", "-shm", "")  # what SQLite keeps beside a database, and itself
WHOLE, COUNTS = "database whole", "counts as when it was made"  # what a drill looks at
HASHES, HASHES_AFTER = "hashes as when it was made", "hashes after that"
NIGHTS = "every night comes back from the records"
# What a night made again from its records may not have otherwise, whatever the rules.
SAME = ("night", "device_id", "date", "zone", "sessions", "firmware", "settings_sha256")


class Drill(NamedTuple):
    """What a drill found: the manifest; checks: {what: whether it holds}; otherwise: how many
    nights have other figures when they are made again, by newer rules than made them."""

    manifest: dict
    checks: dict
    otherwise: int

    def holds(self) -> bool:
        """Say whether all of it holds."""
        return all(self.checks.values())


def write(
    path: Path,
    store: Store,
    keys: dict[str, bytes],
    config: bytes | None,
    now_utc_ms: int,
    passphrase: str | None = None,
    force: bool = False,
) -> dict:
    """Write the backup and return its manifest.

    keys: {device id: key} to go along; config: the settings file, or None. The file is for its
    owner alone. Raises UserError where it is there already or cannot be written.
    """
    with own_folder(Path(path).parent) as folder:
        store.must_be_sound()  # damage would be kept, and be said of the copy
        try:
            store.copy_to(folder / FILE_NAME)
        except UserError as error:  # all of the data file was just read: it is the copy's disk
            raise UserError(error.template, **error.values | {"path": path}) from error
        with Store.open(folder, create=False) as copied:
            about = {"form": copied.form(), "counts": copied.counts(), "hashes": copied.hashes()}
        if keys:
            said = {device_id: key.hex() for device_id, key in sorted(keys.items())}
            _private(folder / KEYS, json.dumps(said).encode())
        if config is not None:
            _private(folder / CONFIG, config)
        files = [folder / name for name in KNOWN if (folder / name).exists()]
        manifest = {"schema": SCHEMA, "notturno": __version__, "made_utc_ms": now_utc_ms, **about}
        manifest["files"] = {
            file.name: {"bytes": file.stat().st_size, "sha256": _sha256(file)} for file in files
        }
        with whole_file(path, force, private=True) as stream:
            out = sealing.Sealer(stream, passphrase) if passphrase else stream
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
                for file in files:
                    archive.write(file, file.name)
            if passphrase:
                out.close()
    return manifest


def is_sealed(path: Path) -> bool:
    """Say whether a backup wants a passphrase. Raises UserError where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            return sealing.is_sealed(stream.read(len(sealing.MAGIC)))
    except OSError as error:
        raise unreadable(path, error) from error


@contextlib.contextmanager
def unpacked(
    path: Path, passphrase: str | None, beside: Path | None = None
) -> Iterator[tuple[Path, dict]]:
    """Give (a folder with a backup's files, its manifest), every file checked; it goes afterwards.

    beside: the folder in which that folder is made (None: the system's for temporary files).
    Raises UserError for what is no backup, is damaged, or wants another passphrase.
    """
    name = Path(path).name
    with own_folder(beside) as folder, contextlib.ExitStack() as held:
        try:
            stream = held.enter_context(open(path, "rb"))
        except OSError as error:
            raise unreadable(path, error) from error
        if is_sealed(path):
            if not passphrase:
                raise UserError("{name} is sealed; give its passphrase.", name=name)
            inner = folder / "opened.zip"
            with open(inner, "wb") as out:
                for piece in sealing.opened(stream, passphrase, name):
                    out.write(piece)
            stream = held.enter_context(open(inner, "rb"))
        manifest = _extract(stream, folder, name)
        yield folder, manifest


def _extract(stream: BinaryIO, folder: Path, name: str) -> dict:
    damaged = UserError("{name} is damaged or cut off; use another copy.", name=name)
    try:
        with zipfile.ZipFile(stream) as archive:
            try:
                with archive.open(MANIFEST) as source:
                    manifest = json.loads(source.read(MOST_MANIFEST_BYTES))
            except KeyError:
                raise UserError("{name} is no backup of notturno.", name=name) from None
            schema = manifest["schema"]
            if schema != SCHEMA:
                if isinstance(schema, str) and schema.startswith(FAMILY):
                    raise UserError(
                        "{name} was written by a newer notturno; update this one.", name=name
                    )
                raise UserError("{name} is no backup of notturno.", name=name)
            for member, about in manifest["files"].items():
                if member not in KNOWN or not 0 <= about["bytes"] <= MOST_BYTES:
                    raise damaged  # no other name is ever written: a path would lead elsewhere
                with archive.open(member) as source, open(folder / member, "xb") as out:
                    left = about["bytes"]
                    while part := source.read(STEP):
                        left -= len(part)
                        if left < 0:
                            raise damaged
                        out.write(part)
                if left or _sha256(folder / member) != about["sha256"]:
                    raise damaged
            if FILE_NAME not in manifest["files"]:
                raise damaged
            return manifest
    except (
        zipfile.BadZipFile,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        EOFError,
    ) as error:
        if isinstance(error, zipfile.BadZipFile):
            stream.seek(0)
            if stream.read(4) != b"PK\x03\x04":
                raise UserError("{name} is no backup of notturno.", name=name) from None
        raise damaged from None
    except (NotImplementedError, RuntimeError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise UserError(
                "{name} cannot be unpacked ({why_said}); make room on the disk.",
                name=name,
                why_said=error.strerror,
            ) from error
        raise damaged from None
    except Exception as error:
        if type(error).__module__ == "zlib":
            raise damaged from None
        raise


def drill(path: Path, passphrase: str | None) -> Drill:
    """Put a backup into a folder of its own, make all again, and hold it against the manifest."""
    with unpacked(path, passphrase) as (folder, manifest):
        with _unpacked_store(folder, Path(path).name) as store:
            checks = {WHOLE: store.sound()}
            same_form = manifest["form"] == store.form()
            if same_form:
                checks[COUNTS] = store.counts() == manifest["counts"]
            else:  # a newer notturno has tables that the older one had not
                counts = store.counts()
                checks[COUNTS] = all(
                    counts.get(key) == value
                    for key, value in manifest["counts"].items()
                    if key != "nights"
                )
            hashes = store.hashes()
            checks[HASHES] = all(
                hashes.get(key) == value for key, value in manifest["hashes"].items()
            )
            before = _nights(store)
            store.make_all_again()
            after = _nights(store)
            checks[NIGHTS] = after.keys() == before.keys()
            otherwise = sum(before[key] != after.get(key) for key in before)
            checks[HASHES_AFTER] = store.hashes() == hashes
        return Drill(manifest, checks, otherwise)


@contextlib.contextmanager
def _unpacked_store(folder: Path, name: str, create: bool = True) -> Iterator[Store]:
    """Give the store of an unpacked backup; damage is told of the backup by its name.

    What the disk does not take is told of the folder itself: room is wanted there.
    """
    try:
        with Store.open(folder, create=create) as store:
            yield store
    except Damaged as error:
        raise UserError(DAMAGED, name=name) from error


def _nights(store: Store) -> dict[tuple[str, ...], dict]:
    """Return {which night, of what: its whole row}."""
    rows = [row for night in store.night_names() for row in store.nights(night=night, now_ms=0)]
    return {tuple(str(row[key]) for key in SAME): row for row in rows}


def put_in_place(
    path: Path, passphrase: str | None, folder: Path, force: bool, stamp: str
) -> dict:
    """Put a backup's database into a data folder.

    Return {"manifest", "kept": where the old one is, "keys": {device id: key}, "config": bytes or
    None}.

    Raises UserError where a database is there already, unless force: then the old one stays beside
    it under another name (stamp). Nothing is touched before all of the backup is checked.
    """
    folder = Path(folder)
    target = folder / FILE_NAME
    if target.exists() and not force:
        raise UserError(
            "{target} is there already; choose another folder with --data-dir, or replace it "
            "by --force: the old one stays beside it.",
            target=target,
        )
    with unpacked(path, passphrase, beside=folder) as (made, manifest):
        with _unpacked_store(made, Path(path).name, create=False) as store:
            if not store.sound():
                raise UserError(DAMAGED, name=Path(path).name)
        keys = _keys_in(made / KEYS)
        config = (made / CONFIG).read_bytes() if (made / CONFIG).exists() else None
        aside = _free(target.with_name(f"{FILE_NAME}.before-restore-{stamp}"))
        moves = {Path(f"{target}{end}"): Path(f"{aside}{end}") for end in BESIDE}
        kept = aside if target.exists() else None
        try:
            make_safe(made / FILE_NAME)
            with set_aside(moves):
                os.rename(made / FILE_NAME, target)
        except OSError as error:
            raise UserError(
                "The backup cannot be put into {folder} ({why_said}); nothing was changed.",
                folder=folder,
                why_said=error.strerror,
            ) from error
    return {"manifest": manifest, "kept": kept, "keys": keys, "config": config}


def _free(path: Path) -> Path:
    """Return a name at which nothing lies: a second restore in one second keeps both."""
    found, n = path, 1
    while os.path.lexists(found):
        n += 1
        found = path.with_name(f"{path.name}-{n}")
    return found


def _keys_in(path: Path) -> dict[str, bytes]:
    try:
        said = json.loads(path.read_bytes())
        return {device_id: bytes.fromhex(key) for device_id, key in said.items()}
    except FileNotFoundError:
        return {}


def _private(path: Path, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
