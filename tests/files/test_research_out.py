"""BIDS by the validator's own rules, and FHIR by its schema."""

import csv
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "morning"))
import months
from fakes.typed import exported
from lives import AWAY, DEVICE, NIGHT, OTHER, figures
from notturno.cli import cli
from notturno.files import bids, fhir
from notturno.store import Store


@pytest.fixture(scope="module")
def dataset(life, tmp_path_factory):
    return exported(life, tmp_path_factory.mktemp("out") / "bids", "bids")


def lines(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_the_official_validator_finds_no_error(dataset):
    command = Path(sys.executable).with_name("bids-validator-deno")
    if not command.exists():
        pytest.skip("bids-validator-deno is not installed")
    with tempfile.TemporaryDirectory() as on_disk:  # it reads nothing below /dev
        shutil.copytree(dataset, on_disk, dirs_exist_ok=True)
        said = subprocess.run(
            [command, "--format", "json", "--max-rows", "-1", on_disk],
            capture_output=True,
            text=True,
            timeout=120,
        ).stdout
    issues = json.loads(said)["issues"]["issues"]
    errors = [(i["code"], i.get("location")) for i in issues if i["severity"] == "error"]
    assert errors == [] and issues  # what is only recommended is told: so it has looked


def test_every_name_and_sidecar_is_as_the_schema_wants_it(dataset):
    schema = pytest.importorskip("bidsschematools.schema").load_schema().to_dict()
    wanted = schema["rules"]["sidecars"]["motion"]
    required = {
        name
        for group in wanted.values()
        for name, level in group["fields"].items()
        if (level if isinstance(level, str) else level["level"]) == "required"
    }
    assert required == {"TaskName", "SamplingFrequency"}
    known = {name for group in wanted.values() for name in group["fields"]}
    sidecars = sorted(dataset.rglob("*_motion.json"))
    assert len(sidecars) == 5
    for path in sidecars:
        said = json.loads(path.read_text())
        assert required <= set(said)
        assert set(said) - known <= {"RecordingDuration", "RecordingType"}
        assert re.fullmatch(
            r"sub-01_ses-[0-9A-Za-z]+_task-sleep_tracksys-[0-9A-Za-z]+_run-\d\d_motion.json",
            path.name,
        )
    heads = schema["rules"]["tabular_data"]["motion"]["motionChannels"]["initial_columns"]
    channels = lines(next(dataset.rglob("*_channels.tsv")))
    assert channels[0] == [head.partition("__")[0] for head in heads]
    types = schema["objects"]["columns"]["type__channels"]
    assert all(row[2] in json.dumps(types) for row in channels[1:])
    described = json.loads((dataset / "dataset_description.json").read_text())
    assert described["DatasetType"] == "raw" and described["BIDSVersion"] == bids.BIDS_VERSION


def test_rows_are_minutes_from_the_start_and_a_lost_one_is_not_moved():
    session = {"tick_ms": 5000}

    def minute(number):
        values = {"gravity_mg": [number, 0, 1], "activity_mg": 2.5, "temperature_c": 33.0}
        return values | {"tick_ms": 5000 + number * 60_000 + 400}

    told = [minute(1), minute(2) | {"temperature_c": None}, minute(5)]
    rows = bids.minute_rows(session, told)
    assert [row[0] for row in rows] == [1, 2, "n/a", "n/a", 5]
    assert [row[3:] for row in rows[:2]] == [[2.5, 33.0], [2.5, "n/a"]]


def test_events_lie_on_the_axis_of_their_recording(life, dataset):
    (path,) = (dataset / "sub-01" / f"ses-{NIGHT.replace('-', '')}").rglob("*_events.tsv")
    head, *found = lines(path)
    described = json.loads(path.with_suffix(".json").read_text())
    assert set(head) - {"onset", "duration"} == set(described)
    motion = lines(path.with_name(path.name.replace("_events", "_motion")))
    assert len(motion) == 7 * 60 and all(len(row) == len(bids.CHANNELS) for row in motion)
    assert 0 <= float(found[0][0]) < float(found[-1][0]) < len(motion) * 60
    assert {row[2] for row in found} == {"jerk", "lm"}
    assert {len(row) for row in found} == {len(head)}


def test_no_name_and_no_note_of_the_person_is_in_it(dataset):
    said = "".join(p.read_text() for p in dataset.rglob("*") if p.is_file())
    assert "clonazepam" not in said and "flu" not in said
    assert lines(dataset / "participants.tsv") == [["participant_id"], ["sub-01"]]


# --- FHIR ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundle(life, tmp_path_factory):
    path = exported(life, tmp_path_factory.mktemp("out") / "fhir.json", "fhir")
    return json.loads(path.read_text())


def of_kind(bundle, kind):
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def figures_in(bundle):
    """Return the Observations of figures, without those that hold a night together."""
    return [one for one in of_kind(bundle, "Observation") if "hasMember" not in one]


def test_the_schema_takes_every_resource(bundle):
    module = pytest.importorskip("fhir.resources.R4B.bundle")
    assert len(module.Bundle.model_validate(bundle).entry) == len(bundle["entry"]) > 60
    broken = json.loads(json.dumps(bundle))
    del next(e for e in broken["entry"] if "status" in e["resource"])["resource"]["status"]
    with pytest.raises(ValueError, match="status"):
        module.Bundle.model_validate(broken)


def test_codes_are_our_own_and_come_along_with_units_of_ucum(bundle):
    (system,) = of_kind(bundle, "CodeSystem")
    known = {concept["code"]: concept["definition"] for concept in system["concept"]}
    found = figures_in(bundle)
    assert "loinc" not in json.dumps(bundle).lower()
    for one in found:
        (coding,) = one["code"]["coding"]
        assert coding["system"] == system["url"] and known[coding["code"]]
        assert ("valueQuantity" in one) != ("dataAbsentReason" in one)
        if coding["code"].endswith("_per_h") and "valueQuantity" in one:
            assert one["valueQuantity"]["code"] == "/h"
    assert {o["valueQuantity"]["system"] for o in found if "valueQuantity" in o} == {fhir.UCUM}


def test_every_observation_has_what_the_device_guide_asks_for(bundle):
    ids = {entry["fullUrl"] for entry in bundle["entry"]}
    assert len(ids) == len(bundle["entry"])
    names = set()
    for one in figures_in(bundle):
        for reference in (one["subject"], one["device"], *one["performer"]):
            assert reference["reference"] in ids
        (gateway,) = one["extension"]
        assert gateway["url"] == fhir.GATEWAY
        assert gateway["valueReference"]["reference"] in ids
        assert one["category"][0]["coding"][0] == {"system": fhir.CATEGORY, "code": "phd"}
        assert re.fullmatch(r"2026-.*[+-]\d\d:\d\d", one["effectivePeriod"]["start"])
        names.add(one["identifier"][0]["value"])
    assert len(names) == len(figures_in(bundle))


def test_values_are_the_stores_and_a_refused_one_says_why(life, bundle):
    truth = {
        (row["device_id"], row["start_utc_ms"]): row
        for row in figures(life)
        if row["start_utc_ms"]
    }
    checked = absent = 0
    for one in figures_in(bundle):
        device, start, key = one["identifier"][0]["value"].split("-", 2)
        value = truth[device, int(start)][key]
        if value is None:
            absent += 1
            assert len(one["dataAbsentReason"]["text"]) > 10
        else:
            checked += 1
            assert one["valueQuantity"]["value"] == value
    assert checked > 30 and absent > 3
    assert OTHER not in json.dumps(bundle)  # a night without a date is no Observation


def test_the_side_is_said_as_it_was_that_night(bundle):
    sides = {
        one["effectivePeriod"]["start"][:13]: one["bodySite"]["text"] for one in figures_in(bundle)
    }
    assert sides["2026-03-28T22"] == "left calf" and sides["2026-03-30T23"] == "right calf"


def test_the_same_night_has_the_same_ids_whenever_it_is_exported(life, bundle, tmp_path):
    again = json.loads(exported(life, tmp_path / "x.json", "fhir", AWAY).read_text())
    ids = {entry["fullUrl"] for entry in bundle["entry"]}
    assert {entry["fullUrl"] for entry in again["entry"]} < ids
    assert DEVICE in json.dumps(again)


@pytest.fixture(scope="module")
def legs(tmp_path_factory):
    """Return the bundle of two nights with a band at each calf, and the folder's rows."""
    folder = tmp_path_factory.mktemp("legs")
    months.a_month(folder, 5, minutes=180, snippets=False)
    path = exported(folder, tmp_path_factory.mktemp("out") / "legs.json", "fhir")
    with Store.open(folder, create=False) as store:
        return json.loads(path.read_text()), store.person_nights(store.night_names()), folder


def test_both_legs_are_a_set_each_and_one_together(legs):
    bundle, persons, _ = legs
    module = pytest.importorskip("fhir.resources.R4B.bundle")
    assert len(module.Bundle.model_validate(bundle).entry) == len(bundle["entry"])
    found = figures_in(bundle)
    sides = {}
    for one in found:
        (side,) = one["bodySite"]["extension"]
        (coding,) = side["valueCodeableConcept"]["coding"]
        assert coding["system"] == "http://snomed.info/sct" and side["url"] == fhir.LATERALITY
        sides.setdefault((coding["code"], one["bodySite"]["text"]), []).append(one)
    assert {key: len(value) for key, value in sides.items()} == {
        ("7771000", "left calf"): len(persons) * len(fhir.FIGURES),
        ("24028007", "right calf"): len(persons) * len(fhir.FIGURES),
        ("51440002", "left and right calf"): len(persons) * len(fhir.FIGURES),
    }
    by_id = {entry["fullUrl"]: entry["resource"] for entry in bundle["entry"]}
    for one in sides["51440002", "left and right calf"]:
        left, right = (by_id[each["reference"]] for each in one["derivedFrom"])
        assert left["code"] == right["code"] == one["code"] and "meta" not in one
        assert {left["bodySite"]["text"], right["bodySite"]["text"]} == {"left calf", "right calf"}
        key = one["code"]["coding"][0]["code"]
        assert [
            one["valueQuantity"]["value"] if row[key] is not None else one["dataAbsentReason"]
            for row in persons
            if str(row["start_utc_ms"]) in one["identifier"][0]["value"]
        ] == [
            row[key] if row[key] is not None else one["dataAbsentReason"]
            for row in persons
            if str(row["start_utc_ms"]) in one["identifier"][0]["value"]
        ]


def test_a_night_names_its_members_and_each_is_of_one_night(legs, tmp_path):
    bundle, persons, folder = legs
    panels = [one for one in of_kind(bundle, "Observation") if "hasMember" in one]
    assert len(panels) == len(persons) > 2
    members = [each["reference"] for one in panels for each in one["hasMember"]]
    ids = {"urn:uuid:" + one["id"] for one in figures_in(bundle)}
    assert sorted(members) == sorted(ids) and len(members) == len(set(members))
    for one in panels:
        assert not {"valueQuantity", "dataAbsentReason"} & set(one)
    alone = tmp_path / "alone.json"
    asked = ["export", "--format", "fhir", "--out", str(alone), "--data-dir", str(folder)]
    result = CliRunner().invoke(cli, [*asked, "--band", months.RIGHT])
    assert result.exit_code == 0, result.output
    texts = {one["bodySite"]["text"] for one in figures_in(json.loads(alone.read_text()))}
    assert texts == {"right calf"}


def test_no_folder_but_an_exports_own_is_replaced(life, tmp_path):
    out = tmp_path / "mine"
    out.mkdir()
    (out / "thesis.txt").write_text("ten years of work")
    arguments = ["export", "--format", "csv", "--out", str(out), "--data-dir", str(life)]
    for extra in ([], ["--force"]):
        result = CliRunner().invoke(cli, [*arguments, *extra])
        assert result.exit_code == 1 and (out / "thesis.txt").exists()
    shutil.rmtree(out)
    exported(life, out, "csv")
    (out / "stale.csv").write_text("x")
    exported(life, out, "csv", "--force")
    assert not (out / "stale.csv").exists() and (out / "events.csv").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
