"""One log carried through store, night, scoring, chart and report: all that is said is kept.

golden_log.json holds every figure of three nights, in the order in which a person meets them.
`NOTTURNO_WRITE_GOLDEN=1` writes it anew: read its difference as you would read a report.
"""

import json
import os
import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from golden import MEANT, on_trial
from notturno_core import wire
from whole_nights import DAY_S, H_S, JERK, LM, Band, flagged, run, spread

KEPT = Path(__file__).with_name("golden_log.json")
# Of the moment of reading, of the folder, or of the program, and not of the nights.
PASSING = {"age_of_newest_s", "age_s", "made_utc_ms", "program", "provenance", "data_dir", "out"}
PASSING |= {"path", "written", "svg", "file", "sha256", "made_on"}
DIGITS = 9


def a_series(first_s, count, apart_s, lasts_s=1.5, **values):
    return [
        {"at_s": first_s + i * apart_s, "kind": LM, "lasts_s": lasts_s, "peak_mg": 300 + i}
        | values
        for i in range(count)
    ]


def restless(band):
    """Six hours: jerks of every size, a series, a rhythm, a spell awake, an hour not worn."""
    events = [
        {"at_s": 400.0 + 431 * i, "kind": JERK, "lasts_s": 0.1 + 0.01 * (i % 9)}
        | {"peak_mg": 9 + 13 * i, "peak_jerk_mg_per_s": 700 + 90 * i}
        for i in range(45)
    ]
    events += a_series(2 * H_S + 7, 9, 24.0)
    events += a_series(3 * H_S + 7, 5, 95.0, 0.8)
    events += [
        {"at_s": 900.0, "kind": wire.EVENT_RHYTHM, "lasts_s": 12, "rhythm_mhz": 1500, "beats": 18},
        {"at_s": 1500.0, "kind": wire.EVENT_POSTURE, "lasts_s": 6, "flags": wire.FLAG_LARGE},
        {"at_s": 1530.0, "kind": JERK, "flags": wire.FLAG_IN_LM},
        {"at_s": 1640.0, "kind": LM, "lasts_s": 0.7, "flags": wire.FLAG_SMALL},
        {"at_s": 6000.0, "kind": wire.EVENT_AWAKE, "lasts_s": 1260},
        {"at_s": 6300.0, "kind": JERK, "flags": wire.FLAG_IN_AWAKE},
        {"at_s": 17_400.0, "kind": wire.EVENT_NOT_WORN, "lasts_s": 3590},
        {"at_s": 1700.0, "kind": JERK, "flags": wire.FLAG_VIBRATION},
    ]
    minutes = flagged(wire.MINUTE_AWAKE, 100, 121) | flagged(wire.MINUTE_NOT_WORN, 290, 350)
    minutes |= flagged(wire.MINUTE_STILL, 0, 3)
    minutes[30] = {"temperature_q8_c": 31 * 256 + 77, "battery_mv": 3950, "activity_q4_mg": 333}
    gaps = [(4000.0, 37.0, "both"), (9000.0, 200.0, "segment"), (14000.0, 65.0, "event")]
    band.record(0, 6 * H_S, sorted(events, key=lambda e: e["at_s"]), gaps, minutes)


def periodic(band):
    """Five hours, of short intervals and long ones, begun an hour before midnight."""
    events = a_series(600, 40, 20.0) + a_series(5000, 25, 43.0, 2.5) + a_series(9000, 10, 91.0)
    events += spread(12, 4 * H_S, peak_mg=55)
    start_s = DAY_S + H_S / 2
    band.record(start_s, 5 * H_S, sorted(events, key=lambda e: e["at_s"]), battery_mv=4011)


