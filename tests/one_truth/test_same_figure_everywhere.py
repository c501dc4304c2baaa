"""Random nights: every surface prints the same figure or the same refusal, and the right one.

NOTTURNO_NIGHTS=1000 in the environment looks at so many; NOTTURNO_FIRST_NIGHT where to begin.
"""

import os
import re
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
import plain_recount
from notturno.nights.calendar import clock_text
from notturno.store import Store
from random_nights import random_night
from whole import whole_or
from whole_nights import EVENING_MS, RATE_HZ, ROME, run, the_same, told

NIGHTS = int(os.environ.get("NOTTURNO_NIGHTS", whole_or(40, 16)))
FIRST = int(os.environ.get("NOTTURNO_FIRST_NIGHT", "0"))
HOURS = ("recorded_h", "worn_h", "awake_h", "not_worn_h", "countable_h", "gap_h")
COUNTS = ("jerks", "lms", "rhythms")
BY_RULES = ("clm_wasm2016", "plm_wasm2016", "plms_wasm2016", "plm_aasm3")


def keep(folder, written):
    """Store what some bands wrote, as one sync each."""
    with Store.open(folder) as store:
        for one in written:
            band = one.band
            if one.next_seq is not None:
                said = {"next_seq": one.next_seq, "first_seq": 1, "state": one.state}
                store.note_band(band.device, band.log_id, said, "0.1.0")
            pen = store.begin_sync(band.device, band.log_id, ROME, "0.1.0")
            store.add(pen, one.frames)
        for row in store.nights():
            one = next(one for one in written if one.band.device == row["device_id"])
            if one.bed_s is not None and row["end_utc_ms"] is not None:
                said = {"bed": local(one.bed_s), "wake": local(one.wake_s)}
                store.edit(row["night"], row["device_id"], said)
        for one in written:
            if one.side:
                store.name_band(one.band.device, f"leg-{one.side}", "calf", one.side)


def local(at_s):
    """Return a moment as the person in Rome says it."""
    return clock_text(EVENING_MS + round(at_s * 1000), ROME)


def counted_again(one):
    """Return the Recordings of a band by the truth that its clock can know."""
    known = one.settings == 2 and _settings(one) == 2
    slow = 1 + one.band.drift if known else 1.0
    began_ms = EVENING_MS + one.band.began_s * 1000

    def ms_of_tick(tick):
        if known or not _settings(one):
            return began_ms + tick / slow
        return EVENING_MS - 30_000 + (tick - one.band.tick(-30))

    rate = RATE_HZ if known else RATE_HZ / (1 + one.band.drift)
    return plain_recount.recordings(one.frames, ms_of_tick, 1000 / rate)


def _settings(one):
    from notturno_core import wire

    return sum(kind == wire.REC_TIME for kind, _ in plain_recount.records(one.frames))


def check_row(row, found, whole, said_s=(None, None)):
    """Hold one band's row to the recount of its records; said_s: bed and wake, as edited."""
    in_bed_ms = tuple(None if at is None else EVENING_MS + at * 1000 for at in said_s)
    again = plain_recount.recount(found, in_bed_ms)
    close = 0.0015
    for key in HOURS:
        assert row[key] == pytest.approx(again[key], abs=close), (key, row[key], again[key])
    if again["asleep_h"] is None:
        assert row["asleep_h"] is None and "asleep_h" in row["refusals"]
    else:
        assert row["asleep_h"] == pytest.approx(again["asleep_h"], abs=close)
    for key in COUNTS:
        assert row[key] == again[key], (key, row[key], again[key])
        assert row[f"{key}_left_out"] == again[f"{key}_left_out"], key
        every = row[key] + sum(row[f"{key}_left_out"].values())
        assert every == again[f"{key}_all"], key
        assert row.get(f"{key}_all", every) == every
    for key in BY_RULES:
        assert row[key] == again[key], (key, row[key], again[key])
    expected = plain_recount.verdict(again, row["state"] == "complete")
    assert (row["refusal"] or {}).get("code") == expected
    if not whole:
        assert row["state"] != "complete"
    for key, count in (("jerks_per_h", "jerks"), ("lms_per_h", "lms")):
        if expected is None:
            assert row[key] == row[count] / row["countable_h"]
        else:
            assert row[key] is None
    return again


