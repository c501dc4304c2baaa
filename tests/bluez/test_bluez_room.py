"""The room of the real BlueZ, as far as it can be tried without its machine: it is there, it says
loudly when it cannot run, and its judge finds faults."""

import copy
import io
import os
import subprocess
import sys
from pathlib import Path

import five_checks
import guest_image
import guest_tools
import pytest
import run_five_syncs
from cpio import Archive

sys.path.append(str(Path(__file__).parent / "guest"))

import five_syncs  # noqa: E402
import hci_bridge  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
BAND = {"device": "aa", "failed": None}


def test_the_target_runs_the_syncs_and_make_test_does_not():
    for target, runs in (("test-bluez", True), ("test", False)):
        words = ["make", "-n", target]
        made = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
        assert ("tests/bluez/run_five_syncs.py" in made.stdout) is runs


@pytest.mark.parametrize(
    ("system", "tools", "user", "words"),
    [
        (("Darwin", "arm64"), ("apt-get", "dpkg-deb", "qemu-system-x86_64"), 0, "needs Linux"),
        (("Linux", "x86_64"), (), 0, "needs apt-get"),
        (("Linux", "x86_64"), ("apt-get", "dpkg-deb"), 1000, "install qemu-system-x86"),
    ],
)
def test_where_it_cannot_run_one_sentence_says_so(monkeypatch, capsys, system, tools, user, words):
    monkeypatch.setattr(guest_tools.platform, "system", lambda: system[0])
    monkeypatch.setattr(guest_tools.platform, "machine", lambda: system[1])
    monkeypatch.setattr(guest_tools.shutil, "which", lambda tool: tool if tool in tools else None)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert run_five_syncs.main() != 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "CANNOT RUN" in line and words in line


def good_reports():
    def said(new, total, bands=1):
        return {
            "new_records": new,
            "total_records": total,
            "warnings": [],
            "bands": [BAND] * bands,
        }

    results = {
        "first": said(9, 9),
        "second": said(0, 9),
        "by name": said(0, 9),
        "after the killed": said(5, 9),
        "two legs": said(20, 20, bands=2),
    }
    reports = {kind: {"code": 0, "stderr": "", "said": one} for kind, one in results.items()}
    reports["killed"] = {"code": -9, "stderr": "", "said": None, "stored": 4}
    return reports


def test_a_good_run_is_right():
    faults = five_checks.faults_of_run(good_reports())
    assert faults == {kind: [] for kind in five_checks.KINDS}


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("first", lambda r: r["first"].update(code=1)),
        ("first", lambda r: r["first"]["said"].update(new_records=8)),
        ("first", lambda r: r["first"]["said"].update(warnings=["odd"])),
        ("first", lambda r: r["first"].update(stderr="Warning: something")),
        ("second", lambda r: r["second"].update(said=None)),
        ("second", lambda r: r["second"]["said"].update(new_records=1)),
        ("by name", lambda r: r.pop("by name")),
        ("after the killed", lambda r: r["killed"].update(code=0)),
        ("after the killed", lambda r: r["killed"].update(stored=0)),
        ("after the killed", lambda r: r["killed"].update(stored=9)),
        ("after the killed", lambda r: r["after the killed"]["said"].update(new_records=6)),
        ("two legs", lambda r: r["two legs"]["said"].update(bands=[BAND])),
    ],
)
def test_every_fault_of_a_run_is_seen(kind, spoil):
    reports = copy.deepcopy(good_reports())
    spoil(reports)
    faults = five_checks.faults_of_run(reports)
    assert [one for one in faults if faults[one]] == [kind]


def test_packets_are_cut_from_the_stream_as_the_kernel_wants_them():
    event = bytes((4, 0x0E, 2, 7, 7))
    acl = bytes((2, 0x01, 0x20, 3, 0, 9, 9, 9))
    stream, got = bytearray(), []
    for byte in event + acl + event:
        stream.append(byte)
        got += hci_bridge.packets(stream)
    assert got == [event, acl, event] and not stream
    with pytest.raises(SystemExit):
        list(hci_bridge.packets(bytearray(b"\x07")))


def test_the_time_to_the_proof_is_that_of_the_second_long_write():
    seen = [(1.0, "connected"), (1.2, "att_request"), (1.5, "write"), (1.75, "write")]
    (link,) = five_syncs.links([(0.5, "write"), *seen, (3.0, "disconnected")])
    assert link == {"hello_s": 0.5, "proof_s": 0.75, "ended_s": 2.0, "requests_before": 1}


def test_linux_reads_the_archive_that_is_written(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"content")
    (tmp_path / "a" / "link").symlink_to("file")
    packed = io.BytesIO()
    archive = Archive(packed)
    archive.file("init", b"#!", 0o755)
    archive.tree(tmp_path, "data")
    archive.close()
    data = packed.getvalue()
    assert len(data) % 512 == 0
    at, entries = 0, {}
    while True:
        assert data[at : at + 6] == b"070701"
        fields = [int(data[at + 6 + 8 * k : at + 14 + 8 * k], 16) for k in range(13)]
        size, length = fields[6], fields[11]
        name = data[at + 110 : at + 110 + length - 1].decode()
        start = (at + 110 + length + 3) & ~3
        if name == "TRAILER!!!":
            break
        entries[name] = (oct(fields[1]), data[start : start + size])
        at = (start + size + 3) & ~3
    assert entries["init"] == ("0o100755", b"#!")
    assert entries["data/a/file"][1] == b"content"
    assert entries["data/a/link"] == ("0o120777", b"file")


@pytest.mark.parametrize(
    ("name", "needless"),
    [
        ("usr/share/doc/bluez/copyright", True),
        ("usr/share/dbus-1/system.conf", False),
        ("usr/share/zoneinfo/UTC", False),
        ("usr/lib/python3.11/test/x.py", True),
        ("usr/lib/python3.11/asyncio/tasks.py", False),
        ("lib/x86_64-linux-gnu/libsystemd.so.0", False),
    ],
)
def test_what_the_guest_needs_is_not_pruned(name, needless):
    assert bool(guest_image.NEEDLESS.match(name)) is needless


def test_no_registry_is_known_by_its_address():
    for path in Path(__file__).parent.rglob("*"):
        if path.suffix in (".py", ".sh") and path != Path(__file__):
            assert "://" not in path.read_text(encoding="utf-8").replace("socket://", "")
