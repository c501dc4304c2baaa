"""The cohort whole: what it says, what stays out and why, and that nobody is named."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pyarrow
import pytest
from click.testing import CliRunner
from pyarrow import parquet

sys.path.append(str(Path(__file__).resolve().parent))
sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
import made_people as made
from golden import columns, hold, leaves
from notturno.cli import cli
from notturno.cohort import cleaning, engines, run

KEY = "00" * 32
KEPT = Path(__file__).with_name("golden_cohort.json")


def cohort(*arguments, ok=True):
    result = CliRunner().invoke(cli, ["cohort", *map(str, arguments)])
    if ok:
        assert result.exit_code == 0, result.output or result.exception
        return result.output
    assert result.exit_code != 0
    return str(result.exception)


def document(*arguments):
    return json.loads(cohort(*arguments, "--json"))


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    return made.cohort(tmp_path_factory.mktemp("people") / "study", right=1.5)


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(0o600)
    return path


def test_the_whole_is_told_of_all_nights_and_of_the_cleaned(people):
    found = document(people, "--measure", "jerks_per_h")
    assert found["schema"] == "cohort-1"
    assert found["qc"]["full"] == {"people": 12, "nights": 480}
    assert found["qc"]["cleaned"] == {"people": 12, "nights": 240}
    assert found["qc"]["left_out"] == {"other_side": 240}
    told = found["people"]
    assert [(one["nights"], one["cleaned"]) for one in told] == [(40, 20)] * 12
    assert {one["measures"]["jerks_per_h"]["nights"] for one in told} == {20}
    of = found["measures"]["jerks_per_h"]
    assert (of["full"]["nights"], of["cleaned"]["nights"]) == (480, 240)
    cleaned = of["cleaned"]
    assert cleaned["typical_low"] < cleaned["typical"] < cleaned["typical_high"]
    assert cleaned["typical"] == pytest.approx(8, rel=0.5)
    assert cleaned["between_sd"] == pytest.approx(0.5**0.5, rel=0.4)
    assert cleaned["within_sd"] == pytest.approx(0.4**0.5, rel=0.15)
    assert cleaned["icc_low"] < 0.5 / 0.9 < cleaned["icc_high"]
    values = [one["value"] for one in cleaned["reliability"]]
    assert values == sorted(values) and values[0] == cleaned["icc"]
    week = next(one for one in cleaned["reliability"] if one["nights"] == 7)
    icc = cleaned["icc"]
    assert week["value"] == pytest.approx(7 * icc / (1 + 6 * icc))
    assert 0 < cleaned["counting_share"] < 0.2
    assert cleaned["night_to_night"]["coefficient_of_variation"]["p50"] == pytest.approx(
        0.7, abs=0.2
    )


def test_all_that_is_told_of_twelve_people_is_kept(people, key, tmp_path):
    """Their pseudonyms are those of the key, their nights those of one seed."""
    asked = (people, "--phases", "before", "pill", "--key", key)
    found = json.loads(cohort(*asked, "--out", tmp_path / "out", "--json"))
    hold(KEPT, "json", columns(leaves(found, ("made", "program", "version", "provenance"))))
    hold(KEPT, "words", cohort(*asked).splitlines())
    for path in sorted((tmp_path / "out").glob("*.parquet")):
        rows = parquet.read_table(path).to_pylist()
        hold(KEPT, path.name, {"rows": len(rows), "columns": columns(leaves(rows))})


def test_the_page_names_every_key(people):
    page = (Path(run.__file__).parent / "COHORT.md").read_text(encoding="utf-8")
    found = document(people, "--phases", "before", "pill")
    of = found["measures"]["jerks_per_h"]
    phases = found["phases"]["measures"]["jerks_per_h"]["cleaned"]
    kept = [*found, *found["qc"], *of, *of["cleaned"], *of["left_against_right"], *phases]
    kept += found["hours"]["cleaned"]["jerk"][0].keys()
    assert [key for key in dict.fromkeys(kept) if not re.search(rf"\b{key}\b", page)] == []
    assert set(cleaning.REASONS) == {code for code in cleaning.REASONS if f"`{code}`" in page}


def test_people_read_both_columns_side_by_side(people):
    lines = cohort(people, "--measure", "jerks_per_h", "--phases", "before", "pill").splitlines()
    assert lines[0].split() == ["all", "nights", "cleaned"]
    assert lines[1].split() == ["people", "12", "12"]
    assert lines[2].split() == ["nights", "480", "240"]
    text = "\n".join(lines)
    assert "240  other_side: Of the side of which this person has fewer nights." in text
    assert "pill against before, single jerks per hour" in text
    assert "; of 12 people one side alone has more" in text
    assert text.rstrip().endswith("Not a diagnosis: show it to a doctor.")
    hour = next(line.split() for line in lines if line.startswith("23 "))
    assert hour[1:3] == ["12", "240"] and float(hour[3]) <= float(hour[7])


def test_left_is_held_against_right_of_the_same_nights(people):
    sides = document(people)["measures"]["jerks_per_h"]["left_against_right"]
    assert (sides["people"], sides["nights"]) == (12, 240)
    assert sides["ratio_low"] < 1 / 1.5 < sides["ratio_high"]
    assert sides["ratio"] == pytest.approx(1 / 1.5, rel=0.02)
    assert sides["one_sided"] == 12 and sides["p"] < 1e-6


def test_phases_are_compared_within_people(people, tmp_path):
    found = document(people, "--phases", "before", "pill", "--measure", "jerks_per_h")
    of = found["phases"]["measures"]["jerks_per_h"]["cleaned"]
    assert of["people"] == 12 and of["nights"] == [120, 120]
    assert of["ratio_low"] < 1.105 < of["ratio_high"]
    made.cohort(tmp_path / "more", people=2, tags=False, name="ben")
    more = document(people, tmp_path / "more", "--phases", "before", "pill")
    assert more["phases"]["measures"]["jerks_per_h"]["cleaned"]["people_left_out"] == {
        "no_such_phase": 2
    }
    said = cohort(people, "--phases", "before", "nothing", ok=False)
    assert "Nobody has nights of both phases" in said


def test_hours_are_percentiles_over_people_of_their_own_medians(people):
    from statistics import median, quantiles

    found = document(people)["hours"]
    assert set(found) == {"full", "cleaned"}
    rows = {row["hour"]: row for row in found["cleaned"]["jerk"]}
    assert sorted(rows) == [23, 24, 25]
    own = []
    for folder in sorted(people.iterdir()):
        jerks = [
            row["jerks"]
            for row in parquet.read_table(folder / "nights.parquet").to_pylist()
            if row["person_side"] == "L"
        ]
        own.append(median(2.0 + n / 1000 for n in jerks))
    assert rows[24]["p50"] == pytest.approx(median(own))
    assert rows[24]["p90"] == pytest.approx(quantiles(own, n=10, method="inclusive")[8])
    assert rows[24]["nights"] == 240 and rows[24]["events"] == 480 and rows[24]["people"] == 12


def refused(code):
    return json.dumps({"refused": "It was so.", "code": code})


@pytest.mark.parametrize("hours", [(None, 0.5), (0.25, 0.5), (0.5, None)])
def test_of_two_bands_on_a_side_the_one_with_more_hours_counts(hours):
    rows = [made.night(1, f"d{k}", 40, countable_h=h) for k, h in enumerate(hours)]
    for k, row in enumerate(rows):
        row |= {"person": "anna", "start_utc_ms": k}
    is_second = cleaning._twice(rows, [None, None])
    assert [is_second(row) for row in rows] == [hours[0] != 0.5, hours[0] == 0.5]


def test_every_reason_is_found_and_counted(tmp_path):
    rows = [made.night(day, "d1", 40) for day in range(5)]
    rows += [
        made.night(5, "d1", 40, refusal=refused("not_complete"), jerks_per_h=None),
        made.night(12, "d1", 40, refusal="what is no JSON"),
        made.night(6, "d1", 40, date=None, night="undated-7"),
        made.night(7, "d1", 40, simulated=True),
        made.night(8, "d1", 40, limb="wrist"),
        made.night(9, "d1", 40, detector_version="3"),
        made.night(10, "d2", 40, person_side="R"),
        made.night(4, "d3", 40, countable_h=3.0),  # a second band on the same side that night
        made.night(11, "d1", 40),  # its events are lost
    ]
    folder = made.person(tmp_path / "one" / "anna", rows)
    made.write(folder, "events", made.events(rows[:-1]))
    again = made.person(
        tmp_path / "one" / "ben", [rows[0], *(made.night(d, "d9", 9) for d in (1, 2))]
    )
    assert again.exists()
    qc = document(tmp_path / "one")["qc"]
    expected = dict.fromkeys(
        ("not_complete", "clock_unknown", "simulated", "other_limb", "other_maker", "other_side"),
        1,
    )
    assert qc["left_out"] == expected | {"counts_differ": 1, "twice": 2, "refused": 1}
    assert qc["cleaned"]["nights"] == 5 + 2
    assert qc["bands_of_several_people"] == 1
    assert {made["nights"] for made in qc["makers"]} == {1, 15}


def test_simulated_nights_alone_stay_and_are_said(tmp_path):
    rows = [made.night(day, "d1", 40, simulated=True) for day in range(3)]
    made.person(tmp_path / "anna", rows)
    found = document(tmp_path)
    assert found["qc"]["cleaned"]["nights"] == 3 and found["qc"]["simulated_nights"] == 3
    assert "3 nights are simulated: recorded by a virtual band." in cohort(tmp_path)


def test_without_consent_nothing_says_who_somebody_is(people, key, tmp_path):
    out = tmp_path / "out"
    said = cohort(people, "--key", key, "--out", out, "--phases", "before", "pill", "--json")
    said += cohort(people, "--key", key)
    for path in sorted(out.rglob("*.parquet")):
        said += json.dumps(parquet.read_table(path).to_pylist())
        said += str(parquet.read_schema(path).metadata)
    said += (out / "cohort.json").read_text()
    for mark in (
        "anna",
        "dev0",
        "2026-",
        "her band",
        "her own",
        "Europe",
        "17676486",
        str(people),
    ):
        assert mark not in said, mark
    assert "P-" in said and "B-" in said
    nights = parquet.read_table(out / "nights_full.parquet")
    assert sorted(set(nights["day"].to_pylist())) == list(range(1, 21))


def test_pseudonyms_are_those_of_the_key(people, key, tmp_path):
    first = document(people, "--key", key)
    assert document(people, "--key", key) == first
    assert all(re.fullmatch("P-[A-Z2-7]{10}", person["person"]) for person in first["people"])
    assert document(people)["people"][0]["person"] not in json.dumps(first)
    kept = tmp_path / "made" / "key"
    names = [p["person"] for p in document(people, "--key", kept)["people"]]
    assert names == [p["person"] for p in document(people, "--key", kept)["people"]]
    assert kept.stat().st_mode & 0o077 == 0
    kept.chmod(0o644)
    assert "can be read by others" in cohort(people, "--key", kept, ok=False)
    other = tmp_path / "list.txt"
    other.write_text("no key")
    assert "holds no key" in cohort(people, "--key", other, ok=False)


def test_with_consent_names_and_dates_stay(people, tmp_path):
    out = tmp_path / "out"
    found = document(people, "--identified", "--out", out)
    assert found["people"][0]["person"] == "anna000"
    nights = parquet.read_table(out / "nights_full.parquet")
    assert nights["date"][0].as_py() == made.FIRST.isoformat()
    assert nights["band"][0].as_py() == "her band"


def test_the_tables_are_full_and_cleaned_side_by_side(people, key, tmp_path):
    out = tmp_path / "out"
    found = document(people, "--key", key, "--out", out)
    full = parquet.read_table(out / "nights_full.parquet")
    cleaned = parquet.read_table(out / "nights_cleaned.parquet")
    assert (full.num_rows, cleaned.num_rows) == (480, 240)
    assert [n for n in full.column_names if n != "left_out"] == cleaned.column_names
    assert full["events"].to_pylist() == [
        jerks + lms
        for jerks, lms in zip(full["jerks"].to_pylist(), full["lms"].to_pylist(), strict=True)
    ]
    kept = full.filter(pyarrow.compute.is_null(full["left_out"])).drop_columns("left_out")
    assert kept.equals(cleaned)
    qc = parquet.read_table(out / "qc.parquet").to_pylist()
    assert sum(row["nights"] for row in qc if row["left_out"]) == 240
    text = (out / "cohort.json").read_text()
    assert json.loads(text) == found and text.startswith('{\n "') and text.endswith("\n}\n")
    hours = parquet.read_table(out / "hours.parquet").to_pylist()
    assert {row["of"] for row in hours} == {"full", "cleaned"}
    assert "is there already" in cohort(people, "--out", out, ok=False)
    cohort(people, "--out", out, "--force")


@pytest.fixture
def another_cluster():
    """Somebody's dashboard has the port that every cluster would like."""
    with contextlib.suppress(OSError), socket.create_server(("", 8787)):
        yield
        return
    yield


