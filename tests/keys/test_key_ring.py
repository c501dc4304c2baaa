"""The keys of a data folder: for their owner alone, whole or not there."""

import json
import os
import stat
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno import keys
from notturno.errors import UserError
from notturno.keys import private

A, B = "564200000000000a", "564200000000000b"
KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
posix = pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")


@pytest.fixture
def ring(tmp_path):
    return keys.KeyRing(tmp_path / "data", in_keyring=False)


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_missing_folder_holds_no_key_and_is_not_made(ring, tmp_path):
    assert ring.all() == {} and ring.ids() == [] and ring.get(A) is None
    assert ring.about(A) is None
    assert list(tmp_path.iterdir()) == []


def test_what_is_added_is_there_for_another_ring(ring, tmp_path):
    assert ring.add(A, KEY, "deploy") == keys.NEW
    assert ring.add(B, OTHER, "typed") == keys.NEW
    again = keys.KeyRing(tmp_path / "data", in_keyring=False)
    assert again.all() == {A: KEY, B: OTHER}
    said = json.loads(ring.path(A).read_text())
    assert said.pop("made_utc_ms") > 1_700_000_000_000
    assert said == {
        "schema": "notturno-key-1",
        "device_id": A,
        "key": KEY.hex(),
        "from": "deploy",
    }


@posix
@pytest.mark.parametrize("umask", [0, 0o022, 0o077])
def test_folder_and_files_are_the_owners_alone(ring, umask):
    before = os.umask(umask)
    try:
        ring.add(A, KEY, "deploy")
        ring.add(A, OTHER, "deploy", replace=True)
    finally:
        os.umask(before)
    assert mode(ring.folder) == 0o700
    found = {path.name: mode(path) for path in ring.folder.iterdir()}
    assert found == {f"{A}.key": 0o600, f"{A}.key.old": 0o600}


@posix
def test_no_key_is_ever_in_a_file_that_others_can_read(ring, monkeypatch):
    opened = []
    real = os.open

    def spy(path, flags, mode=0o777, **more):
        handle = real(path, flags, mode, **more)
        if flags & os.O_CREAT:
            opened.append((stat.S_IMODE(os.fstat(handle).st_mode), flags & os.O_EXCL != 0))
        return handle

    monkeypatch.setattr(os, "open", spy)
    before = os.umask(0)
    try:
        ring.add(A, KEY, "deploy")
        ring.add(A, OTHER, "deploy", replace=True)
    finally:
        os.umask(before)
    assert opened == [(0o600, True)] * 3


@posix
@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o660, 0o666, 0o610])
def test_a_file_that_others_can_reach_is_refused(ring, bits):
    ring.add(A, KEY, "deploy")
    ring.path(A).chmod(bits)
    for ask in (lambda: ring.get(A), ring.all, lambda: ring.about(A)):
        with pytest.raises(UserError, match=f"chmod 600 {ring.path(A)}"):
            ask()
    with pytest.raises(UserError, match="chmod 600"):
        ring.add(A, KEY, "typed")
    ring.path(A).chmod(0o600)
    assert ring.all() == {A: KEY}


@posix
def test_replacing_heals_an_open_file(ring):
    ring.add(A, KEY, "deploy")
    ring.path(A).chmod(0o666)
    assert ring.add(A, OTHER, "deploy", replace=True) in (keys.REPLACED, keys.NEW)
    assert mode(ring.path(A)) == 0o600 and ring.get(A) == OTHER


@posix
def test_an_open_folder_is_closed_at_the_next_writing(ring):
    ring.folder.mkdir(parents=True, mode=0o755)
    ring.folder.chmod(0o777)
    ring.add(A, KEY, "deploy")
    assert mode(ring.folder) == 0o700


