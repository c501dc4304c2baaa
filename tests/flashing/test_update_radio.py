"""An update over the sealed link: what a parcel holds, what a band makes of it, cut anywhere."""

import asyncio
import hashlib
import json
import shutil
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).parent))
from fakes.typed import typed
from notturno import keys
from notturno.cli import cli
from notturno.errors import UserError
from notturno.flashing import board as boards
from notturno.flashing import package, parcel, plain, update
from notturno.flashing.line import BandError, Line
from notturno.keys import keep_virtual
from notturno.link import LinkLost, open_radio
from notturno.link.proof import prove
from notturno.virtualband import VirtualBand
from notturno.virtualband.world import StillSource, Timeline
from notturno_core import protocol
from unix_boards import FIRMWARE, UnixBoard, small_firmware
from whole import whole_or

PROGRAM, SETTINGS = protocol.PARCEL_PROGRAM, protocol.PARCEL_SETTINGS


def make(folder, version, modules=12, extra="", run="slots.confirm()"):
    """A small firmware that can take parcels."""
    small_firmware(folder, version, run, modules)
    for name in ("parcels.py", "flashfiles.py", "settings.py"):
        shutil.copyfile(FIRMWARE / name, folder / name)
    config = (FIRMWARE / "config.py").read_text()
    said = package.version_in(config)
    (folder / "config.py").write_text(config.replace(f'"{said}"', f'"{version}"') + extra)
    core = folder / "lib" / "notturno_core"
    for path in (FIRMWARE / "lib" / "notturno_core").glob("*.py"):
        shutil.copyfile(path, core / path.name)
    with open(core / "wire.py", "a") as file:
        file.write(f"VERSION = {version!r}\n")
    return package.build("bytecode", folder)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp
    return {"1.0": make(folder("a"), "1.0"), "2.0": make(folder("b"), "2.0", 10, "X = 1\n")}


@pytest.fixture
def board(made):
    """A band that runs its first version, confirmed."""
    with UnixBoard(blocks=256) as board:
        board.write("/key.bin", b"K" * 36)
        update.update(board, boards.look(board), made["1.0"])
        assert board.start() == ["reset", ["1.0"]]
        yield board


def manifest(packed):
    return json.loads(packed.manifest)


def codes(kind, data, piece=2000):
    """What the band's answers make of a parcel, as code."""
    digest = hashlib.sha256(data).digest()
    lines = ["import asyncio, parcels", "p = parcels.Parcels()"]
    lines.append(f"p.begin({kind}, {len(data)}, {digest!r})")
    lines += [f"p.piece({k}, {data[k : k + piece]!r})" for k in range(0, len(data), piece)]
    return [*lines, "asyncio.run(p.unpack())"]


def take(board, kind, data):
    for code in codes(kind, data):
        board.run(code)


def refused(board, kind, data, reason):
    with pytest.raises(BandError, match=f"Refused.*reason {reason}"):
        take(board, kind, data)


def test_a_parcel_holds_what_the_band_has_not(made):
    data, names = parcel.program_parcel(made["2.0"], manifest(made["1.0"]))
    same = {n for n in made["2.0"].files if made["1.0"].hashes.get(n) == made["2.0"].hashes[n]}
    assert set(names) == set(made["2.0"].files) - same and same and names
    assert len(data) < made["2.0"].bytes
    _, names = parcel.program_parcel(made["1.0"], manifest(made["1.0"]))
    assert names == []


def test_a_band_takes_a_new_version_and_starts_it(board, made):
    take(board, PROGRAM, parcel.program_parcel(made["2.0"], manifest(made["1.0"]))[0])
    assert board.start() == ["reset", ["2.0"]]
    assert not {"parcel.bin"} & board.names() and board.names("/slot_b") >= {"m9.mpy"}
    back = parcel.program_parcel(made["1.0"], manifest(made["2.0"]))[0]
    take(board, PROGRAM, back)
    assert board.start() == ["reset", ["1.0"]] and "m11.mpy" in board.names("/slot_a")


def test_cut_at_any_write_it_starts_one_whole_version(board, made):
    """At every fourth, and at each of the last eight; the whole run at each of all."""
    data, _ = parcel.program_parcel(made["2.0"], manifest(made["1.0"]))
    code = ["start(1)", *codes(PROGRAM, data)]
    checks = (
        "how = start(1)\nfound = [how, machine.ran, open('/key.bin', 'rb').read() == b'K' * 36]"
    )
    writes, found = board.cuts(code, checks, (0, 2), step=whole_or(1, 4))
    assert writes > 100
    assert set(found) == {json.dumps(["reset", [v], True]) for v in ("1.0", "2.0")}


