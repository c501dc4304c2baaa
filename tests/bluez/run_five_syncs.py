"""`make test-bluez`: virtual bands outside, the real BlueZ and Linux kernel in a small machine.

Touches QEMU, a virtual band's process, a temporary folder and the user's cache. Prints what each
sync did and how long it took; ends with 0 only if all five are right. With KEEP=1 the temporary
folder stays: the reports, the console, the stores, and every HCI packet (stores/packets).
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from five_checks import EXPECTED, KINDS, faults_of_run, faults_of_stores
from guest_image import ROOT, base_image, whole_image
from guest_tools import CannotRun, check_machine

HOURS = 1.5
BANDS = 2
NIGHTS_S = 300.0
GUEST_S = 300.0
GOAL_S = 90.0
MEMORY_MB = 1024
BAND = "import sys; sys.argv[0] = 'notturno'; from notturno.cli import main; main()"
PORTS = ("hci", "report", "data")


def say(line: str) -> None:
    print(line, flush=True)


class Bands:
    """The virtual bands, in a process of their own, by the real command; a context manager."""

    def __init__(self, folder: Path):
        self.folder = folder

    def __enter__(self):
        words = f"band --bands {BANDS} --hours {HOURS} --zone UTC --json --data-dir".split()
        self._log = open(self.folder / "band.err", "w")  # noqa: SIM115  (the process writes it)
        path = os.pathsep.join(map(str, (ROOT / "host/src", ROOT / "firmware/lib")))
        self._process = subprocess.Popen(
            [sys.executable, "-c", BAND, *words, str(self.folder)],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()
        self._log.close()

    def _wait(self):
        said = self._process.stdout.readline()
        end_s = time.monotonic() + NIGHTS_S
        while "are over" not in (text := (self.folder / "band.err").read_text()):
            if self._process.poll() is not None or time.monotonic() > end_s:
                raise CannotRun(f"the virtual bands do not run: {text.strip()[-600:]}")
            time.sleep(0.1)
        places = json.loads(said)
        self.hci = places["hci"]
        self.keys = {path.name: path.read_bytes() for path in self.folder.glob("keys/*.key")}
        devices = sorted(name.removesuffix(".key") for name in self.keys)
        flashes = [Path(band["flash"]) for band in places["bands"]]
        self.flashes = dict(zip(devices, flashes, strict=True))

    def utc_s(self) -> int:
        """Return the time of their world."""
        from notturno.link import open_radio

        async def ask():
            async with open_radio(self.hci) as radio:
                return await radio.utc_now_ms()

        return asyncio.run(ask()) // 1000


def emulator(kernel: Path, image: Path, folder: Path, hci: str, utc_s: int) -> list[str]:
    """Return the command of the machine: no network, no disk, three ports."""
    host, _, port = hci.rpartition(":")
    clock = datetime.fromtimestamp(utc_s, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    command = [
        *"qemu-system-x86_64 -accel tcg,thread=multi -cpu max -smp 2".split(),
        *f"-m {MEMORY_MB} -nographic -nodefaults -no-reboot -nic none -rtc base={clock}".split(),
        *("-kernel", str(kernel), "-initrd", str(image)),
        *("-append", "console=ttyS0 quiet panic=-1 mitigations=off rdinit=/init"),
        *("-serial", f"file:{folder}/console"),
        *"-device virtio-rng-pci -device virtio-serial-pci".split(),
        *("-chardev", f"socket,id=hci,host={host},port={port},nodelay=on"),
        *("-chardev", f"file,id=report,path={folder}/report"),
        *("-chardev", f"file,id=data,path={folder}/data"),
    ]
    for name in PORTS:
        command += ["-device", f"virtserialport,chardev={name},name={name}"]
    return command


def run_guest(command: list[str], folder: Path) -> dict[str, dict]:
    """Run the machine to its end, or for GUEST_S; return its reports by kind."""
    started_s = time.monotonic()
    (folder / "report").touch()
    with open(folder / "emulator.err", "w") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log)
        reports, told = {}, 0
        try:
            while True:
                ended = process.poll() is not None
                lines = (folder / "report").read_text().split("\n")[:-1]
                for report in map(json.loads, lines[told:]):
                    reports[report["kind"]] = report
                    _tell(report, time.monotonic() - started_s)
                told = len(lines)
                if ended or time.monotonic() - started_s > GUEST_S:
                    return reports
                time.sleep(0.1)
        finally:
            process.kill()
            process.wait()


def _tell(report, wall_s):
    if "wall_s" not in report:
        say(f"{wall_s:6.1f} s  the guest is at: {report['kind']}")
        return
    said = report["said"] or {}
    links = "; ".join(
        f"proved {link['proof_s']} s after connecting, {link['requests_before']} requests before "
        f"it, hung up after {link['ended_s']} s"
        for link in report["links"]
    )
    say(
        f"{wall_s:6.1f} s  {report['kind']}: {report['wall_s']} s "
        f"(of it in notturno {said.get('duration_s')} s), code {report['code']}, "
        f"{said.get('new_records')} new of {said.get('total_records')}; links: {links or 'none'}"
    )


def unpack(folder: Path) -> Path | None:
    """Unpack the guest's data folders; None where they did not come whole."""
    packed = (folder / "data").read_bytes() if (folder / "data").exists() else b""
    size = int.from_bytes(packed[:8], "little")
    if not size or len(packed) < 8 + size:
        return None
    (folder / "tar").write_bytes(packed[8 : 8 + size])
    with tarfile.open(folder / "tar") as tar:
        tar.extractall(folder / "stores", filter="data")
    return folder / "stores"


