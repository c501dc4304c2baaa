"""The keys of one data folder: one file a band in its folder `keys`, for their owner alone.

Touches `keys/ID.key` in the data folder, and the platform's keyring where that is asked for
(NOTTURNO_KEYRING=1, package `keyring`): then the file says only where to look. A key that another
one replaced stays beside it as `ID.key.old`, until the next one does. Times UTC in ms.
"""

import contextlib
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from notturno.errors import UserError
from notturno.keys import key_file, private
from notturno.keys.key_file import AGAIN, MAX_FILE_BYTES, SCHEMA, Damaged
from notturno.keys.text import KEY_BYTES

FOLDER, SUFFIX, OLD = "keys", ".key", ".old"
ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
ENVIRONMENT_VARIABLE, SERVICE = "NOTTURNO_KEYRING", "notturno"
NEW, SAME, REPLACED = "new", "same", "replaced"


class KeyRing:
    """The keys of the data folder `folder`, which need not exist to be read.

    in_keyring: keep new keys in the platform's keyring; None: as NOTTURNO_KEYRING says.
    """

    def __init__(self, folder: Path | str, in_keyring: bool | None = None) -> None:
        self.folder = Path(folder) / FOLDER
        if in_keyring is None:
            said = os.environ.get(ENVIRONMENT_VARIABLE, "").strip().lower()
            in_keyring = said not in ("", "0", "no", "off", "false")
        self._in_keyring = in_keyring

    # --- reading --------------------------------------------------------------------------------

    def all(self) -> dict[str, bytes]:
        """Return {device id: key} of every band whose key can be used.

        One bad file keeps no other band out; where there are only bad ones, the first one's
        UserError says what to do.
        """
        found, errors = {}, []
        for device_id in self.ids():
            try:
                key = self.get(device_id)
            except UserError as error:
                errors.append(error)
            else:
                if key is not None:
                    found[device_id] = key
        if errors and not found:
            raise errors[0]
        return found

    def ids(self) -> list[str]:
        """Return the device ids with a key file, whether it can be used or not."""
        try:
            names = os.listdir(self.folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise UserError(
                "The keys' folder {folder} cannot be read ({why_said}); check whose it is.",
                folder=self.folder,
                why_said=error.strerror,
            ) from error
        stems = (name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX))
        return sorted(stem for stem in stems if ID.fullmatch(stem))

    def get(self, device_id: str) -> bytes | None:
        """Return a band's key; None where there is none.

        Raises UserError for a file that others can read, or that holds no key.
        """
        said = self._said(device_id)
        return None if said is None else self._key_in(said, self.path(device_id))

    def about(self, device_id: str) -> dict | None:
        """Return what is known of a key, without it: device_id, made_utc_ms, from, in_keyring.

        Raises UserError as `get` does.
        """
        said = self._said(device_id)
        if said is None:
            return None
        self._key_in(said, self.path(device_id))
        return {
            "device_id": device_id,
            "made_utc_ms": said.get("made_utc_ms"),
            "from": said.get("from"),
            "in_keyring": bool(said.get("in_keyring")),
        }

    def path(self, device_id: str) -> Path:
        """Return where a band's key file lies, or would. Raises ValueError for what is no id."""
        if not ID.fullmatch(device_id):
            raise ValueError("a device id is 16 hex letters")
        return self.folder / (device_id + SUFFIX)

    def _said(self, device_id: str, others_too: bool = False) -> dict | None:
        path = self.path(device_id)
        try:
            data, private_file = private.read(path, MAX_FILE_BYTES)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UserError(
                "The key file {path} cannot be read ({why_said}); check whose it is.",
                path=path,
                why_said=error.strerror,
            ) from error
        said = key_file.parsed(data, device_id, path)
        if not private_file and "key" in said and not others_too:
            raise UserError(
                "Others can read the key file {path}; run  chmod 600 {path}  "
                "(a disk that knows no permissions: choose another --data-dir, "
                "or set {environment_variable}=1).",
                path=path,
                environment_variable=ENVIRONMENT_VARIABLE,
            )
        return said

    def _key_in(self, said: dict, path: Path) -> bytes:
        if not said.get("in_keyring"):
            return bytes.fromhex(said["key"])
        from notturno.keys import platform_keyring

        found = platform_keyring.get(SERVICE, said["entry"])
        if found is None or not key_file.is_key(found):
            raise Damaged(
                "The keyring holds no key for {stem}; {again_said}.",
                stem=path.stem,
                again_said=AGAIN,
            )
        return bytes.fromhex(found)

    # --- writing --------------------------------------------------------------------------------

    def add(self, device_id: str, key: bytes, source: str, replace: bool = False) -> str:
        """Keep a band's key; return NEW, SAME (it was here) or REPLACED. source: from where.

        Raises UserError for a band whose key here is another one, unless `replace`: then that one
        stays aside. A file without a key in it is no other one.
        """
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes")
        path = self.path(device_id)
        before, damaged = self._before(device_id, replace)
        if before == key:
            return SAME
        if before is not None and not replace:
            raise UserError(
                "Another key of the band {device_id} is known here; if the "
                "band has got a new one, say so with --replace.",
                device_id=device_id,
            )
        with self._writing():
            said = self._to_say(device_id, key, source)
            data = json.dumps(said).encode()
            instead = damaged or before is not None
            if instead:
                self._put_aside(path)
            done = private.write(path, data, instead)
        if done:
            return NEW if before is None else REPLACED
        self._forget_entry(said)
        if self._said(device_id) is None:
            raise UserError("Something lies in the way of {path}; move it away.", path=path)
        return self.add(device_id, key, source, replace)  # another process was faster

    def remove(self, device_id: Any) -> bool:
        """Forget a band's key, also the one before it; return whether there was one."""
        path = self.path(device_id)
        found = os.path.lexists(path)
        with self._writing():
            for each in (path, path.with_name(path.name + OLD)):
                self._forget_entry(key_file.said_in(each))
                each.unlink(missing_ok=True)
        return found

    def prepare(self) -> None:
        """Make sure that a key can be kept, before one is made. Raises UserError."""
        probe = self.folder / "probe"
        with self._writing():
            said = self._to_say("0" * 16, bytes(KEY_BYTES), "probe")
            try:
                private.write(probe, b"probe")
            finally:
                probe.unlink(missing_ok=True)
                self._forget_entry(said)

    def _before(self, device_id: str, replace: bool) -> tuple[bytes | None, bool]:
        """Return (the key here or None, whether there is a file without a key)."""
        try:
            said = self._said(device_id, others_too=replace)
            return (None if said is None else self._key_in(said, self.path(device_id))), False
        except UserError as error:
            if replace or isinstance(error, Damaged):
                return None, True
            raise

    def _to_say(self, device_id: str, key: bytes, source: str) -> dict:
        said = {"schema": SCHEMA, "device_id": device_id}
        if self._in_keyring:
            from notturno.keys import platform_keyring

            entry = f"{device_id}-{secrets.token_hex(4)}"  # folders may differ on one band's key
            platform_keyring.put(SERVICE, entry, key.hex())
            said |= {"in_keyring": True, "entry": entry}
        else:
            said["key"] = key.hex()
        return said | {"made_utc_ms": int(time.time() * 1000), "from": source}

    def _put_aside(self, path: Path) -> None:
        old = path.with_name(path.name + OLD)
        try:
            data = private.read(path, MAX_FILE_BYTES)[0]
        except OSError:
            return  # what cannot be read is no key
        self._forget_entry(key_file.said_in(old))
        private.write(old, data)

    def _forget_entry(self, said: dict) -> None:
        if said.get("in_keyring") and isinstance(said.get("entry"), str):
            from notturno.keys import platform_keyring

            platform_keyring.forget(SERVICE, said["entry"])

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            private.make_folder(self.folder)
            private.sweep(self.folder)
            yield
        except OSError as error:
            raise UserError(
                "The key cannot be kept in {folder} ({why_said}); check the "
                "folder's permissions and room, or choose another with "
                "--data-dir.",
                folder=self.folder,
                why_said=error.strerror,
            ) from error