def short(band):
    """A quarter of an hour: too little for a rate."""
    band.record(2 * DAY_S + H_S, H_S / 4, spread(7, 800))


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """{surface: what it says}, of three nights with a tag and an edit."""
    folder = tmp_path_factory.mktemp("golden")
    band = Band(drift=40e-6)
    band.set_clock(-30)
    for night in (restless, periodic, short):
        night(band)
    band.set_clock(2 * DAY_S + 3 * H_S)
    band.sync(folder)
    run(folder, "tag", "clonazepam", "2026-01-13", "2026-01-14")
    run(folder, "edit", "2026-01-13", "--bed", "23:10", "--wake", "03:50")
    found = {}
    for line in (
        "nights",
        "nights --measure log_imi_mean",
        "show 2026-01-12",
        "stats --night 2026-01-12",
        "stats --night 2026-01-13",
        "stats",
        "stats --by tag",
        "compare before clonazepam",
        "bands",
        "report",
    ):
        with on_trial():
            found[line] = json.loads(run(folder, *line.split(), "--json"))
    for name in ("night.svg", "nights.svg"):
        night = ["2026-01-12"] if name == "night.svg" else ["--last", "3"]
        run(folder, "chart", *night, "--out", folder / name)
        drawn = (folder / name).read_text(encoding="utf-8")
        found[name] = {"texts": re.findall(r">([^<>\n]+)</", drawn), "numbers": numbers(drawn)}
    return json.loads(json.dumps(lasting(found, str(folder))))


def numbers(svg):
    """Return how many marks a picture has of each sort, and the sum of where they stand."""
    found = {}
    for tag in re.findall(r"<(\w+)", svg):
        found[tag] = found.get(tag, 0) + 1
    places = re.findall(r'\b(?:x|y|cx|cy|x1|x2|y1|y2|width|height)="(-?[\d.]+)"', svg)
    return found | {"places": round(sum(map(float, places)), 1)}


def lasting(value, folder):
    """Return a value without what is of the moment, its fractions to DIGITS places."""
    if isinstance(value, dict):
        kept = {k: v for k, v in value.items() if k not in PASSING}
        return {key: lasting(inner, folder) for key, inner in kept.items()}
    if isinstance(value, list):
        return [lasting(inner, folder) for inner in value]
    if isinstance(value, str):
        return value.replace(folder, "FOLDER")
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def differences(stands, found, where=""):
    """Return lines that say where two values differ."""
    if isinstance(stands, dict) and isinstance(found, dict):
        keys = [*stands, *(key for key in found if key not in stands)]
        pairs = [(key, stands.get(key, "absent"), found.get(key, "absent")) for key in keys]
    elif isinstance(stands, list) and isinstance(found, list) and len(stands) == len(found):
        pairs = [(i, a, b) for i, (a, b) in enumerate(zip(stands, found, strict=True))]
    elif isinstance(stands, float) or isinstance(found, float):
        numbers_both = isinstance(stands, int | float) and isinstance(found, int | float)
        same = numbers_both and found == pytest.approx(stands, rel=1e-7, abs=1e-9)
        return [] if same else [f"{where}: {stands} stands there, {found} is said"]
    else:
        return [] if stands == found else [f"{where}: {stands} stands there, {found} is said"]
    return [line for key, a, b in pairs for line in differences(a, b, f"{where}/{key}")]


def test_what_is_said_of_the_log_is_what_stands_there(said):
    if os.environ.get("NOTTURNO_WRITE_GOLDEN"):
        KEPT.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    wrong = differences(json.loads(KEPT.read_text(encoding="utf-8")), said)
    assert wrong == [], "\n".join([*wrong[:20], MEANT])


def test_the_log_has_something_of_everything(said):
    """What the other test is worth: nothing that it compares is empty or refused throughout."""
    first, second, third = said["nights"]["nights"]
    assert first["jerks"] > 20 and sum(first["jerks_left_out"].values()) > 2
    assert first["awake_h"] > 0.3 and first["not_worn_h"] > 0.9 and first["gap_h"] > 0.05
    assert second["plm_wasm2016"] > 20 and second["plms_per_h_wasm2016"] > 2
    assert third["refusal"] is not None
    assert said["report"]["schema"] == "report-1"


def test_a_figure_off_by_a_thousandth_is_seen(said):
    other = json.loads(json.dumps(said))
    other["nights"]["nights"][0]["jerks_per_h"] *= 1.001
    (line,) = differences(said, other)
    assert "jerks_per_h" in line
