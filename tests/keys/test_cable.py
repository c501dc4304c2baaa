"""A key by cable: cut anywhere it leaves the old one or the new, and nobody else sees it."""

import binascii
import io
import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
from fakes.typed import typed
from notturno import keys
from notturno.errors import UserError
from notturno.keys import cable

OLD, NEW = keys.file_bytes(bytes(range(32))), keys.file_bytes(bytes(range(1, 33)))
UNIQUE = b"\x01\x02\x03\x04\x05\x06"
ID = UNIQUE.hex() + "0000"


class Cut(BaseException):
    """The cable is pulled."""


class Flash:
    """A band's file system; the cable is pulled, or it says no, after `steps` steps.

    renames_over: whether a rename over a file is one step, as littlefs does it and FAT does not.
    """

    def __init__(self, files, steps=1000, fault=Cut, renames_over=True):
        self.files, self.steps, self.fault = dict(files), steps, fault
        self.renames_over = renames_over

    def _step(self):
        self.steps -= 1
        if self.steps < 0:
            raise self.fault(28)

    def open(self, name, how):
        self._step()
        if how == "wb":
            self.files[name] = b""
            flash = self

            class File(io.BytesIO):
                def write(self, data):
                    for k in range(0, len(data), 12):
                        flash._step()
                        flash.files[name] += data[k : k + 12]

            return File()
        if name not in self.files:
            raise OSError(2)
        return io.BytesIO(self.files[name])

    def rename(self, old, new):
        self._step()
        if not self.renames_over and new in self.files:
            del self.files[new]
            self._step()
        self.files[new] = self.files.pop(old)

    def stat(self, name):
        if name not in ("/lib/notturno_core", *self.files):
            raise OSError(2)

    def sync(self):
        self._step()


def on_band(flash, monkeypatch, key=b"", replace=False, firmware=True):
    """Run the very script of the band; return what it printed."""
    fake_os = SimpleNamespace(rename=flash.rename, sync=flash.sync, stat=flash.stat)
    if not firmware:
        fake_os.stat = lambda name: flash.open(name, "rb")
    monkeypatch.setitem(sys.modules, "os", fake_os)
    monkeypatch.setitem(sys.modules, "machine", SimpleNamespace(unique_id=lambda: UNIQUE))
    said = []
    space = {"open": flash.open, "print": lambda *words: said.append(" ".join(map(str, words)))}
    code = cable.SCRIPT.read_text() + f"\n\nmain({key.hex()!r}, {replace})\n"
    try:
        exec(compile(code, "script", "exec"), space)
    finally:
        monkeypatch.undo()
    return said


def test_the_id_is_the_one_that_the_firmware_says(monkeypatch):
    monkeypatch.setitem(sys.modules, "machine", SimpleNamespace(unique_id=lambda: UNIQUE))
    monkeypatch.delitem(sys.modules, "boards", raising=False)  # it holds the machine it met first
    from boards import Board

    assert Board.device_id(None).hex() == ID


@pytest.mark.parametrize(
    ("files", "key", "replace", "did", "left"),
    [
        ({}, b"", False, "read", None),
        ({"/key.bin": OLD}, b"", False, "read", OLD),
        ({}, NEW, False, "made", NEW),
        ({"/key.bin": OLD}, NEW, False, "kept", OLD),
        ({"/key.bin": OLD[:-1]}, NEW, False, "made", NEW),
        ({"/key.bin": OLD + b"x"}, NEW, False, "made", NEW),
        ({"/key.bin": OLD, "/key.new": b"x"}, NEW, True, "made", NEW),
    ],
)
def test_what_a_band_does_with_a_key(monkeypatch, files, key, replace, did, left):
    flash = Flash(files)
    (line,) = on_band(flash, monkeypatch, key, replace)
    shown = "-" if left is None else left[:32].hex()
    assert line == f"notturno-key {ID} {shown} {did}"
    assert flash.files.get("/key.bin") == left
    assert cable.SAID.search(line)


@pytest.mark.parametrize("renames_over", [True, False])
def test_a_cable_pulled_at_any_step_leaves_the_old_key_or_the_new(monkeypatch, renames_over):
    cuts = 0
    for steps in range(100):
        flash = Flash({"/key.bin": OLD}, steps, renames_over=renames_over)
        try:
            on_band(flash, monkeypatch, NEW, True)
        except Cut:
            cuts += 1
        held = flash.files.get("/key.bin")
        if renames_over:
            assert held in (OLD, NEW)
        else:  # in the middle of such a rename the key has one name only, and is whole
            assert held in (OLD, NEW) or flash.files["/key.new"] == NEW
        again = Flash(flash.files)
        on_band(again, monkeypatch, NEW, True)
        assert again.files == {"/key.bin": NEW}
    assert 8 < cuts < 100


def test_a_full_flash_is_said_and_the_old_key_stays(monkeypatch):
    for steps in range(5):
        flash = Flash({"/key.bin": OLD}, steps, OSError)
        (line,) = on_band(flash, monkeypatch, NEW, True)
        assert line.startswith("notturno-key error OSError ")
        assert flash.files["/key.bin"] == OLD


def test_what_is_no_band_gets_no_key(monkeypatch):
    flash = Flash({})
    assert on_band(flash, monkeypatch, NEW, True, False) == ["notturno-key error OSError 2"]
    assert flash.files == {}


# --- the host's side ----------------------------------------------------------------------------