def test_dask_in_several_processes_says_the_same(people, key, tmp_path, another_cluster):
    pytest.importorskip("distributed", reason="the cluster extra is not installed")
    line = [
        str(people),
        "--key",
        str(key),
        "--workers",
        "2",
        "--json",
        "--phases",
        "before",
        "pill",
    ]
    alone = cohort(*line, "--engine", "duckdb", "--out", tmp_path / "duckdb")
    done = subprocess.run(
        [sys.executable, "-m", "notturno", "cohort", *line]
        + ["--engine", "dask", "--out", str(tmp_path / "dask")],
        capture_output=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr.decode()
    for noise in (b"Traceback", b"distributed", b"notturno"):
        assert noise not in done.stderr, done.stderr.decode()
    assert done.stdout.decode() == alone
    one, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).glob("*.parquet")}
        for name in ("duckdb", "dask")
    )
    assert len(one) == 5 and one == other


@contextlib.contextmanager
def many_machines(folder, workers=2):
    """A scheduler and workers as programs of their own: they share TCP and the disk."""
    at, options = folder / "scheduler.json", ["--no-dashboard"]
    begun = [["scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(at)]]
    one = ["worker", "--scheduler-file", str(at), "--nthreads", "1", "--no-nanny"]
    begun += [one] * workers
    running = []
    try:
        for number, line in enumerate(begun):
            place = folder / str(number)
            place.mkdir()
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", "dask", *line, *options],
                    cwd=place,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
        for _ in range(1200):
            if at.is_file() and at.stat().st_size:
                break
            time.sleep(0.05)
        yield json.loads(at.read_text())["address"], running[1:]
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_programs_that_share_a_folder_alone_say_the_same(people, key, tmp_path):
    distributed = pytest.importorskip("distributed", reason="the cluster extra is not installed")
    alone = cohort(people, "--key", key, "--json")
    with many_machines(tmp_path) as (address, workers):
        with distributed.Client(address, timeout="60s") as client:
            client.wait_for_workers(2, timeout=120)
            homes = set(client.run(os.getcwd).values())
            assert len(homes) == 2 and str(tmp_path) not in homes
        line = ["--key", key, "--json", "--engine", "dask", "--scheduler", address]
        assert cohort(people, *line) == alone
        for process in workers:
            process.kill()
            process.wait()
        # nobody is left who could answer, whether the scheduler knows it yet or not
        said = cohort(people, *line, ok=False)
        assert re.search("has no workers|All processes of the cluster ended", said)


def test_no_port_is_taken_that_another_cluster_holds(monkeypatch):
    pytest.importorskip("distributed", reason="the cluster extra is not installed")
    with socket.socket() as held, warnings.catch_warnings():
        warnings.filterwarnings("error", message="Port")
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # another test may hold it
            held.bind(("127.0.0.1", 8787))
            held.listen()
        with engines.engine("dask", 1) as found:
            assert found.processes == 1
            assert found.client.cluster.scheduler_info["services"].get("dashboard", 0) != 8787


def test_a_measure_that_nobody_has_is_refused(people):
    found = document(people, "--measure", "log_imi_mean")["measures"]["log_imi_mean"]
    assert found["cleaned"]["typical"] is None
    assert found["cleaned"]["refusal"]["code"] == "too_few_people"
    assert found["cleaned_without_figure"] == {"not_given": 240}


def test_order_and_place_of_the_people_change_nothing(people, key, tmp_path):
    folders = sorted(people.iterdir())
    first = cohort(*folders, "--key", key, "--json")
    assert cohort(*reversed(folders), "--key", key, "--json") == first
    assert cohort(people, people, "--key", key, "--json") == first


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["nowhere"], "is not there"),
        (["{empty}"], "holds no nights"),
        (["{people}", "--scheduler", "x:1", "--engine", "duckdb"], "--scheduler goes with"),
        (["{people}", "--both-sides"], "No night of both legs"),
        (["{people}", "--force"], "--force goes with --out"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(people, tmp_path, arguments, words):
    given = [text.format(empty=tmp_path, people=people) for text in arguments]
    assert words in cohort(*given, ok=False)