@posix
def test_one_bad_file_keeps_no_other_band_out(ring):
    ring.add(A, KEY, "deploy")
    ring.add(B, OTHER, "deploy")
    ring.path(A).chmod(0o644)
    assert ring.all() == {B: OTHER}
    ring.path(A).write_text("{")
    assert ring.all() == {B: OTHER} and ring.ids() == [A, B]


def whole(**changed):
    said = {"schema": "notturno-key-1", "device_id": A, "key": KEY.hex(), "from": "typed"}
    return json.dumps(said | changed).encode()


DAMAGED = [b"", b"{", b"[]", b"null", b'"notturno-key-1"', b"\xff\xfe", b"[" * 4000, whole()[:-1]]
DAMAGED += [whole(key=KEY.hex()[:-1]), whole(key=KEY.hex().upper()), whole(key=7), whole(key=None)]
DAMAGED += [whole(device_id=B), whole(device_id=[]), whole(schema=None), whole(in_keyring=True)]
DAMAGED += [whole(in_keyring=True, entry=5), whole(schema="other"), whole()[:40]]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_file_is_an_error_for_people_and_can_be_made_good(ring, content):
    ring.add(A, KEY, "deploy")
    ring.path(A).write_bytes(content)
    with pytest.raises(UserError, match="damaged.* notturno bands key add --port"):
        ring.get(A)
    assert ring.add(A, OTHER, "typed") == keys.NEW
    assert ring.all() == {A: OTHER}
    assert ring.path(A).with_name(f"{A}.key.old").read_bytes() == content


def test_a_newer_file_is_not_called_damaged_nor_replaced(ring):
    ring.add(A, KEY, "deploy")
    ring.path(A).write_bytes(whole(schema="notturno-key-2"))
    for ask in (lambda: ring.get(A), lambda: ring.add(A, OTHER, "typed")):
        with pytest.raises(UserError, match="newer notturno"):
            ask()


@settings(max_examples=200)
@given(content=st.binary(max_size=300))
def test_no_content_is_more_than_an_error_for_people(content, tmp_path_factory):
    ring = keys.KeyRing(tmp_path_factory.getbasetemp() / "fuzzed", in_keyring=False)
    ring.add(A, KEY, "deploy", replace=True)
    ring.path(A).write_bytes(content)
    with pytest.raises(UserError):
        ring.get(A)


def test_a_known_band_keeps_its_key_unless_told(ring):
    ring.add(A, KEY, "deploy")
    assert ring.add(A, KEY, "typed") == keys.SAME
    with pytest.raises(UserError, match="--replace"):
        ring.add(A, OTHER, "typed")
    assert ring.get(A) == KEY
    assert ring.add(A, OTHER, "typed", replace=True) == keys.REPLACED
    assert ring.get(A) == OTHER
    old = json.loads(ring.path(A).with_name(f"{A}.key.old").read_text())
    assert old["key"] == KEY.hex()
    assert ring.all() == {A: OTHER}  # the old one opens nothing


def test_what_is_removed_leaves_nothing(ring):
    ring.add(A, KEY, "deploy")
    ring.add(A, OTHER, "deploy", replace=True)
    assert ring.remove(A) and not ring.remove(A)
    assert list(ring.folder.iterdir()) == []


@pytest.mark.parametrize("device_id", ["", "../../x", A.upper(), A + "0", A[:-1], A + "\n"])
def test_only_an_id_names_a_file(ring, device_id):
    for ask in (ring.get, ring.remove, lambda d: ring.add(d, KEY, "typed")):
        with pytest.raises(ValueError):
            ask(device_id)


def test_a_key_has_32_bytes(ring):
    with pytest.raises(ValueError):
        ring.add(A, KEY[:-1], "typed")
    assert ring.ids() == []


def test_what_else_lies_in_the_folder_is_no_key(ring):
    ring.add(A, KEY, "deploy")
    for name in ("notes.txt", f"{B}.key.new-abc", f"{B}.key.old", "x.key", f"{B.upper()}.key"):
        (ring.folder / name).write_bytes(whole(device_id=B))
    assert ring.all() == {A: KEY}


