"""What every surface says of the stored nights, side by side: commands run in this process.

Touches the data folder given. Gives parsed JSON, text, and the report of one night.
"""

import json

from click.testing import CliRunner
from notturno.cli import cli
from notturno.refusals import to_json
from notturno.scoring.onenight.report import night_report
from notturno.store import Store

ROME = "Europe/Rome"


def keep(folder, frames, device, log_id, zone=ROME):
    """Store frames of a band as one sync would; return (new records, new events)."""
    folder.mkdir(parents=True, exist_ok=True)
    with Store.open(folder) as store:
        return store.add(store.begin_sync(device, log_id, zone, "0.1.0"), frames)


def text(folder, *arguments):
    """Return what a command prints; raises what it raises."""
    result = CliRunner().invoke(
        cli, [*map(str, arguments), "--data-dir", str(folder)], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def printed(folder, *arguments):
    """Return the JSON that a command prints."""
    return json.loads(text(folder, *arguments, "--json"))


def rows(folder):
    """Return {(night, device_id): row} of `nights --json`."""
    return {(r["night"], r["device_id"]): r for r in printed(folder, "nights")["nights"]}


def report(folder, night, device):
    """Return the report of one night of one band, as JSON gives it back."""
    with Store.open(folder, create=False) as store:
        sessions, lists, bed, facts = store.night_inputs(night, device)
    found = night_report(
        *(lists["events"], lists["minutes"], sessions, lists["gaps"], lists["marks"]),
        facts=facts,
        in_bed_utc_ms=bed,
    )
    return json.loads(json.dumps(to_json(found)))


def assert_one_truth(folder, row):
    """Hold all surfaces against one row of `nights --json`."""
    night, device = row["night"], row["device_id"]
    whole = printed(folder, "show", night, "--band", device)
    (shown,) = whole["summary"]
    drawn = printed(folder, "chart", night, "--band", device, "--out", folder / "x.svg", "--force")
    assert shown == row
    assert drawn["summary"] == [row]
    _description_agrees((folder / "x.svg").read_text(), row)
    _events_agree(whole["events"], row)
    found = report(folder, night, device)
    apart = ("age_of_newest_s", "naps")
    columns = {key: value for key, value in found["columns"].items() if key not in apart}
    assert columns == {key: value for key, value in row.items() if key not in apart}
    _report_agrees(found, row)


def _description_agrees(svg, row):
    assert f"{row['recorded_h']:.1f} h recorded, {row['countable_h']:.1f} h counted in" in svg
    jerks = f"{row['jerks']} single jerk" + ("" if row["jerks"] == 1 else "s")
    if row["refusal"] is None:
        assert f"{jerks} ({row['jerks_per_h']:.1f} an hour)" in svg
        assert f"({row['lms_per_h']:.1f} an hour)" in svg
    else:
        assert f"{jerks}, " in svg and "no rate: " in svg and "an hour)" not in svg


def _events_agree(events, row):
    for kind, key in (("jerk", "jerks"), ("lm", "lms"), ("rhythm", "rhythms")):
        of_kind = [e for e in events if e["kind"] == kind]
        assert sum(e["left_out"] is None for e in of_kind) == row[key]
        assert row[key] + sum(row[f"{key}_left_out"].values()) == len(of_kind)
        for reason, count in row[f"{key}_left_out"].items():
            assert sum(e["left_out"] == reason for e in of_kind) == count
    singles = [e for e in events if e["single"]]
    assert len(singles) == row["jerks"]
    assert max((e["peak_mg"] for e in singles), default=None) == row["largest_mg"]


def _report_agrees(found, row):
    jerks = found["jerks"]
    assert jerks["single_jerks"] == row["jerks"]
    assert jerks["not_counted"] == row["jerks_left_out"]
    assert jerks["hours"]["countable"] == row["countable_h"]
    _same(jerks["rates"]["per_countable_h"], row, "jerks_per_h")
    for rules, suffix in (("wasm2016", ""), ("aasm3", "_aasm3")):
        figures = found["movements"][rules]
        _same(figures["plms_per_h"], row, f"plms_per_h_{rules}")
        _same(figures["periodicity_index"], row, f"periodicity_index{suffix}")
        assert figures["left_out"] == row["lms_left_out"]
        _same(figures["plm"], row, f"plm_{rules}")


def _same(value, row, key):
    """A figure or, where it is refused, the same refusal."""
    if isinstance(value, dict):
        assert row[key] is None and value == row["refusals"][key]
    else:
        assert value == row[key]
