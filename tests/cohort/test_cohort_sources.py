"""Where a cohort's nights come from: logbooks, every form of export, a laboratory's tables."""

import json
import shutil
import sys
from pathlib import Path

import pyarrow
import pytest
from click.testing import CliRunner
from pyarrow import parquet

sys.path.append(str(Path(__file__).resolve().parent))
sys.path.append(str(Path(__file__).resolve().parents[1] / "files"))
import lives
import made_people as made
from notturno.cli import cli
from notturno.cohort import people as of_people
from notturno.errors import UserError
from notturno.store import Store


def run(*arguments):
    result = CliRunner().invoke(cli, list(map(str, arguments)))
    assert result.exit_code == 0, result.output or result.exception
    return result.output


def document(*arguments):
    return json.loads(run("cohort", *arguments, "--json"))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Return a data folder: two bands on one side each, the same night on both."""
    folder = lives.live(tmp_path_factory.mktemp("home") / "anna")
    with Store.open(folder) as store:
        frames = lives.nights(1).frames
        store.add(store.begin_sync(lives.OTHER, 0x78, "Europe/Rome", "0.1.0"), frames)
        store.name_band(lives.OTHER, "calf-right", limb="calf", side="R")
    return folder


@pytest.fixture(scope="module")
def exports(home, tmp_path_factory):
    """Return {form: place of the same life}."""
    place = tmp_path_factory.mktemp("exports")
    forms = {"parquet": place / "parquet", "csv": place / "csv", "json": place / "x" / "anna.json"}
    found = {"logbook": home, "file": home / "notturno.sqlite3"}
    for form, out in forms.items():
        out = out if form == "json" else out / "anna"
        out.parent.mkdir(exist_ok=True)
        run("export", "--format", form, "--out", out, "--data-dir", home)
        found[form] = out
    return found


def test_every_form_of_one_life_says_the_same(exports, tmp_path):
    told = {
        form: run("cohort", place, "--identified", "--json", "--phases", "before", "clonazepam")
        for form, place in exports.items()
    }
    assert len(set(told.values())) == 1
    found = json.loads(told["csv"])
    assert found["people"][0]["person"] == "anna"
    assert found["qc"]["full"]["nights"] == 5 and found["qc"]["cleaned"]["nights"] == 2
    assert found["hours"]["full"]["jerk"] and found["hours"]["full"]["lm"]


def test_the_hours_of_an_export_are_those_of_its_nights(exports):
    nights = parquet.read_table(exports["parquet"] / "nights.parquet").to_pylist()
    hours = parquet.read_table(exports["parquet"] / "hours.parquet").to_pylist()
    for night in nights:
        for kind, key in (("jerk", "jerks"), ("lm", "lms")):
            mine = [
                row
                for row in hours
                if (row["night"], row["device_id"], row["kind"])
                == (night["night"], night["device_id"], kind)
            ]
            assert sum(row["events"] for row in mine) == night[key]
            assert sum(row["countable_h"] for row in mine) == pytest.approx(night["countable_h"])
            for row in mine:
                if row["per_countable_h"] is not None:
                    rate = row["events"] / row["countable_h"]
                    assert row["per_countable_h"] == pytest.approx(rate)
    first = [row["hour"] for row in hours if row["night"] == lives.NIGHT]
    assert min(first) == 22 and max(first) == 29  # to five in the morning, of which one is lost


def test_the_nights_of_both_sides_are_the_stores_own(home, exports):
    found = document(exports["parquet"], "--both-sides", "--identified")
    with Store.open(home, create=False) as store:
        (truth,) = store.person_nights([lives.NIGHT])
    assert found["qc"]["full"]["nights"] == 1
    of = found["people"][0]["measures"]["jerks_per_h"]
    assert of["nights"] == 1
    assert of["typical"] == pytest.approx(truth["jerks_per_h"], abs=0.07)
    assert found["nights_of"] == "both sides together"


def test_a_folder_of_people_names_each_by_the_folder(tmp_path, home, exports):
    shutil.copytree(home, tmp_path / "people" / "ben")
    shutil.copytree(exports["parquet"], tmp_path / "anna" / "notturno-parquet")
    shutil.copytree(exports["csv"], tmp_path / "site" / "carla")
    shutil.copy(exports["json"], tmp_path / "dora.json")
    (tmp_path / "cohort.json").write_text("{}")
    (tmp_path / ".hidden").mkdir()
    shutil.copytree(exports["csv"], tmp_path / ".hidden" / "eva")
    names = [(s.person, s.form) for s in of_people.found([tmp_path])]
    assert names == [
        ("anna", "parquet"),
        ("ben", "logbook"),
        ("dora", "json"),
        ("site/carla", "csv"),
    ]
    alone = of_people.found([tmp_path / "anna" / "notturno-parquet"])
    assert [s.person for s in alone] == ["anna"]
    alone = of_people.found([tmp_path / "anna" / "notturno-parquet" / "nights.parquet"])
    assert [s.person for s in alone] == ["anna"]


def test_a_csv_export_may_lie_anywhere(tmp_path, exports):
    shutil.copytree(exports["csv"], tmp_path / "an*[a]?")
    assert document(tmp_path)["qc"]["full"]["nights"] == 5


def test_two_people_of_one_name_are_not_made_one(tmp_path, exports):
    for site in ("a", "b"):
        shutil.copytree(exports["parquet"], tmp_path / site / "anna")
    assert [s.person for s in of_people.found([tmp_path])] == ["a/anna", "b/anna"]
    with pytest.raises(UserError, match="would both be anna"):
        of_people.found([tmp_path / "a", tmp_path / "b"])


LAB = {"person": "001", "side": "LR", "rules_version": "r", "recorded_h": 8.0, "countable_h": 8.0}


def lab(folder, people=4, nights=5, **more):
    rows, events = [], []
    for person in range(people):
        for night in range(nights):
            plms = 40 + 30 * person + 5 * night
            of = {"person": f"{person:03d}", "night": f"n{night}"}
            row = LAB | of | {"lms": plms + 10, "lms_per_h": (plms + 10) / 8, "asleep_h": 6.5}
            row |= {"plms_wasm2016": plms, "plms_per_h_wasm2016": plms / 6.5, "refusals": "{}"}
            if night == 0:
                row |= {"plms_per_h_wasm2016": None}
                row["refusals"] = json.dumps({"plms_per_h_wasm2016": "no_stages"})
            rows.append(row | more)
            events += [
                of | {"onset_s": 30.0 * i, "duration_s": 1.0, "kind": "lm"} for i in range(plms)
            ]
    folder.mkdir(parents=True)
    parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "nights.parquet")
    parquet.write_table(pyarrow.Table.from_pylist(events), folder / "events.parquet")
    return folder


def test_a_laboratorys_table_of_many_people_is_read_as_it_is(tmp_path):
    found = document(lab(tmp_path / "scored"), "--measure", "plms_per_h_wasm2016", "--identified")
    of = found["measures"]["plms_per_h_wasm2016"]
    assert (of["cleaned"]["people"], of["cleaned"]["nights"]) == (4, 16)
    assert of["cleaned_without_figure"] == {"no_stages": 4}
    assert [p["person"] for p in found["people"]] == ["000", "001", "002", "003"]
    assert of["cleaned"]["lag1"] is None  # nobody knows which nights are neighbours
    assert of["cleaned"]["typical"] == pytest.approx(95 / 6.5, rel=0.15)
    assert found["qc"]["left_out"] == {}


def test_a_night_of_a_list_in_which_one_leg_or_none_moved_is_no_other_side(tmp_path):
    lab(tmp_path / "in")
    rows = parquet.read_table(tmp_path / "in" / "nights.parquet").to_pylist()
    for row in rows:
        if row["night"] in ("n1", "n2"):
            row["side"] = "L" if row["night"] == "n1" else ""
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "in" / "nights.parquet")
    assert document(tmp_path / "in")["qc"]["left_out"] == {}
    for row in rows:
        row["detector_version"] = "5"  # as replay's, where the side is the sensor's
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "in" / "nights.parquet")
    assert document(tmp_path / "in")["qc"]["left_out"] == {"other_side": 8}


def test_two_laboratories_may_both_have_a_first_person(tmp_path):
    lab(tmp_path / "rome", people=2)
    lab(tmp_path / "oslo", people=2)
    found = document(tmp_path, "--identified")
    names = [p["person"] for p in found["people"]]
    assert names == ["oslo/000", "oslo/001", "rome/000", "rome/001"]
    run("cohort", tmp_path, "--identified", "--out", tmp_path / "out")
    nights = parquet.read_table(tmp_path / "out" / "nights_full.parquet").to_pylist()
    assert [row["events"] for row in nights] == [40, 45, 50, 55, 60, 70, 75, 80, 85, 90] * 2


def test_dask_cuts_a_laboratorys_table_between_people(tmp_path):
    distributed = pytest.importorskip("distributed", reason="the cluster extra is not installed")
    from notturno.cohort import engines, queries

    folder = lab(tmp_path / "scored", people=7)
    share = queries.Share("lab", "events", {str(folder / "events.parquet"): "x/"})
    one = engines.Here().ask([share], "counts")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        many = engines.Many(client)  # that processes may be asked is in test_cohort.py
        assert many.processes == 2
        shares = many.shares(share)
        other = many.ask(shares, "counts")
    assert len(shares) == 7 and len({s.between for s in shares}) == 7
    assert other.equals(one) and one.num_rows == 35
    assert one.column("events").to_pylist()[:2] == [40, 45]


def test_an_export_of_another_version_lacks_a_column_and_is_read(tmp_path):
    made.cohort(tmp_path / "study", people=4, nights=12)
    old = tmp_path / "study" / "anna000" / "nights.parquet"
    table = parquet.read_table(old).drop_columns(["strap_check", "names_version", "lms_per_h"])
    parquet.write_table(table, old)
    (tmp_path / "study" / "anna001" / "hours.parquet").unlink()
    found = document(tmp_path / "study")
    assert found["qc"]["cleaned"]["nights"] == 48
    assert found["measures"]["lms_per_h"]["cleaned"]["people"] == 3
    assert found["hours"]["cleaned"]["jerk"][0]["people"] == 3


@pytest.mark.parametrize("size", [0, 100, 4000])
def test_a_cut_table_is_named_and_nothing_is_written(tmp_path, size):
    made.cohort(tmp_path / "study", people=3, nights=12)
    path = tmp_path / "study" / "anna001" / "events.parquet"
    path.write_bytes(path.read_bytes()[:size])
    out = tmp_path / "out"
    result = CliRunner().invoke(cli, ["cohort", str(tmp_path / "study"), "--out", str(out)])
    assert isinstance(result.exception, UserError)
    assert "anna001/events.parquet" in str(result.exception) and not out.exists()


def test_a_table_that_is_none_is_named(tmp_path):
    (tmp_path / "a").mkdir()
    table = pyarrow.table({"night": ["x"], "value": [1]})
    parquet.write_table(table, tmp_path / "a" / "nights.parquet")
    result = CliRunner().invoke(cli, ["cohort", str(tmp_path)])
    assert "is no table of nights" in str(result.exception)


def test_a_damaged_row_group_is_a_sentence(tmp_path):
    made.cohort(tmp_path / "study", people=3, nights=12)
    path = tmp_path / "study" / "anna001" / "events.parquet"
    data = bytearray(path.read_bytes())
    data[4:200] = bytes(196)
    path.write_bytes(data)
    result = CliRunner().invoke(cli, ["cohort", str(tmp_path / "study")])
    assert isinstance(result.exception, UserError), result.exception


def test_numbers_that_can_be_none_decide_nothing(tmp_path):
    made.cohort(tmp_path / "study", people=4, nights=12)
    folder = tmp_path / "study" / "anna000"
    rows = parquet.read_table(folder / "nights.parquet").to_pylist()
    before = document(tmp_path / "study")["measures"]["jerks_per_h"]["full"]
    for row, hours in zip(rows, (float("nan"), float("inf"), -7.0), strict=False):
        row["countable_h"] = hours
    rows[3]["jerks"] = -5
    rows[4]["date"] = "2026-02-31"
    made.write(folder, "nights", rows)
    found = document(tmp_path / "study")
    after = found["measures"]["jerks_per_h"]["full"]
    assert before["nights"] == 48 and after["nights"] == 43
    assert found["qc"]["left_out"] == {"clock_unknown": 1}
    assert found["measures"]["jerks_per_h"]["cleaned_without_figure"] == {"not_given": 4}
    assert "NaN" not in json.dumps(found) and "Infinity" not in json.dumps(found)


@pytest.mark.parametrize("name", ["anna [1]", "an*na", "anna's", "änna\t;", "a{b},c?"])
def test_a_person_may_be_called_anything(tmp_path, name):
    made.cohort(tmp_path / "study", people=3, nights=12)
    (tmp_path / "study" / "anna000").rename(tmp_path / "study" / name)
    found = document(tmp_path / "study", "--identified")
    assert name in [person["person"] for person in found["people"]]
    assert found["qc"]["full"]["nights"] == 36 and found["qc"]["left_out"] == {}


def test_a_full_disk_is_a_sentence_and_leaves_nothing(tmp_path, home, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("notturno.files.parquet_tables.write", full)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    result = CliRunner().invoke(cli, ["cohort", str(home)])
    assert "No space left" in str(result.exception)
    assert isinstance(result.exception, UserError) and list(tmp_path.iterdir()) == []


def test_what_dask_cannot_read_is_the_same_sentence(tmp_path):
    distributed = pytest.importorskip("distributed", reason="the cluster extra is not installed")
    from notturno.cohort import engines, queries

    made.cohort(tmp_path / "study", people=2, nights=12)
    path = tmp_path / "study" / "anna001" / "events.parquet"
    share = queries.Share("band", "events", {str(path): "x"})
    path.write_bytes(b"no table at all")
    with distributed.Client(processes=False, n_workers=1, dashboard_address=":0") as client:
        for engine in (engines.Here(), engines.Many(client)):
            with pytest.raises(UserError, match="A table of events cannot be read"):
                engine.ask([share], "counts")