def test_what_is_damaged_or_not_for_this_band_changes_nothing(board, made):
    data, _ = parcel.program_parcel(made["2.0"], manifest(made["1.0"]))
    new = made["2.0"]

    def other(least=b"\1\x1d", arch=b"bytecode", files=None):
        head = least + bytes((len(arch),)) + arch
        return head + (data[11:] if files is None else files)

    def entry(name, content=b"x", digest=None, has=1):
        digest = hashlib.sha256(content).digest() if digest is None else digest
        size = len(content).to_bytes(4, "little")
        return bytes((len(name),)) + name + digest + size + bytes((has,)) + content * has

    assert other() == data
    damaged, not_right = protocol.REFUSED_DAMAGED, protocol.REFUSED_NOT_RIGHT
    last = entry(b"manifest.json", new.manifest)
    refused(board, PROGRAM, data[:-5], damaged)
    refused(board, PROGRAM, other(arch=b"rv32imc"), protocol.REFUSED_OTHER_CHIP)
    refused(board, PROGRAM, other(least=b"\1\x63"), protocol.REFUSED_TOO_OLD)
    for files, reason in [
        (b"", not_right),
        (entry(b"app.mpy"), not_right),  # no manifest
        (entry(b"") + last, not_right),
        (entry(b"../key.bin") + last, not_right),
        (entry(b"/key.bin") + last, not_right),
        (entry(b"\xff\xfe") + last, not_right),
        (entry(b"x.mpy", digest=bytes(32)) + last, damaged),
        (entry(b"not_there.mpy", has=0) + last, damaged),
        (entry(b"x.mpy", has=2) + last, damaged),
        (last[:20], damaged),
    ]:
        refused(board, PROGRAM, other(files=files), reason)
    for head in (b"", b"\1", b"\1\x1d", b"\1\x1d\2\xff\xff"):
        refused(board, PROGRAM, head, not_right)
    refused(board, 7, data, protocol.REFUSED_DAMAGED)
    wrong = codes(PROGRAM, data)
    wrong[2] = wrong[2].replace("b'", "b'\\x00", 1).replace('b"', 'b"\\x00', 1)
    with pytest.raises(BandError, match=f"reason {protocol.REFUSED_DAMAGED}"):
        for code in wrong:
            board.run(code)
    for bad in ("p.piece(1, b'x')", f"p.piece(0, bytes({len(data) + 1}))"):
        with pytest.raises(BandError, match=f"reason {protocol.REFUSED_DAMAGED}"):
            for code in [*codes(PROGRAM, data)[:3], bad]:
                board.run(code)
    for _ in range(4):
        assert board.start() == ["reset", ["1.0"]]


def test_a_band_on_trial_or_without_slots_refuses(board, made, tmp_path):
    board.plug()
    update.update(board, boards.look(board), make(tmp_path, "3.0", run="pass"))
    board.start()
    data, _ = parcel.program_parcel(made["2.0"], {})
    refused(board, PROGRAM, data, protocol.REFUSED_ON_TRIAL)
    board.run("import slots; slots._running = 0")
    refused(board, PROGRAM, data, protocol.REFUSED_NO_SLOTS)


def test_a_broken_off_parcel_goes_on_where_it_ended(board, made):
    data, _ = parcel.program_parcel(made["2.0"], manifest(made["1.0"]))
    steps = codes(PROGRAM, data)
    for code in steps[:6]:
        board.run(code)
    held = board.run("print(" + steps[2] + ")").strip()
    assert int(held) == 6000
    for code in steps[6:]:
        board.run(code)
    assert board.start() == ["reset", ["2.0"]]


def test_settings_come_whole_and_right_or_not_at_all(board):
    good = plain.settings_text({"ODR_HZ": 52})
    take(board, SETTINGS, good)
    assert board.read("/settings.json") == good
    bad = plain.settings_text({"ODR_HZ": 53})
    refused(board, SETTINGS, bad, protocol.REFUSED_NOT_RIGHT)
    refused(board, SETTINGS, b"{", protocol.REFUSED_NOT_RIGHT)
    refused(board, SETTINGS, b" " * (protocol.SETTINGS_MAX + 1), protocol.REFUSED_DAMAGED)
    assert board.read("/settings.json") == good


