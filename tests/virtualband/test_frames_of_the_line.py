"""Frames between the VM and its virtual band, byte by byte, without a VM."""

import os
import resource
import struct
import time
from types import SimpleNamespace

import pytest
from notturno.virtualband import vmlink


@pytest.fixture
def line():
    """Return (VmProcess without a process, the end to write requests to, the end of answers)."""
    from_vm, requests = os.pipe()
    answers, to_vm = os.pipe()
    link = object.__new__(vmlink.VmProcess)
    link._from_vm, link._to_vm, link._buffer = from_vm, to_vm, bytearray()
    ends = [from_vm, requests, answers, to_vm]
    yield SimpleNamespace(link=link, requests=requests, answers=answers, ends=ends)
    for end in ends:
        os.close(end)


def asked(op, a, b, n, t_us, payload=b""):
    """As the comment at the head of vm/link.mjs tells it."""
    head = struct.pack("<BBHId", op, a, b, n, t_us)
    return struct.pack("<I", 4 + len(head) + len(payload)) + head + payload


def told(request):
    return (request.op, request.a, request.b, request.n, request.t_us, request.payload)


def test_a_request_is_its_own_bytes_and_no_more(line):
    whole = asked(2, 106, 0x7E, 6, 1e6) + asked(3, 104, 1, 0, 2.5, b"abc") + asked(0, 0, 0, 0, 3.0)
    os.write(line.requests, whole)
    assert told(line.link.next_request()) == (2, 106, 0x7E, 6, 1e6, b"")
    assert told(line.link.next_request()) == (3, 104, 1, 0, 2.5, b"abc")
    assert told(line.link.next_request()) == (0, 0, 0, 0, 3.0, b"")


@pytest.mark.parametrize("cut", [1, 19, 20, 21, 23])
def test_a_request_that_comes_in_two_pieces_is_one(line, monkeypatch, cut):
    whole = asked(10, 1, 2, 3, 4.0, b"text")
    pieces = [whole[:cut], whole[cut:], b""]
    monkeypatch.setattr(vmlink.os, "read", lambda fd, n: pieces.pop(0))
    assert told(line.link.next_request()) == (10, 1, 2, 3, 4.0, b"text")
    assert pieces == [b""]
    assert line.link.next_request() is None


def test_the_end_of_the_process_is_no_request(line):
    os.write(line.requests, asked(10, 1, 2, 3, 4.0, b"text")[:-1])
    os.close(line.requests)
    line.ends.remove(line.requests)
    assert line.link.next_request() is None


@pytest.mark.parametrize("paced", [True, False])
@pytest.mark.parametrize(
    ("payload", "events"), [(b"", b""), (b"xy", b""), (b"", b"123"), (b"xy", b"1")]
)
def test_an_answer_tells_its_length_clock_and_parts(line, paced, payload, events):
    assert line.link.answer(-5, 1234.5, paced, payload, events)
    frame = os.read(line.answers, 1000)
    assert len(frame) == 28 + len(payload) + len(events)
    assert struct.unpack("<IidBBHII", frame[:28]) == (
        len(frame),
        -5,
        1234.5,
        paced,
        0,
        0,
        len(payload),
        len(events),
    )
    assert frame[28:] == payload + events


def test_an_answer_that_the_pipe_takes_in_pieces_is_whole(line, monkeypatch):
    written = bytearray()

    def write(fd, view):
        written.extend(view[:7])
        return min(7, len(view))

    monkeypatch.setattr(vmlink.os, "write", write)
    assert line.link.answer(0, 1.0, False, bytes(range(20)), b"end")
    assert bytes(written[28:]) == bytes(range(20)) + b"end"


def test_an_answer_to_nobody_says_so(line):
    os.close(line.answers)
    line.ends.remove(line.answers)
    assert line.link.answer(0, 1.0, False, b"", b"") is False


def test_the_frames_layouts_are_as_long_as_the_other_side_says():
    text = (vmlink.VM_FOLDER / "link.mjs").read_text()
    assert f"REQUEST_BYTES = {vmlink.REQUEST.size};" in text
    assert f"ANSWER_BYTES = {vmlink.ANSWER.size};" in text
    ops = {name[3:]: value for name, value in vars(vmlink).items() if name.startswith("OP_")}
    assert len(ops) == 17
    for name, value in ops.items():
        assert f" {name}: {value}," in text.replace("\n ", " "), name


def test_how_long_it_computed_is_of_the_kernels_two_columns(line, monkeypatch):
    line.link._process = SimpleNamespace(pid=os.getpid())
    text = "7 (no de) S " + " ".join(str(n) for n in range(4, 20))
    monkeypatch.setattr(vmlink.Path, "read_text", lambda path: text)
    # Columns 14 and 15 of proc_pid_stat(5): utime and stime, in ticks.
    assert line.link.cpu_s() == pytest.approx((14 + 15) / os.sysconf("SC_CLK_TCK"))


def test_how_long_a_process_has_computed_is_its_users_and_its_systems_time(line):
    line.link._process = SimpleNamespace(pid=os.getpid())
    until_s = time.process_time() + 0.05
    while time.process_time() < until_s:
        os.getppid()
    used = resource.getrusage(resource.RUSAGE_SELF)
    assert line.link.cpu_s() == pytest.approx(used.ru_utime + used.ru_stime, abs=0.05)
    line.link._process = SimpleNamespace(pid=0)  # there is no such
    assert line.link.cpu_s() is None


def test_the_process_reads_no_certificates_and_inherits_all_else(monkeypatch, tmp_path):
    started = []
    for name, text in {"NODE_EXTRA_CA_CERTS": "x.pem", "NODE_OPTIONS": "--no-warnings"}.items():
        monkeypatch.setenv(name, text)
    process = SimpleNamespace(
        Popen=lambda *_, **how: started.append(how["env"]), PIPE=0, DEVNULL=0
    )
    monkeypatch.setattr(vmlink, "subprocess", process)
    link = vmlink.VmProcess(tmp_path, 0, 0.0)
    os.close(link._from_vm)
    os.close(link._to_vm)
    assert started == [{k: v for k, v in os.environ.items() if k != "NODE_EXTRA_CA_CERTS"}]
    assert started[0]["NODE_OPTIONS"] == "--no-warnings"
