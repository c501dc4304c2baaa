"""What actipy and scikit-digital-health make of recordings; run by an interpreter that has them.

Touches files and the clock. Stands alone: no module of this project is there. Arguments: the
recordings. Prints JSON: {peer: {version, or why it is missing}, files: {path: {peer: figures}}}.
"""

import json
import sys
import time
import warnings

TIMES = 3


def best(work):
    """Return (what `work` gave, the least of TIMES durations in s)."""
    least, out = float("inf"), None
    for _ in range(TIMES):
        begin = time.perf_counter()
        out = work()
        least = min(least, time.perf_counter() - begin)
    return out, least


def of_actipy(path):
    import actipy

    plain = dict(lowpass_hz=None, resample_hz=None, verbose=False)

    def read():
        return actipy.read_device(path, calibrate_gravity=False, detect_nonwear=False, **plain)

    (data, info), read_s = best(read)
    (_, worn), whole_s = best(
        lambda: actipy.read_device(path, calibrate_gravity=True, detect_nonwear=True, **plain)
    )
    return {
        "samples": len(data),
        "read_s": read_s,
        "whole_s": whole_s,
        "bad_blocks": info.get("ReadErrors"),
        "not_worn_h": worn.get("NonwearTime(days)", float("nan")) * 24,
        "sleep": "has no sleep window",
    }


def of_skdh(path):
    import numpy as np
    from skdh.io import ReadCwa
    from skdh.preprocessing import AccelThresholdWearDetection
    from skdh.sleep import Sleep

    data, read_s = best(lambda: ReadCwa().predict(file=path))
    stamps, accel = data["time"], data["accel"]
    hz = float(data.get("fs") or 1 / np.median(np.diff(stamps[:1000])))
    days = {(12, 24): np.array([[0, len(stamps) - 1]])}
    found = {"samples": len(accel), "read_s": read_s}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            slept = Sleep(day_window=(12, 24)).predict(
                time=stamps, accel=accel, fs=hz, day_ends=days
            )
        keys = [k for k in slept if "start" in k.lower() or "end" in k.lower()]
        found["sleep"] = {k: _plain(slept[k], stamps[0]) for k in keys[:8]}
    except Exception as error:
        found["sleep"] = f"refuses ({type(error).__name__}: {error})"[:160]
    try:
        worn = AccelThresholdWearDetection().predict(time=stamps, accel=accel, fs=hz)["wear"]
        worn = np.asarray(worn, float).reshape(-1, 2)
        span_s = stamps[-1] - stamps[0]
        inside = sum(float(stamps[int(b) - 1] - stamps[int(a)]) for a, b in worn)
        found["not_worn_h"] = max(0.0, span_s - inside) / 3600
    except Exception as error:
        found["not_worn_h"] = f"refuses ({type(error).__name__}: {error})"[:160]
    return found


def _plain(value, start):
    import numpy as np

    out = np.asarray(value).reshape(-1)[:3].tolist()
    return [round(v, 1) if isinstance(v, float) else v for v in out]


def main(paths):
    """Print what each peer makes of each file."""
    from importlib import metadata

    told = {"peers": {}, "files": {path: {} for path in paths}}
    for name, package, work in (
        ("actipy", "actipy", of_actipy),
        ("skdh", "scikit-digital-health", of_skdh),
    ):
        try:
            told["peers"][name] = metadata.version(package)
        except metadata.PackageNotFoundError:
            told["peers"][name] = None
            continue
        for path in paths:
            try:
                told["files"][path][name] = work(path)
            except Exception as error:
                told["files"][path][name] = {"refused": f"{type(error).__name__}: {error}"[:160]}
    print("\n" + json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