@pytest.fixture
def wire(monkeypatch):
    """What mpremote was asked and what it answers."""
    seen = SimpleNamespace(stdout="", stderr="", code=0, commands=[], scripts=[], fault=None)

    def run(command, **how):
        seen.commands.append(command)
        seen.scripts.append(how["input"])
        if seen.fault:
            raise seen.fault
        return subprocess.CompletedProcess(command, seen.code, seen.stdout, seen.stderr)

    monkeypatch.setattr(subprocess, "run", run)
    return seen


def answer(key, did, device_id=ID):
    return f"MPY: soft reboot\r\nnotturno-key {device_id} {key.hex() or '-'} {did}\r\n"


def test_a_key_is_never_in_the_arguments_of_a_process(wire):
    wire.stdout = answer(NEW[:32], "made")
    assert cable.put("/dev/ttyACM0", NEW[:32], replace=True) == cable.OnBand(ID, NEW[:32], True)
    (command,) = wire.commands
    assert NEW[:32].hex() not in " ".join(command) and NEW.hex() in wire.scripts[0]
    assert command[-1] == "/dev/ttyACM0"
    assert NEW[:32].hex() not in repr(cable.OnBand(ID, NEW[:32], True))


def test_a_band_without_a_key_says_so(wire):
    wire.stdout = answer(b"", "read")
    assert cable.read("p") == cable.OnBand(ID, None, False)


SAYINGS = [
    ("", "mpremote: failed to access /dev/x (it may be in use)\n", "in use by another|in use"),
    ("", "", "said nothing"),
    ("notturno-key error OSError 2\r\n", "", "no notturno on it.* notturno flash --port p"),
    ("notturno-key error OSError 28\r\n", "", "OSError 28.*check its flash"),
    ("notturno-key error ValueError 2\r\n", "", "ValueError 2.*check its flash"),
    ("", "first\nlast word\n", "no band at p [(]last word[)]"),
    ("", "w" * 121, f"no band at p [(]{'w' * 120}[)]"),
    ("notturno-key zz\r\n", "\x1b[31mred\x07\n", "mpremote reached no band"),
]


@pytest.mark.parametrize(("stdout", "stderr", "words"), SAYINGS)
def test_what_goes_wrong_is_one_sentence(wire, stdout, stderr, words):
    wire.stdout, wire.stderr, wire.code = stdout, stderr, 1
    with pytest.raises(UserError, match=words) as caught:
        cable.put("p", NEW[:32], replace=True)
    assert NEW[:32].hex() not in str(caught.value) and str(caught.value).isprintable()
    untouched = "failed to access" in stderr or stdout.endswith("OSError 2\r\n")
    assert isinstance(caught.value, cable.Untouched) == untouched


def test_a_band_that_hangs_is_given_up_and_its_words_stay_unsaid(wire):
    wire.fault = subprocess.TimeoutExpired(["x"], 1, output=answer(OLD[:32], "read"))
    with pytest.raises(UserError, match="does not answer") as caught:
        cable.read("p")
    assert OLD[:32].hex() not in str(caught.value) and caught.value.__cause__ is None


@pytest.mark.parametrize(("key", "did"), [(b"", "kept"), (OLD[:32], "made")])
def test_a_band_that_kept_something_else_is_not_believed(wire, key, did):
    wire.stdout = answer(key, did)
    with pytest.raises(UserError, match="did not keep"):
        cable.put("p", NEW[:32], replace=True)


def test_without_mpremote_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(cable.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install mpremote"):
        cable.read("p")


# --- the real prompt ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    from notturno.virtualband import VirtualBand
    from notturno.virtualband.world import StillSource, Timeline

    folder = tmp_path_factory.mktemp("band")
    with VirtualBand(folder, Timeline([StillSource()], hours=0.01), seed=3) as made:
        made.wait_nights()
        yield made


def test_a_key_is_made_fetched_and_renewed_at_a_real_prompt(band, tmp_path):
    from notturno.flashing import key as key_by_cable

    mine, second = tmp_path / "mine", tmp_path / "second"
    typed("bands", "key", "add", "--port", band.repl, "--data-dir", mine, error="key renew --port")

    ring = keys.KeyRing(mine, in_keyring=False)
    _, said = key_by_cable.give(band.repl, ring)
    first = keys.key_of_file((band.flash / "key.bin").read_bytes())
    ((device_id, kept),) = ring.all().items()
    assert kept == first and device_id in said and first.hex() not in said
    assert device_id.startswith(b"VB".hex()) and ring.about(device_id)["from"] == "deploy"
    asked = cable.run(band.repl, ASK_FIRMWARE).stdout
    assert asked.strip().endswith(device_id)

    other = keys.KeyRing(second, in_keyring=False)
    assert "keeps its key" in key_by_cable.give(band.repl, other)[1]  # a second computer
    assert other.all() == ring.all()

    out = json.loads(
        typed("bands", "key", "renew", "--port", band.repl, "--data-dir", mine, "--json")
    )
    renewed = keys.key_of_file((band.flash / "key.bin").read_bytes())
    assert renewed != first and ring.all() == {device_id: renewed}
    assert out["state"] == "replaced" and renewed.hex() not in json.dumps(out)
    assert not (band.flash / "key.new").exists()

    said = typed("bands", "key", "add", "--port", band.repl, "--data-dir", second)
    assert other.all() == {device_id: renewed} and f"{device_id}.key.old" in said
    assert binascii.crc32(renewed) and band.flash.joinpath("main.py").exists()


ASK_FIRMWARE = "import boards; print(boards.pick().device_id().hex())"