# --- over the virtual radio ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    """The real firmware, flashed and confirmed, on its charger."""
    folder = tmp_path_factory.mktemp("band")
    world = Timeline([StillSource()], hours=0.01)
    with VirtualBand(folder / "band", world, seed=3, prepare=keep_virtual(folder)) as made:
        made.home = folder
        made.wait_nights()
        with Line(made.repl) as line:
            update.update(line, boards.look(line), package.build("bytecode"))
            line.ask("point(1, 0, 0)")
        yield made


STARTS = b"notturno: runs /slot_"


def wait_for_start(band, said, times):
    """Wait until the band has said so that often: a change holds from its next start."""
    end_s = time.monotonic() + 300
    while band.output().count(said) < times and time.monotonic() < end_s:
        time.sleep(0.05)
    assert band.output().count(said) >= times


def run(band, *arguments, error=None):
    words = ["update", "--virtual", band.hci, "--data-dir", band.home]
    return typed(*words, *arguments, error=error)


def test_a_version_goes_over_the_air_and_runs(band, monkeypatch):
    assert "has version" in run(band)
    old = package.build("bytecode")
    files = {**old.files, "more.mpy": old.files["config.mpy"] * 3}
    text = manifest(old)
    text["files"]["more.mpy"] = [len(files["more.mpy"]), package.sha256(files["more.mpy"])]
    new = package.Package(
        "9.9.9", "bytecode", files, old.root, json.dumps({**text, "version": "9.9.9"}).encode()
    )
    monkeypatch.setattr(package, "build", lambda arch: new)
    out = json.loads(run(band, "--json"))
    assert out["schema"] == "update-1" and out["changed"] and out["device_id"] == band.device_id
    assert (out["version"], out["was"], out["files"]) == ("9.9.9", old.version, 1)
    wait_for_start(band, b"runs /slot_b", 1)
    root = band.flash / "slot_b"
    there = {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*.*")}
    assert there == new.everything
    monkeypatch.setattr(package, "build", lambda arch: old)
    run(band, error="has not shown itself yet")


def test_settings_go_over_the_air(band):
    def run_set(*arguments):
        words = ["bands", "set", "--virtual", band.hci, "--data-dir", str(band.home), *arguments]
        done = CliRunner().invoke(cli, words)
        assert done.exception is None, (done.exception, done.output)
        return json.loads(done.output)

    starts = band.output().count(STARTS)
    out = run_set("odr_hz=52", band.device_id[:6], "--json")
    assert out["changed"] and out["device_id"] == band.device_id
    kept = json.loads((band.flash / "settings.json").read_text())
    assert kept == {"form": 1, "settings": {"ODR_HZ": 52}}
    wait_for_start(band, STARTS, starts + 1)  # what comes next is not broken off by it
    out = run_set("--list", "--json")
    assert out["settings"]["odr_hz"]["value"] == 52 and not out["changed"]
    assert out["settings"]["range_g"] == {
        "name": "range_g",
        "value": 4,
        "default": 4,
        "set": False,
        "possible": "2, 4, 8, 16",
    }


def test_a_link_that_breaks_is_gone_on_with(band, monkeypatch):
    data = plain.settings_text({"DETECTOR": dict.fromkeys(plain.detector_names(), 7000)})
    assert len(data) > 4 * protocol.PIECE_MAX
    seen = []

    async def talk(stop):
        def progress(done, of):
            seen.append(done)
            if stop and done > of / 2:
                raise LinkLost("gone")

        async with open_radio(band.hci) as radio:
            (found,) = await radio.scan(10)
            async with radio.connect(found) as connection:
                link = await prove(connection, keys.KeyRing(band.home).all())
                await parcel.send(link, SETTINGS, data, progress)

    with pytest.raises(LinkLost, match="gone"):
        asyncio.run(talk(True))
    at = seen[-1]
    seen.clear()
    asyncio.run(talk(False))
    assert seen[0] == at and seen[-1] == len(data)
    assert (band.flash / "settings.json").read_bytes() == data


def test_without_a_key_nothing_is_asked(band, tmp_path):
    words = ["update", "--virtual", band.hci, "--data-dir", str(tmp_path)]
    with pytest.raises(UserError, match="key"):
        raise CliRunner().invoke(cli, words).exception