@posix
def test_a_pipe_or_a_folder_in_the_place_of_a_key_holds_nobody(ring):
    ring.add(A, KEY, "deploy")
    os.mkfifo(ring.path(B))
    assert ring.all() == {A: KEY}
    with pytest.raises(UserError, match="cannot be read"):
        ring.get(B)
    ring.path(B).unlink()
    ring.path(B).mkdir()
    with pytest.raises(UserError, match="cannot be read"):
        ring.get(B)


def test_a_person_has_a_ring_of_their_own(tmp_path):
    from notturno.paths import data_dir

    mine = keys.KeyRing(data_dir(tmp_path), in_keyring=False)
    annas = keys.KeyRing(data_dir(tmp_path, person="anna"), in_keyring=False)
    mine.add(A, KEY, "deploy")
    annas.add(A, OTHER, "deploy")
    assert mine.all() == {A: KEY} and annas.all() == {A: OTHER}


@pytest.mark.parametrize("step", ["open", "fsync", "replace", "link"])
def test_a_full_disk_leaves_the_old_key_or_none_and_no_litter(ring, monkeypatch, step):
    ring.add(A, KEY, "deploy")
    with monkeypatch.context() as patched:
        real = getattr(os, step)

        def full(*arguments, **more):
            if step == "open" and not arguments[1] & os.O_CREAT:
                return real(*arguments, **more)
            raise OSError(28, "No space left on device")

        patched.setattr(os, step, full)
        for device_id in (A, B):
            try:
                ring.add(device_id, OTHER, "deploy", replace=True)
            except UserError as error:
                assert "No space left" in str(error)
    names = sorted(path.name for path in ring.folder.iterdir())
    assert not any(private.UNFINISHED in name for name in names)
    assert ring.get(A) in (KEY, OTHER) and ring.get(B) in (None, OTHER)


@posix
def test_a_disk_that_keeps_nobody_out_gets_no_key(ring, monkeypatch):
    real = os.fstat

    def open_to_all(handle):
        mode, *others = real(handle)
        return os.stat_result((mode | 0o077, *others))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fstat", open_to_all)
        for ask in (ring.prepare, lambda: ring.add(A, KEY, "deploy")):
            with pytest.raises(UserError, match="cannot keep others from reading it"):
                ask()
    assert list(ring.folder.iterdir()) == []


@posix
def test_a_link_to_nowhere_is_said_and_not_tried_for_ever(ring):
    ring.folder.mkdir(parents=True)
    ring.path(A).symlink_to("nowhere")
    with pytest.raises(UserError, match="in the way"):
        ring.add(A, KEY, "deploy")


def test_what_a_cut_left_goes_with_the_time(ring):
    ring.add(A, KEY, "deploy")
    old, young = (ring.folder / f"{B}.key.new-{name}" for name in ("old", "young"))
    for path in (old, young):
        path.write_bytes(b"half")
    past = time.time() - 2 * private.LEFT_OVER_S
    os.utime(old, (past, past))
    ring.add(B, KEY, "deploy")
    assert not old.exists() and young.exists()


