"""Inside the guest: five kinds of sync with the real command over the real BlueZ.

Says on the port "report", one JSON line each, how each went; then gives the data folders out, as
a tar on the port "data". What is right the driver outside decides.
"""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import time
from contextlib import closing

from ports import path_of

KEYS = "/data/keys"
LIMIT_S = 60.0
READY_S = 60.0
POWERED = (
    "dbus-send --system --print-reply=literal --dest=org.bluez /org/bluez/hci0 "
    "org.freedesktop.DBus.Properties.Get string:org.bluez.Adapter1 string:Powered"
).split()
COMMAND = [
    sys.executable,
    "-c",
    "import sys; sys.argv[0] = 'notturno'; from notturno.cli import main; main()",
    "sync",
    "--json",
]


def trace():
    """Return what the bridge saw so far: [(seconds, word)]."""
    with open("/run/trace") as file:
        lines = [line.split() for line in file if line.endswith("\n")]
    return [(float(s), word) for s, word in lines]


def folder(name, keys):
    """Make a data folder that holds the keys of these bands, and nothing else."""
    path = f"/data/{name}"
    os.makedirs(f"{path}/keys", mode=0o700, exist_ok=True)
    for key in keys:
        shutil.copy(f"{KEYS}/{key}", f"{path}/keys/{key}")
    return path


def links(seen):
    """Return for each link: seconds to the proof (its second long write), to its end; requests."""
    found = []
    for s, word in seen:
        if word == "connected":
            found.append({"at": s, "writes": [], "requests": 0})
        elif found and word == "write":
            found[-1]["writes"].append(round(s - found[-1]["at"], 3))
        elif found and word == "att_request" and not found[-1]["writes"]:
            found[-1]["requests"] += 1
        elif found and word == "disconnected":
            found[-1].setdefault("ended_s", round(s - found[-1]["at"], 3))
    return [
        {
            "hello_s": (one["writes"] or [None])[0],
            "proof_s": (one["writes"] + [None, None])[1],
            "ended_s": one.get("ended_s"),
            "requests_before": one["requests"],
        }
        for one in found
    ]


def records_in(data):
    """Return how many records a data folder's store holds, as another process may ask."""
    try:
        with closing(sqlite3.connect(f"file:{data}/notturno.sqlite3?mode=ro", uri=True)) as store:
            return store.execute("select count(*) from records").fetchone()[0]
    except sqlite3.Error:
        return 0  # it is just being made


def sync(kind, data, *arguments, kill=False):
    """Run one sync to its end, or kill it once it has stored something; return its report."""
    before = len(trace())
    started_s = time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, "--data-dir", data, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    report = {"kind": kind, "folder": os.path.basename(data), "killed": False}
    while kill and process.poll() is None and time.monotonic() - started_s < LIMIT_S:
        if records_in(data):
            process.kill()
            report["killed"] = True
        time.sleep(0.01)
    try:
        said, complained = process.communicate(timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        said, complained = process.communicate()
        complained += f"\nit did not end in {LIMIT_S:.0f} s"
    report["wall_s"] = round(time.monotonic() - started_s, 2)
    report["code"] = process.returncode
    report["stderr"] = complained[-3000:]
    try:
        report["said"] = json.loads(said)
    except ValueError:
        report["said"] = None
    report["stored"] = records_in(data)
    report["links"] = links(trace()[before:])
    return report


def wait_for_bluez():
    end_s = time.monotonic() + READY_S
    while time.monotonic() < end_s:
        said = subprocess.run(POWERED, capture_output=True, text=True).stdout
        if "true" in said:
            return
        time.sleep(0.1)
    raise SystemExit("BlueZ has no adapter that is switched on")


def main():
    say = open(path_of("report"), "w", buffering=1)  # noqa: SIM115  (open to the end)

    def tell(report):
        report["up_s"] = round(time.clock_gettime(time.CLOCK_BOOTTIME), 1)
        say.write(json.dumps(report) + "\n")

    tell({"kind": "start"})
    wait_for_bluez()
    tell({"kind": "ready"})
    keys = sorted(os.listdir(KEYS))
    one = folder("one", keys[:1])
    first = sync("first", one)
    tell(first)
    tell(sync("second", one))
    name = ((first["said"] or {}).get("bands") or [{"name": "nobody"}])[0]["name"]
    tell(sync("by name", one, "--band", name))
    cut = folder("cut", keys[:1])
    tell(sync("killed", cut, kill=True))
    tell(sync("after the killed", cut))
    both = folder("both", keys)
    tell(sync("two legs", both))
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for path in (one, cut, both):
            tar.add(path, os.path.basename(path))
        tar.add("/run/packets", "packets")
    with open(path_of("data"), "wb") as port:
        port.write(len(packed.getvalue()).to_bytes(8, "little") + packed.getvalue())
    tell({"kind": "end"})


if __name__ == "__main__":
    main()