def check_words(folder, night, rows):
    """Hold what people read to the rows."""
    picture = run(folder, "chart", night, "--out", folder / "x.html")
    page = (folder / "x.html").read_text()
    (folder / "x.html").unlink()
    shown = run(folder, "show", night)
    report = run(folder, "stats", "--night", night)
    for row in rows.values():
        if row["refusal"] is None:
            rates = [f"({row[key]:.1f} an hour)" for key in ("jerks_per_h", "lms_per_h")]
        else:
            rates = [row["refusal"]["refused"].rstrip(".")]
        for said in rates:
            assert said in picture and said in shown, (said, picture, shown)
        assert f"{row['recorded_h']:.1f} h recorded, {row['countable_h']:.1f} h" in picture
        assert f"{row['recorded_h']:.1f} h recorded" in page.replace("&#x27;", "'")
        assert f"recorded {row['recorded_h']:.1f} h" in shown
        assert re.search(rf"countable hours +{row['countable_h']:.2f}\n", report)
        assert re.search(rf"single jerks +{row['jerks']}\n", report)
        if row["refusal"] is None:
            assert re.search(rf"per countable hour +{row['jerks_per_h']:.2f}\n", report)
        else:
            assert row["refusal"]["refused"] in report


def check_person(folder, night, again, sides):
    """Hold a person's night to the recount of both bands."""
    persons = told(folder, "nights")["person_nights"]
    (person,) = [row for row in persons if row["night"] == night]
    (shown,) = told(folder, "show", night)["person"]
    assert shown == person
    report = told(folder, "stats", "--night", night)["two_bands"]
    if person["countable_h"] is None:
        assert "refused" in report
        return
    left, right = (again[sides[side]] for side in "LR")
    both = [
        (max(a, c), min(b, d))
        for a, b in left["_countable"]
        for c, d in right["_countable"]
        if max(a, c) < min(b, d)
    ]
    hours = sum(b - a for a, b in both) / plain_recount.H_MS
    error_h = max(1, len(both)) * 2 * person["clock_error_ms"] / plain_recount.H_MS
    assert person["countable_h"] == pytest.approx(hours, abs=0.002 + error_h)
    for key in ("jerks", "lms"):
        every = person[key] + sum(person[f"{key}_left_out"].values())
        assert every == person[f"{key}_all"] == left[f"{key}_all"] + right[f"{key}_all"]
    if "refused" in report:
        return
    assert person["countable_h"] == pytest.approx(report["both_worn_h"])
    if "refused" in report["by_rules"]:
        assert person["plm_wasm2016"] is None
        return
    legs = []
    for side, one in (("L", left), ("R", right)):
        shift_us = round((one["_start"] - left["_start"]) * 1000)
        legs += [(a + shift_us, b + shift_us, side) for a, b in one["_rows"]]
    inside = [(a, b, s) for a, b, s in legs if _in_ms(a / 1000 + left["_start"], both)]
    span = (both[0][0], both[-1][1])
    slow = plain_recount.by_the_rules(inside, both, left["_asleep"], left["_start"], span)
    for rules in ("wasm2016", "aasm3"):
        plm = report["by_rules"][rules]["plm"]
        assert person[f"plm_{rules}"] == (None if isinstance(plm, dict) else plm)
        if report["by_rules"]["range_complete"] and not isinstance(plm, dict):
            assert plm == slow[f"plm_{rules}"], rules


def _in_ms(at, spans):
    return any(a <= at < b for a, b in spans)


def check_table(folder, rows):
    """Hold the table of `stats` over many nights to the rows."""
    tables = {}
    for band in told(folder, "stats")["bands"]:
        tables |= {(band["device_id"], row["night"]): row for row in band["table"]}
    for row in rows:
        for key, value in tables[row["device_id"], row["night"]].items():
            assert row[key] == value, (key, row[key], value)


def check_night(folder, seed):
    """Store a random night and look at it from everywhere."""
    written = random_night(seed)
    keep(folder, written)
    rows = told(folder, "nights")["nights"]
    names = sorted({row["night"] for row in rows} | {n["night"] for r in rows for n in r["naps"]})
    check_table(folder, rows)
    by_band = {}
    for night in names:
        shown = the_same(folder, night)
        check_words(folder, night, shown)
        for device, row in shown.items():
            by_band.setdefault(device, []).append(row)
    again = {}
    for one in written:
        found = counted_again(one)
        mine = by_band.get(one.band.device, [])
        assert sum(row["sessions"] for row in mine) == len(found)
        if len(mine) == 1:
            whole = one.whole or one.next_seq is None
            again[one.side] = (
                mine[0]["night"],
                check_row(mine[0], found, whole, (one.bed_s, one.wake_s)),
            )
    if {"L", "R"} <= again.keys() and again["L"][0] == again["R"][0]:
        check_person(
            folder,
            again["L"][0],
            {side: value for side, (_, value) in again.items()},
            {"L": "L", "R": "R"},
        )


@pytest.mark.parametrize("seed", range(FIRST, FIRST + NIGHTS))
def test_a_random_night_reads_the_same_everywhere(tmp_path, seed):
    check_night(tmp_path, seed)