def together(*calls):
    """Run the calls at once; return what each gave or raised."""
    results = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def run(k):
        gate.wait()
        try:
            results[k] = calls[k]()
        except UserError as error:
            results[k] = error

    threads = [threading.Thread(target=run, args=(k,)) for k in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_of_two_at_once_one_key_stays_and_the_other_is_told(ring):
    for _ in range(50):
        first, second = together(
            lambda: ring.add(A, KEY, "typed"), lambda: ring.add(A, OTHER, "typed")
        )
        (error,) = [result for result in (first, second) if isinstance(result, UserError)]
        assert "--replace" in str(error)
        assert ring.get(A) == (OTHER if error is first else KEY)
        ring.remove(A)


def test_a_reader_never_sees_half_a_key_while_it_is_replaced(ring):
    ring.add(A, KEY, "typed")
    over = threading.Event()
    seen = []

    def read():
        while not over.is_set():
            seen.append(ring.get(A))

    reader = threading.Thread(target=read)
    reader.start()
    for k in range(100):
        ring.add(A, (OTHER, KEY)[k % 2], "typed", replace=True)
    over.set()
    reader.join()
    assert seen and set(seen) <= {KEY, OTHER}


# --- the platform's keyring ----------------------------------------------------------------------


class Wallet:
    """What `keyring` offers, in memory; `fault`: what it raises."""

    def __init__(self):
        self.entries, self.fault, self.keeps = {}, None, True

    def _maybe(self):
        if self.fault:
            raise self.fault

    def set_password(self, service, entry, text):
        self._maybe()
        if self.keeps:
            self.entries[service, entry] = text

    def get_password(self, service, entry):
        self._maybe()
        return self.entries.get((service, entry))

    def delete_password(self, service, entry):
        self._maybe()
        del self.entries[service, entry]


@pytest.fixture
def wallet(monkeypatch):
    import keyring

    made = Wallet()
    for name in ("set_password", "get_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(made, name))
    monkeypatch.setenv("NOTTURNO_KEYRING", "1")
    return made


def test_with_the_keyring_the_file_holds_no_key(wallet, tmp_path):
    ring = keys.KeyRing(tmp_path)
    ring.prepare()
    assert ring.add(A, KEY, "deploy") == keys.NEW
    said = json.loads(ring.path(A).read_text())
    assert said["in_keyring"] is True and KEY.hex() not in ring.path(A).read_text()
    assert list(wallet.entries.values()) == [KEY.hex()]
    assert keys.KeyRing(tmp_path, in_keyring=False).all() == {A: KEY}  # the file knows
    assert ring.about(A)["in_keyring"] is True
    assert ring.add(A, OTHER, "deploy", replace=True) == keys.REPLACED
    assert ring.add(A, KEY, "deploy", replace=True) == keys.REPLACED
    assert len(wallet.entries) == 2  # this one, and the one aside
    ring.remove(A)
    assert wallet.entries == {} and list(ring.folder.iterdir()) == []


def test_two_folders_keep_two_keys_of_one_band(wallet, tmp_path):
    one, two = keys.KeyRing(tmp_path / "1"), keys.KeyRing(tmp_path / "2")
    one.add(A, KEY, "deploy")
    two.add(A, OTHER, "deploy")
    assert one.get(A) == KEY and two.get(A) == OTHER


def test_a_locked_or_forgetful_keyring_is_said_plainly(wallet, tmp_path):
    from keyring.errors import KeyringLocked, NoKeyringError

    ring = keys.KeyRing(tmp_path)
    ring.add(A, KEY, "deploy")
    for fault in (KeyringLocked("x"), NoKeyringError("x")):
        wallet.fault = fault
        for ask in (lambda: ring.get(A), ring.prepare, lambda: ring.add(B, KEY, "typed")):
            with pytest.raises(UserError, match="NOTTURNO_KEYRING"):
                ask()
    wallet.fault, wallet.keeps = None, False
    with pytest.raises(UserError, match="keeps nothing"):
        ring.prepare()
    wallet.entries.clear()
    with pytest.raises(UserError, match="holds no key.* --port"):
        ring.get(A)


def test_without_the_package_one_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(UserError, match=r"notturno\[keyring\]"):
        keys.KeyRing(tmp_path, in_keyring=True).prepare()


@pytest.mark.parametrize(("said", "wanted"), [("", 0), ("0", 0), ("no", 0), ("1", 1), ("YES", 1)])
def test_the_environment_says_where_new_keys_go(monkeypatch, wallet, tmp_path, said, wanted):
    monkeypatch.setenv("NOTTURNO_KEYRING", said)
    keys.KeyRing(tmp_path).add(A, KEY, "typed")
    assert len(wallet.entries) == wanted
