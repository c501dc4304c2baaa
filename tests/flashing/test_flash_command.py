"""`notturno flash` against the virtual band's prompt, over its cable, and where it is refused."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from flash_log import frames_in_flash
from notturno import keys
from notturno.cli import cli
from notturno.errors import UserError
from notturno.flashing import board as boards
from notturno.flashing import key, package, ports, update
from notturno.flashing.line import BandError, Line
from notturno.keys import cable
from notturno.virtualband import VirtualBand
from notturno.virtualband.world import StillSource, Timeline
from unix_boards import FIRMWARE, small_firmware
from whole import whole_or

HANG_S = 300.0


@pytest.fixture(autouse=True)
def short_pause(monkeypatch):
    """A prompt that nobody holds is given back to the program at once."""
    monkeypatch.setattr("notturno.virtualband.prompt.RESTART_AFTER_S", 0.5)


def wait_for(condition):
    end_s = time.monotonic() + HANG_S
    while not (value := condition()) and time.monotonic() < end_s:
        time.sleep(0.02)
    assert value
    return value


def make_band(folder, **more):
    return VirtualBand(folder, Timeline([StillSource()], hours=0.01), seed=3, **more)


@pytest.fixture
def band(tmp_path):
    with make_band(tmp_path / "band") as made:
        made.wait_nights()
        yield made


@pytest.fixture(scope="module")
def idle(tmp_path_factory):
    """A band that no test changes."""
    with make_band(tmp_path_factory.mktemp("idle")) as made:
        made.wait_nights()
        yield made


def run(*arguments, folder, error=None):
    words = ["flash", *map(str, arguments), "--data-dir", str(folder)]
    done = CliRunner().invoke(cli, words)
    if error:
        with pytest.raises(UserError, match=error):
            raise done.exception
        return str(done.exception)
    assert done.exception is None, (done.exception, done.output)
    return done.output


def files(flash, folder):
    root = flash / folder
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*.*")}


def test_a_band_is_flashed_and_flashed_again(band, tmp_path):
    mine = tmp_path / "mine"
    records = frames_in_flash(band)
    said = run("--port", band.repl, folder=mine)
    assert "starts version" in said and "has got a key of its own" in said
    packed = package.build("bytecode")
    assert files(band.flash, "slot_a") == packed.everything
    wait_for(lambda: b"notturno: runs /slot_a" in band.output())
    ((device_id, kept),) = keys.KeyRing(mine).all().items()
    assert device_id == band.device_id
    assert kept == keys.key_of_file((band.flash / "key.bin").read_bytes())
    assert records and frames_in_flash(band)[: len(records)] == records

    out = json.loads(run("--port", band.repl, "--json", folder=mine))
    assert out["schema"] == "flash-1" and not out["changed"] and out["sent_bytes"] == 0
    assert out["device_id"] == device_id and out["arch"] == "bytecode" and out["image"] is None
    assert kept.hex() not in json.dumps(out)
    wait_for(lambda: band.output().count(b"notturno: runs /slot_a") >= 2)
    assert cable.read(band.repl).key == kept


def test_a_cable_pulled_on_the_way_leaves_the_program_it_had(band, tmp_path):
    run("--port", band.repl, folder=tmp_path / "mine")
    new = package.build("bytecode", version="9.9.9")
    for share in whole_or((0.05, 0.5, 0.9), (0.5,)):
        with (
            pytest.raises(UserError, match="runs the program it had|lost"),
            Line(band.repl) as line,
        ):
            found = boards.look(line)

            def pull(done, of, share=share, line=line):
                if done > share * of:
                    line._transport.serial.close()

            files_now = dict(new.files)
            files_now["config.mpy"] = files_now["config.mpy"] + bytes(30000)
            long = package.Package("9.9.9", "bytecode", files_now, new.root, new.manifest)
            update.update(line, found, long, progress=pull)
        before = band.output().count(b"notturno: runs /slot_a")
        wait_for(lambda n=before: band.output().count(b"notturno: runs /slot_a") > n)
    assert b"/slot_b" not in band.output()


def test_the_power_gone_on_the_way_leaves_the_program_it_had(band, tmp_path):
    mine = tmp_path / "mine"
    firmware = tmp_path / "firmware"
    shutil.copytree(FIRMWARE, firmware)
    (firmware / "extra.py").write_text("X = " + repr("y" * 20000) + "\n")
    new = package.build("bytecode", firmware, version="9.9.9")
    run("--port", band.repl, folder=mine)
    wait_for(lambda: b"notturno: runs /slot_a" in band.output())
    with pytest.MonkeyPatch.context() as patch:

        def cut(done, of):
            if done > 9000:
                patch.setattr("notturno.flashing.line.ANSWER_S", 1.0)  # nothing answers any more
                band.power_cut()

        with pytest.raises(UserError), Line(band.repl) as line:
            update.update(line, boards.look(line), new, progress=cut)
    wait_for(lambda: band.output().count(b"notturno: runs /slot_a") >= 2)
    assert not (band.flash / "slot_b" / "manifest.json").exists()
    with Line(band.repl) as line:
        done = update.update(line, boards.look(line), new)
    # Slot b, or a where a slow machine has started the unconfirmed version too often meanwhile.
    folder = {1: "slot_a", 2: "slot_b"}[done.slot]
    assert files(band.flash, folder) == new.everything
    wait_for(lambda: b"notturno: runs /" + folder.encode() in band.output())


@pytest.mark.parametrize("error", [KeyboardInterrupt, BandError("x"), UserError("x")])
def test_stopped_on_the_way_the_band_is_started_again(band, monkeypatch, error):
    """By us, not by the virtual band, which gives a forsaken prompt back after a while."""
    monkeypatch.setattr("notturno.virtualband.prompt.RESTART_AFTER_S", 1e9)
    packed = package.build("bytecode")
    before = int((band.flash.parent / "boots").read_text())

    def stop(done, of):
        if done > 20000:
            raise error

    with pytest.raises((KeyboardInterrupt, BandError, UserError)), Line(band.repl) as line:
        update.update(line, boards.look(line), packed, progress=stop)
    wait_for(lambda: int((band.flash.parent / "boots").read_text() or 0) > before + 1)
    with Line(band.repl) as line:
        assert boards.look(line).pointer == (0, 0, 0, 0)


def test_a_version_is_confirmed_by_its_first_samples(tmp_path):
    world = Timeline([StillSource()], hours=0.05)
    with VirtualBand(tmp_path / "band", world, seed=3, hold_at_s=30.0) as band:
        band.run_until(20.0)
        with Line(band.repl) as line:
            update.update(line, boards.look(line), package.build("bytecode"))
        wait_for(lambda: b"notturno: runs /slot_a" in band.output())
        band.run_until(world.end_s + 60.0)
        with Line(band.repl) as line:
            assert boards.look(line).pointer == (1, 0, 0, 0)


def test_a_virtual_band_keeps_its_slot_over_its_starts(tmp_path):
    with make_band(tmp_path / "band") as band:
        band.wait_nights()
        run("--port", band.repl, folder=tmp_path / "d")
        wait_for(lambda: b"notturno: runs /slot_a" in band.output())
        held = files(band.flash, "slot_a")
    with make_band(tmp_path / "band") as band:
        wait_for(lambda: b"notturno: runs /slot_a" in band.output())
        assert files(band.flash, "slot_a") == held


def test_where_the_firmware_is_missing_it_is_said(monkeypatch, tmp_path):
    from notturno import firmware_files

    monkeypatch.setattr(firmware_files, "PLACES", (tmp_path,))
    with pytest.raises(UserError, match="install notturno anew"):
        firmware_files.folder()


def test_a_version_that_fails_gives_way_to_the_one_before(tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    small_firmware(good, "1.0", "slots.confirm()")
    small_firmware(bad, "2.0", "raise ValueError('broken')")
    for folder in (good, bad):
        path = folder / "app.py"
        text = path.read_text().replace("machine.ran =", "ran =")
        path.write_text(text.replace("    raise", "    print('ran', ran)\n    raise"))
    empty = tmp_path / "nothing"
    empty.mkdir()
    (empty / "boot.py").write_text("")
    with make_band(tmp_path / "band", firmware=empty) as band:
        for folder in (good, bad):
            with Line(band.repl) as line:
                packed = package.build("bytecode", folder)
                update.update(line, boards.look(line), packed)
        wait_for(lambda: b"ValueError: broken" in band.output())
        wait_for(lambda: b"runs /slot_a" in band.output().partition(b"ValueError: broken")[2])
        with Line(band.repl) as line:
            found = boards.look(line)
            assert found.pointer == (1, 0, 0, 2)
            assert boards.version_in_slot(line, found, found.current) == "1.0"


def test_a_program_of_somebody_elses_is_asked_about(tmp_path):
    blink = tmp_path / "blink"
    blink.mkdir()
    (blink / "main.py").write_text("print('blink')\n")
    with make_band(tmp_path / "band", firmware=blink) as band:
        run("--port", band.repl, folder=tmp_path / "d", error="program of its own.*add --yes")
        assert (band.flash / "main.py").read_text() == "print('blink')\n"
        run("--port", band.repl, "--yes", folder=tmp_path / "d")
        assert (band.flash / "main.py").read_bytes() == (FIRMWARE / "main.py").read_bytes()


def test_what_a_person_wrote_into_config_is_kept(band, tmp_path):
    config = band.flash / "config.py"
    text = config.read_text().replace("ODR_HZ = 104", "ODR_HZ = 208")
    config.write_text(text.replace("RANGE_G = 4", "RANGE_G = 5"))
    said = run("--port", band.repl, folder=tmp_path, error="RANGE_G must be one of.*add --yes")
    assert "ODR_HZ" not in said and "slot.0" not in os.listdir(band.flash)
    config.write_text(text)
    assert "ODR_HZ=208" in run("--port", band.repl, folder=tmp_path)
    kept = json.loads((band.flash / "settings.json").read_text())
    assert kept == {"form": 1, "settings": {"ODR_HZ": 208}}


def test_with_an_image_micropython_comes_first(band, tmp_path, monkeypatch):
    from notturno.flashing import image

    done = []
    checked = image.Image(tmp_path / "x.bin", "esp32s3", 0, "1.29.0", "ab" * 32)
    monkeypatch.setattr(image, "check", lambda *said: done.append(said) or checked)
    monkeypatch.setattr(image, "write", lambda port, what: done.append((port, what)))
    words = ["--port", band.repl, "--image", str(tmp_path / "x.bin")]
    run(*words, folder=tmp_path, error="All that is on the board.* goes.*add --yes")
    assert len(done) == 1
    out = json.loads(run(*words, "--sha256", "ab", "--yes", "--json", folder=tmp_path))
    assert done[1:] == [(words[-1], "ab", None), (band.repl, checked)]
    assert out["image"]["version"] == "1.29.0" and out["sent"] > 30
    run("--sha256", "ab", folder=tmp_path, error="add --image")


def test_a_board_that_comes_back_under_another_name_is_found(monkeypatch, tmp_path):
    seen = iter([[], [], ["/dev/p8"]])
    monkeypatch.setattr(ports, "PAUSE_S", 0.0)
    monkeypatch.setattr(ports, "listed", lambda: [SimpleNamespace(device=d) for d in next(seen)])
    assert ports.again(str(tmp_path / "gone"), str(tmp_path / "gone")) == "/dev/p8"
    assert ports.again(str(tmp_path), str(tmp_path)) == str(tmp_path)
    assert ports.again("socket://x:1", "socket://x:1") == "socket://x:1"


# --- refused, in one sentence --------------------------------------------------------------------


def test_another_board_than_it_should_be_is_refused(idle, tmp_path):
    words = "not a xiao_esp32c3.*rv32imc.*bytecode"
    run("--port", idle.repl, "--board", "xiao_esp32c3", folder=tmp_path, error=words)
    assert not (idle.flash / "slot_a").exists() and not (idle.flash / "key.bin").exists()


def test_an_unknown_board_is_refused_before_anything_else(tmp_path):
    run("--board", "toaster", "--port", "/dev/none", folder=tmp_path, error="no board toaster")


def test_an_old_micropython_is_refused(idle, tmp_path, monkeypatch):
    monkeypatch.setattr("notturno.flashing.chips.LEAST_MICROPYTHON", (1, 99))
    run(
        "--port", idle.repl, folder=tmp_path, error=r"needs 1.99 or newer:  notturno flash --image"
    )
    assert not (idle.flash / "slot_a").exists()


def test_where_no_key_can_be_kept_no_band_is_touched(tmp_path):
    (tmp_path / "keys").write_text("a file in the way")
    run("--port", "/dev/none", folder=tmp_path, error="cannot be kept")


def test_a_port_that_is_not_there(tmp_path):
    run("--port", "/dev/ttyNONE", folder=tmp_path, error="no port /dev/ttyNONE")
    run("--port", "socket://127.0.0.1:1", folder=tmp_path, error="Nothing answers at socket")


def test_a_port_without_permission(tmp_path, monkeypatch, idle):
    import serial

    monkeypatch.setattr(serial, "serial_for_url", refuse)
    real = os.access
    monkeypatch.setattr(
        ports.os, "access", lambda path, how: str(path) != idle.pty and real(path, how)
    )
    run("--port", idle.pty, folder=tmp_path, error="may not use .*usermod -a -G ")


def refuse(*_, **__):
    raise PermissionError(13, "Permission denied")


def test_a_port_that_another_program_uses(idle, tmp_path):
    import serial

    with serial.Serial(idle.pty, exclusive=True):
        run("--port", idle.pty, folder=tmp_path, error="in use by another program; close it")


def test_what_is_no_serial_port_is_not_called_busy(tmp_path):
    run("--port", "/dev/null", folder=tmp_path, error="/dev/null cannot be used as a serial port")
    run("--port", str(tmp_path), folder=tmp_path, error="cannot be used as a serial port")


def test_a_flash_that_is_too_small_is_said_before_anything_is_written(tmp_path):
    empty = tmp_path / "nothing"
    empty.mkdir()
    (empty / "boot.py").write_text("")
    with make_band(tmp_path / "band", firmware=empty, flash_bytes=150_000) as band:
        words = r"flash has \d+ kB free, and the program needs \d+ kB"
        run("--port", band.repl, folder=tmp_path / "d", error=words)
        assert not (band.flash / "slot_a").exists() and not (band.flash / "key.bin").exists()


def test_over_the_pseudo_terminal_it_is_the_same(band, tmp_path):
    assert "starts version" in run("--port", band.pty, folder=tmp_path)


def test_what_is_no_micropython_is_said(tmp_path, monkeypatch):
    import socket
    import threading

    monkeypatch.setattr("notturno.flashing.line.PROMPT_S", 0.5)
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=lambda: server.accept()[0].sendall(b"ets Jul 29"), daemon=True).start()
    port = f"socket://127.0.0.1:{server.getsockname()[1]}"
    run("--port", port, folder=tmp_path, error="does not answer as MicroPython.*reset")
    server.close()


@pytest.mark.parametrize(
    ("found", "words"),
    [([], "No board is plugged in"), ([1, 2], "Several boards.*--port /dev/p1 or /dev/p2")],
)
def test_a_port_is_found_by_its_usb_id(monkeypatch, found, words):
    from serial.tools import list_ports

    class Port(SimpleNamespace):
        def __lt__(self, other):
            return self.device < other.device

    def listed():
        mouse = Port(device="/dev/p0", vid=0x046D)
        return [mouse, Port(device="/dev/p9", vid=None), *(_port(k) for k in found)]

    def _port(k):
        return Port(device=f"/dev/p{k}", vid=0x303A)

    monkeypatch.setattr(list_ports, "comports", listed)
    with pytest.raises(UserError, match=words):
        ports.find()
    found[:] = [7]
    assert ports.find() == "/dev/p7" and ports.find("port:/dev/x") == "/dev/x"


def test_help_needs_nothing_but_click():
    code = "import sys; from notturno.cli import flash; print([m for m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded = set(eval(done.stdout))
    assert not loaded & {"mpremote", "serial", "numpy", "esptool", "notturno.flashing.line"}


# --- the key that comes with the program ---------------------------------------------------------

ID = "a0b1c2d3e4f50000"


@pytest.fixture
def on_band(monkeypatch):
    """A band that takes a key, or keeps the one it has."""
    band = SimpleNamespace(key=None, asked=0)

    def put(port, new, replace):
        assert not replace
        band.asked += 1
        made = band.key is None
        band.key = new if made else band.key
        return cable.OnBand(ID, band.key, made)

    monkeypatch.setattr(cable, "put", put)
    return band


def test_a_new_band_gets_a_key_and_the_computer_the_same(on_band, tmp_path):
    ring = keys.KeyRing(tmp_path, in_keyring=False)
    device_id, said = key.give("p", ring)
    assert ring.all() == {ID: on_band.key} and ring.about(ID)["from"] == "deploy"
    assert device_id == ID and "key of its own" in said and on_band.key.hex() not in said


def test_a_band_keeps_its_key_and_the_computer_takes_it(on_band, tmp_path):
    on_band.key = bytes(range(32))
    ring = keys.KeyRing(tmp_path, in_keyring=False)
    assert "now kept" in key.give("p", ring)[1]
    assert ring.all() == {ID: bytes(range(32))}
    ring.add(ID, bytes(32), "typed", replace=True)
    key.give("p", ring)
    assert ring.get(ID) == on_band.key  # what the band holds is the truth
    assert "known here" in key.give("p", ring)[1]


def test_a_disk_that_fills_up_after_the_band_is_said_so(on_band, monkeypatch, tmp_path):
    def full(*_, **__):
        raise UserError("The disk is full.")

    monkeypatch.setattr(keys.KeyRing, "add", full)
    with pytest.raises(UserError, match="flash it again") as caught:
        key.give("p", keys.KeyRing(tmp_path, in_keyring=False))
    assert on_band.key and on_band.key.hex() not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "kind", "number", "full"),
    [
        ("Traceback\n  File\nOSError: 28\n", "OSError", 28, True),
        ("OSError: [Errno 28] ENOSPC", "OSError", 28, True),
        ("MemoryError: ", "MemoryError", None, False),
        ("", "it said nothing", None, False),
        ("\x1b[31mValueError: 28", "[31mValueError", 31, False),
    ],
)
def test_what_a_bands_code_raises(text, kind, number, full):
    error = BandError(text)
    assert (error.kind, error.number, error.full) == (kind, number, full)
    assert str(error).isprintable()
