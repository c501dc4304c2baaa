"""Real mpremote against the band's prompt, over TCP and over a pseudo-terminal."""

import socket
import subprocess
import sys

import pytest
from notturno.virtualband import VirtualBand
from virtual_kit import HANG_S, PROGRAMS, START_UTC_S, short_world, wait_for


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    folder = tmp_path_factory.mktemp("band")
    program = PROGRAMS / "clockwork"
    with VirtualBand(folder, short_world(), firmware=program, start_utc_s=START_UTC_S) as band:
        band.wait_nights(timeout_s=HANG_S)
        yield band


def mpremote(band, *arguments, port=None):
    command = [sys.executable, "-m", "mpremote", "connect", port or band.repl, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANG_S)
    return done.returncode, done.stdout + done.stderr


def test_eval_and_exec_run_on_the_band(band):
    assert mpremote(band, "eval", "6*7") == (0, "42\n")
    code, said = mpremote(band, "exec", "import sys; print(sys.implementation.name)")
    assert (code, said.strip()) == (0, "micropython")


def test_an_exception_on_the_band_is_an_exit_code(band):
    code, said = mpremote(band, "exec", "1/0")
    assert code == 1
    assert "ZeroDivisionError" in said


def test_files_go_to_the_flash_folder_and_back(band, tmp_path):
    content = bytes(range(256)) * 20
    (tmp_path / "there.bin").write_bytes(content)
    assert mpremote(band, "fs", "cp", str(tmp_path / "there.bin"), ":there.bin")[0] == 0
    assert (band.flash / "there.bin").read_bytes() == content
    assert mpremote(band, "fs", "cp", ":there.bin", str(tmp_path / "back.bin"))[0] == 0
    assert (tmp_path / "back.bin").read_bytes() == content
    code, said = mpremote(band, "fs", "ls")
    assert code == 0
    assert f"{len(content)} there.bin" in said
    assert ".sim" not in said
    assert mpremote(band, "fs", "rm", ":there.bin")[0] == 0
    assert not (band.flash / "there.bin").exists()
    code, said = mpremote(band, "fs", "cat", ":there.bin")
    assert code != 0


def test_a_file_that_is_read_tells_what_was_written_meanwhile(band):
    """As files do: what is read ahead of a program that is loaded is no copy of its own."""
    said = mpremote(
        band,
        "exec",
        "w = open('both', 'w'); w.write('abcdef' * 1000); w.flush()\n"
        "r = open('both'); begins = r.read(3)\n"
        "w.seek(3); w.write('DEF'); w.flush(); middle = r.read(6)\n"
        "r.seek(5998); last = r.read(2); w.seek(6000); w.write('more'); w.flush()\n"
        "print(begins, middle, last, r.read(9), r.read(9) == '')\n"
        "w.close(); open('both', 'w').close(); r.seek(0); print(r.read(9) == '')",
    )
    assert said == (0, "abc DEFabc ef more True\nTrue\n")
    assert mpremote(band, "fs", "rm", ":both")[0] == 0


def test_a_folder_of_this_machine_can_be_mounted(band, tmp_path):
    (tmp_path / "far.py").write_text("print('from afar')\n")
    # mpremote's own message may come before or after what the band prints
    assert "from afar\n" in mpremote(band, "mount", str(tmp_path), "exec", "import far")[1]


def boots(band):
    return int((band.flash / "boots").read_text() or 0)  # empty while it is written


def test_a_soft_reset_clears_the_memory_and_keeps_the_files(band):
    assert mpremote(band, "exec", "x = 1", "soft-reset", "exec", "print('x' in globals())") == (
        0,
        "False\n",
    )
    assert boots(band) >= 1


def test_a_band_left_at_its_prompt_runs_its_program_again(band, monkeypatch):
    monkeypatch.setattr("notturno.virtualband.prompt.RESTART_AFTER_S", 0.5)
    before = boots(band)
    mpremote(band, "eval", "1")  # Ctrl-C, and a soft reset into the raw prompt: no main.py
    assert boots(band) == before
    assert wait_for(lambda: boots(band) > before)


def test_a_reset_is_a_hard_one(band):
    assert mpremote(band, "reset")[0] == 0
    assert wait_for(lambda: b"cause 2 ticks True" in band.output())


def test_the_band_has_a_clock_that_can_be_set(band):
    assert mpremote(band, "rtc", "--set")[0] == 0
    code, said = mpremote(band, "rtc")
    assert code == 0
    assert int(said.strip("( \n").split(",")[0]) >= 2026


def test_the_pseudo_terminal_is_the_same_line(band):
    assert mpremote(band, "eval", "'pty'", port=f"port:{band.pty}") == (0, "pty\n")


@pytest.mark.parametrize("loop", ["clock", "print"])
def test_a_loop_that_looks_at_the_clock_or_prints_can_be_interrupted(band, loop):
    code = (
        "import time\nwhile True: time.ticks_ms()" if loop == "clock" else "while True: print(1)"
    )
    command = [sys.executable, "-m", "mpremote", "connect", band.repl, "exec", "--no-follow", code]
    assert subprocess.run(command, capture_output=True, timeout=HANG_S).returncode == 0
    assert mpremote(band, "eval", "1+1") == (0, "2\n")


def test_a_loop_that_nothing_can_interrupt_is_ended_by_a_new_start(band, monkeypatch):
    monkeypatch.setattr("notturno.virtualband.prompt.STUCK_CPU_S", 0.5)
    before = boots(band)
    port = socket.create_connection(band.repl.removeprefix("socket://").split(":"))
    port.sendall(b"\r\x03\x02")
    assert wait_for(lambda: band.output().endswith(b">>> "))
    port.sendall(b"while True: pass\r\r\r")
    assert wait_for(lambda: b"while True" in band.output()[-100:])
    port.sendall(b"\x03")
    assert wait_for(lambda: boots(band) > before)
    port.close()
    assert mpremote(band, "eval", "2") == (0, "2\n")


def test_a_full_flash_is_the_devices_error(tmp_path):
    program = PROGRAMS / "clockwork"
    with VirtualBand(
        tmp_path, short_world(), firmware=program, start_utc_s=START_UTC_S, flash_bytes=1 << 16
    ) as band:
        code = "with open('big', 'wb') as f:\n for _ in range(100): f.write(bytes(1024))"
        status, said = mpremote(band, "exec", code)
        assert status == 1
        assert "28" in said.splitlines()[-1]  # ENOSPC
        assert (band.flash / "big").stat().st_size < 1 << 16
        assert mpremote(band, "eval", "__import__('os').statvfs('/')[3]")[1] == "0\n"
