"""The line to the VM's process: frames of requests and answers.

Touches two pipes and the node process. Layouts are those of vm/link.mjs; times are microseconds.

A request is answered at once with the clock, an answer's payload, and everything that has happened
since the last answer, so that no answer overtakes an event. OP_OUT and what is `TOLD` have no
answer: they are read before the next request, at the same instant.
"""

import json
import os
import struct
import subprocess
from io import DEFAULT_BUFFER_SIZE
from pathlib import Path

from notturno.virtualband.node import VM_FOLDER, node_command, wasm_module

REQUEST = struct.Struct("<IBBHId")  # length, op, a, b, n, time_us
ANSWER = struct.Struct("<IidBBHII")  # length, status, now_us, paced, 0, 0, payload, events
EVENT = struct.Struct("<BH")  # kind, length
(
    OP_POLL,
    OP_WAIT,
    OP_I2C_READ,
    OP_I2C_WRITE,
    OP_I2C_PROBE,
    OP_I2C_SETUP,
    OP_PIN,
    OP_WATCH_PIN,
    OP_ADC,
    OP_BLE,
    OP_OUT,
    OP_STATE,
    OP_BOOT,
    OP_WATCHDOG,
    OP_KEPT,
    OP_SET_RTC,
    OP_SYNCED,
) = range(17)
TOLD = (OP_WATCHDOG,)
EVENT_BLE, EVENT_STDIN, EVENT_PIN = 1, 2, 3
WAKE_ON_STDIN, WAKE_ON_PIN, DEEP = 1, 2, 4
STATE_RUNNING, STATE_AT_PROMPT = 1, 2
RESET_POWER_ON, RESET_WATCHDOG, RESET_SOFT = 1, 3, 5  # machine.reset_cause()
KEPT_BYTES = 2048  # RTC memory, which outlives every reset but the loss of power
SHIMS = Path(__file__).resolve().parent / "shims"
FLASH_CAPACITY_BYTES = 4 << 20  # the file system's part of an 8 MB flash, on the small side


class Request:
    """One request of the VM; `a`, `b`, `n`, `number` mean what the op says."""

    __slots__ = ("a", "b", "n", "number", "op", "payload")

    def __init__(self, op: int, a: int, b: int, n: int, number: float, payload: bytes) -> None:
        self.op = op
        self.a = a
        self.b = b
        self.n = n
        self.number = number
        self.payload = payload

    @property
    def t_us(self) -> float:
        """Virtual time, of an op that speaks of time."""
        return self.number

    @property
    def rtc_offset_s(self) -> float:
        """How far the program has set its RTC from the tick, of OP_SET_RTC."""
        return self.number


EPOCH_2000_S = 946_684_800  # what an ESP32 counts its seconds from


def _environment() -> dict[str, str]:
    """Return what the VM's process inherits: not the list of certificates to trust besides.

    Node.js reads them all at its start, 140 of them in 0.07 s; the VM speaks with nobody but us.
    """
    return {name: text for name, text in os.environ.items() if name != "NODE_EXTRA_CA_CERTS"}


class VmProcess:
    """The node process that runs the VM, and its two pipes.

    rtc_s: what the RTC says at virtual time 0, s since 2000. cause: why it starts, RESET_*.
    tick_error: relative error of tick and RTC, which share an oscillator.
    """

    def __init__(
        self,
        flash: Path,
        keep_open: int,
        rtc_s: float,
        capacity: int = FLASH_CAPACITY_BYTES,
        cause: int = RESET_POWER_ON,
        tick_error: float = 0.0,
    ) -> None:
        settings = {
            "wasm": wasm_module().as_uri(),
            "flash": str(flash),
            "shims": str(SHIMS),
            "capacity": capacity,
            "rtc_s": rtc_s,
            "cause": cause,
            "tick_error": tick_error,
        }
        from_vm, vm_writes = os.pipe()
        vm_reads, to_vm = os.pipe()
        settings["answers"], settings["requests"] = vm_reads, vm_writes
        # The flash's lock goes along, so that it is held until the last writer is gone.
        self._process = subprocess.Popen(
            [*node_command(), str(VM_FOLDER / "band.mjs"), json.dumps(settings)],
            pass_fds=(vm_reads, vm_writes, keep_open),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=_environment(),
            start_new_session=True,  # Ctrl-C at the terminal is for the band's host side only
        )
        os.close(vm_reads)
        os.close(vm_writes)
        self._from_vm = from_vm
        self._to_vm = to_vm
        self._buffer = bytearray()

    def next_request(self) -> Request | None:
        """Wait for the next request; None when the process is gone."""
        while True:
            if len(self._buffer) >= REQUEST.size:
                length, op, a, b, n, t_us = REQUEST.unpack_from(self._buffer)
                if len(self._buffer) >= length:
                    payload = bytes(self._buffer[REQUEST.size : length])
                    del self._buffer[:length]
                    return Request(op, a, b, n, t_us, payload)
            data = os.read(self._from_vm, DEFAULT_BUFFER_SIZE)
            if not data:
                return None
            self._buffer += data

    def answer(
        self, status: int, now_us: float, paced: bool, payload: bytes, events: bytes
    ) -> bool:
        """Answer the last request; False when the process is gone."""
        length = ANSWER.size + len(payload) + len(events)
        frame = ANSWER.pack(length, status, now_us, paced, 0, 0, len(payload), len(events))
        view = memoryview(frame + payload + events)
        try:
            while view:
                view = view[os.write(self._to_vm, view) :]
        except BrokenPipeError:
            return False
        return True

    def cpu_s(self) -> float | None:
        """Return how long the process has computed, or None where that cannot be known."""
        try:
            fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """Cut the power."""
        self._process.kill()

    def close(self) -> str:
        """Wait for the end of the process; return what it said about why."""
        self._process.kill()
        said = ""
        if self._process.stderr is not None:
            said = self._process.stderr.read().decode(errors="replace")
            self._process.stderr.close()
        self._process.wait()
        os.close(self._from_vm)
        os.close(self._to_vm)
        return said
