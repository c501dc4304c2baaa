"""Whole nights of one band, written record by record as a band would; and what each surface says.

Touches the folders it is given. Times of a plan are true seconds (`_s`) from EVENING_MS, UTC.
"""

import json

from click.testing import CliRunner
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import cli
from notturno.store import Store
from notturno_core import wire

EVENING_MS = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME = "Europe/Rome"
OTHER = b"VB\0\0\0\0\0\2".hex()
RATE_HZ = 104
H_S, DAY_S = 3600, 86_400
JERK, LM = wire.EVENT_JERK, wire.EVENT_LM
# What a row says of the moment of reading or of its neighbours, and not of the night itself.
NOT_OF_THE_NIGHT = ("age_of_newest_s", "naps")


class Band(Pen):
    """A band's log. drift: how much its ticks run fast; `set_clock` names a moment to it."""

    def __init__(self, device=DEVICE, drift=0.0, log_id=LOG_ID, boot_id=1, began_s=-60):
        super().__init__(boot_id=boot_id)
        self.device, self.drift, self.log_id, self.began_s = device, drift, log_id, began_s

    def restart(self, boot_id, began_s):
        """Start the firmware again: its ticks begin anew."""
        self.boot_id, self.began_s = boot_id, began_s

    def tick(self, at_s):
        return round((at_s - self.began_s) * 1000 * (1 + self.drift))

    def set_clock(self, at_s, error_ms=20):
        self.time(self.tick(at_s), EVENING_MS + round(at_s * 1000), error_ms)

    def record(self, start_s, lasts_s, events=(), gaps=(), minutes=None, end=True, **session):
        """Write one recording.

        events: dicts with `at_s` (from its start), `kind`, `lasts_s` and fields of an event.
        gaps: (at_s, lasts_s, told): told "segment", "event" or "both". minutes: {number from 0:
        fields of that minute}.
        """
        lost = [(at, lasts) for at, lasts, _ in gaps]

        def sample(at_s):
            missing = sum(min(max(at_s - at, 0), lasts) for at, lasts in lost)
            return round((at_s - missing) * RATE_HZ)

        rows = [(-1.0, self.segment, (0, self.tick(start_s)), {})]
        for event in events:
            values = dict(event)
            at_s, event_s = values.pop("at_s"), values.pop("lasts_s", 0.125)
            values |= {"duration_samples": round(event_s * RATE_HZ)}
            values.setdefault("kind", JERK)
            rows.append((at_s, self.event, (sample(at_s),), values))
        for at_s, gap_s, told in gaps:
            behind = at_s + gap_s
            if told != "event":
                where = (sample(behind), self.tick(start_s + behind), wire.SEGMENT_OVERRUN)
                rows.append((behind - 0.002, self.segment, where, {}))
            if told != "segment":
                missing = round(gap_s * RATE_HZ)
                if told == "both":  # as a band measures it: by its own tick, at the chip's word
                    ticks_ms = self.tick(start_s + behind) - self.tick(start_s + at_s)
                    missing = int(-(-ticks_ms * RATE_HZ // 1000))
                values = {"kind": wire.EVENT_GAP, "duration_samples": missing}
                rows.append((behind - 0.001, self.event, (sample(behind),), values))
        taken_s, number = 0.0, 0
        while True:
            number += 1
            begun_s, taken_s = taken_s, self._after(taken_s, 60, lost)
            if taken_s > lasts_s:
                break
            values = dict((minutes or {}).get(number - 1, {}))
            if any(begun_s <= at < taken_s for at, _ in lost):
                values["flags"] = values.get("flags", 0) | wire.MINUTE_GAP
            where = (sample(taken_s), self.tick(start_s + taken_s))
            rows.append((taken_s, self.minute, where, values))
        self.session(self.tick(start_s), **session)
        for _, put, where, values in sorted(rows, key=lambda row: row[0]):
            put(*where, **values)
        if end:
            self.end(sample(lasts_s), self.tick(start_s + lasts_s))

    @staticmethod
    def _after(at_s, recorded_s, lost):
        """Return when so many seconds of samples were taken, from `at_s` on."""
        for gap_at, gap_s in sorted(lost):
            if gap_at < at_s:
                continue
            if gap_at >= at_s + recorded_s:
                break
            recorded_s -= gap_at - at_s
            at_s = gap_at + gap_s
        return at_s + recorded_s

    def sync(self, folder, zone=ROME):
        """Store what was written since the last sync."""
        folder.mkdir(exist_ok=True)
        with Store.open(folder) as store:
            store.add(store.begin_sync(self.device, self.log_id, zone, "0.1.0"), self.frames)
        self.frames = []


def spread(count, lasts_s, kind=JERK, first_s=30.0, **values):
    """Return events evenly over some time; LM last a second."""
    values.setdefault("lasts_s", 1.0 if kind == LM else 0.125)
    step = lasts_s / max(count, 1)
    return [{"at_s": first_s + i * step, "kind": kind, **values} for i in range(count)]


def flagged(bits, first, last):
    """Return the fields of the minutes from first to before last, with some bits set."""
    return {number: {"flags": bits} for number in range(first, last)}


def run(folder, *arguments):
    """Return the output of a command, which must end well."""
    arguments = [*map(str, arguments), "--data-dir", str(folder)]
    result = CliRunner().invoke(cli, arguments)
    if result.exit_code:
        raise AssertionError(f"{arguments}: {result.exception!r}\n{result.output}")
    return result.output


def told(folder, *arguments):
    """Return the JSON of a command."""
    return json.loads(run(folder, *arguments, "--json"))


def surfaces(folder, night):
    """Return {surface: {device_id: row}} of one night, as each command prints it."""
    out = folder / "picture.svg"
    of_nights = told(folder, "nights")
    of_show = told(folder, "show", night)
    of_chart = told(folder, "chart", night, "--out", out)
    of_stats = told(folder, "stats", "--night", night)
    out.unlink()
    return {
        "nights": {r["device_id"]: r for r in of_nights["nights"] if r["night"] == night},
        "show": {r["device_id"]: r for r in of_show["summary"]},
        "chart": {r["device_id"]: r for r in of_chart["summary"]},
        "stats --night": {b["device_id"]: b["columns"] for b in of_stats["bands"]},
        "stats --night, head": {r["device_id"]: r for r in of_stats["summary"]},
    }, of_stats


def the_same(folder, night, expected=None):
    """Hold every surface to one row a band of a night; return {device_id: row}.

    expected: {key: value} that all rows must have.
    """
    said, report = surfaces(folder, night)
    first = said["show"]
    for surface, rows in said.items():
        if surface == "nights" and "-nap" in night:
            continue
        assert rows.keys() == first.keys(), surface
        for device, row in rows.items():
            for key, value in first[device].items():
                if key not in NOT_OF_THE_NIGHT:
                    assert row[key] == value, (surface, key, row[key], value)
            for key, value in (expected or {}).items():
                assert row[key] == value, (surface, key, row[key], value)
    for band in report["bands"]:
        _report_agrees(band, first[band["device_id"]])
    return first


def _report_agrees(band, row):
    """Hold the sections of the report to the night's own row."""

    def same(value, key):
        if isinstance(value, dict) and "refused" in value:
            assert row[key] is None, (key, value, row[key])
            value, reason = None, value
            assert reason == (row["refusals"].get(key) or row["refusal"]), key
        assert value == row[key], (key, value, row[key])

    for key in ("recorded_h", "countable_h", "worn_h", "asleep_h", "jerks_per_h", "lms_per_h"):
        same(band[key], key)
    jerks = band["jerks"]
    same(jerks["single_jerks"], "jerks")
    same(jerks["not_counted"], "jerks_left_out")
    same(jerks["rates"]["per_countable_h"], "jerks_per_h")
    same(jerks["hours"]["countable"], "countable_h")
    if row["asleep_h"] is not None:
        same(band["sleep"]["sleep_h"], "asleep_h")
    assert sum(hour["single_jerks"] for hour in jerks["by_hour"]) == row["jerks"]
    for rules, suffix in (("wasm2016", ""), ("aasm3", "_aasm3")):
        figures = band["movements"][rules]
        for name in ("clm", "plm", "plms", "plmw", "plms_per_h"):
            same(figures[name], f"{name}_{rules}")
        same(figures["rates"]["plmw_per_h"], f"plmw_per_h_{rules}")
        for name in ("periodicity_index", "log_imi_mean", "log_imi_sd"):
            same(figures[name], name + suffix)
        assert figures["left_out"] == row["lms_left_out"]