def judge(reports: dict[str, dict], stores: Path | None, flashes: dict[str, Path]) -> int:
    """Print what is wrong, kind by kind; return how many of the five are right."""
    faults = faults_of_run(reports)
    if stores is None:
        for kind in KINDS:
            faults[kind].append("the guest's stores did not come out")
    else:
        for kind, wrong in faults_of_stores(stores, flashes).items():
            faults[kind] += wrong
    for kind in KINDS:
        say(f"  {kind}: {'right' if not faults[kind] else 'WRONG'}")
        for text in faults[kind]:
            say(f"    {text}")
    return sum(not faults[kind] for kind in KINDS)


def run(folder: Path) -> int:
    """Run it all in `folder`; return the exit code. Raises CannotRun."""
    check_machine(say)
    started_s = time.monotonic()
    kernel, archive = base_image(say)
    say(f"Guest: {archive} ({archive.stat().st_size >> 20} MB), {_since(started_s)}")
    started_s = time.monotonic()
    with Bands(folder) as bands:
        say(f"Bands: {BANDS}, {HOURS} h recorded, in {_since(started_s)}")
        image = folder / "initrd"
        whole_image(archive, {f"data/keys/{k}": v for k, v in bands.keys.items()}, image)
        command = emulator(kernel, image, folder, bands.hci, bands.utc_s())
        started_s = time.monotonic()
        reports = run_guest(command, folder)
        vm_s = time.monotonic() - started_s
        right = judge(reports, unpack(folder), bands.flashes)
    say(f"{right} of {len(KINDS)} syncs right; the machine ran {vm_s:.0f} s (goal: {GOAL_S:.0f})")
    if set(EXPECTED) - set(reports):
        for name in ("console", "emulator.err"):
            say(f"--- {name}\n{(folder / name).read_text(errors='replace')[-3000:]}")
    return 0 if right == len(KINDS) else 1


def _since(started_s):
    return f"{time.monotonic() - started_s:.1f} s"


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started ends too
    folder = Path(tempfile.mkdtemp(prefix="notturno-bluez-"))
    try:
        return run(folder)
    except (CannotRun, OSError) as error:
        print(f"make test-bluez CANNOT RUN here: {error}", file=sys.stderr)
        return 2
    finally:
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            say(f"Kept: {folder}")


if __name__ == "__main__":
    raise SystemExit(main())
