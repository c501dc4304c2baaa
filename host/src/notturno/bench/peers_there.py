"""What actipy and scikit-digital-health make of recordings; run by an interpreter that has them.

Touches files and the clock. Stands alone: no module of this project is there. Arguments: a peer's
name and a recording. Prints figures as JSON, in its last line.
"""

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

TIMES = 3
MOST_SAID = 160  # characters of an error


def best(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return (what `work` gave, the least of TIMES durations in s, and of processors' s)."""
    least, cpu, out = float("inf"), float("inf"), None
    for _ in range(TIMES):
        begin, spent = time.perf_counter(), _processors_s()
        out = work()
        least = min(least, time.perf_counter() - begin)
        cpu = min(cpu, _processors_s() - spent)
    return out, least, cpu


def _processors_s() -> float:
    """Return the processors' time of this process and of its children that ended, s.

    os.times() counts in hundredths of a second, which are a sixth of what is measured.
    """
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def of_actipy(path: Path | str) -> dict:
    """Return what actipy reads of a file, and how long it takes."""
    import actipy  # pyright: ignore[reportMissingImports]  of another Python

    plain = dict(lowpass_hz=None, resample_hz=None, verbose=False)

    def read():
        return actipy.read_device(path, calibrate_gravity=False, detect_nonwear=False, **plain)

    (data, info), read_s, cpu_s = best(read)
    (_, worn), whole_s, _cpu_s = best(
        lambda: actipy.read_device(path, calibrate_gravity=True, detect_nonwear=True, **plain)
    )
    return {
        "samples": len(data),
        "read_s": read_s,
        "cpu_s": cpu_s,
        "whole_s": whole_s,
        "bad_blocks": info.get("ReadErrors"),
        "not_worn_h": worn.get("NonwearTime(days)", float("nan")) * 24,
        "sleep": "has no sleep window",
    }


def of_skdh(path: Path | str) -> dict:
    """Return what skdh reads and makes of a file, and how long it takes."""
    import numpy as np
    from skdh.io import ReadCwa  # pyright: ignore[reportMissingImports]
    from skdh.preprocessing import AccelThresholdWearDetection  # pyright: ignore[reportMissingImports]
    from skdh.sleep import Sleep  # pyright: ignore[reportMissingImports]

    data, read_s, _cpu_s = best(lambda: ReadCwa().predict(file=path))
    stamps, accel = data["time"], data["accel"]
    hz = float(data.get("fs") or 1 / np.median(np.diff(stamps)))
    days = {(12, 24): np.array([[0, len(stamps) - 1]])}
    found = {"samples": len(accel), "read_s": read_s}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            slept = Sleep(day_window=(12, 24)).predict(
                time=stamps, accel=accel, fs=hz, day_ends=days
            )
        begin = np.asarray(slept["TSO Start Timestamp"], float).ravel()
        length = np.asarray(slept["TSO Duration"], float).ravel()
        if len(begin):
            first = (begin[0] - stamps[0]) / 60
            found["sleep"] = f"{first:.0f} to {first + length[0]:.0f} min"
        else:
            found["sleep"] = "gives none"
    except Exception as error:
        found["sleep"] = f"refuses ({_named(error)})"
    try:
        worn = AccelThresholdWearDetection().predict(time=stamps, accel=accel, fs=hz)["wear"]
        worn = np.asarray(worn, float).reshape(-1, 2)
        span_s = stamps[-1] - stamps[0]
        inside = sum(float(stamps[int(b) - 1] - stamps[int(a)]) for a, b in worn)
        found["not_worn_h"] = max(0.0, span_s - inside) / 3600
    except Exception as error:
        found["not_worn_h"] = f"refuses ({_named(error)})"
    return found


def _named(error: Exception) -> str:
    """Return an error by its name and the beginning of what it says: a cell of a table."""
    return f"{type(error).__name__}: {error}"[:MOST_SAID]


PEERS = {"actipy": ("actipy", of_actipy), "skdh": ("scikit-digital-health", of_skdh)}


def main(name: str, path: Path | str) -> None:
    """Print {version or None, figures or why there are none} of one peer and one file."""
    from importlib import metadata

    package, work = PEERS[name]
    try:
        told = {"version": metadata.version(package)}
    except metadata.PackageNotFoundError:
        told = {"version": None, "refused": "it is not installed"}
    else:
        try:
            told |= work(path)
        except Exception as error:
            told["refused"] = _named(error)
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
