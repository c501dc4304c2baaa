"""The command `notturno score`, end to end on files."""

import json
from datetime import date, datetime, time

import edfio
import pytest
from click.testing import CliRunner
from notturno.cli.score import command
from notturno.errors import UserError
from notturno.scoring.movements.edf_stages import read_edf_stages

KEYS = {
    "lm",
    "clm",
    "plm",
    "plms",
    "plmw",
    "plm_nonresp",
    "plms_per_h",
    "periodicity_index",
    "log_imi_mean",
    "log_imi_sd",
    "series",
    "breaks",
    "conventions",
}


@pytest.fixture
def folder(tmp_path):
    rows = [f"{600 + 20 * i},2,{'LR'[i % 2]}" for i in range(10)]
    (tmp_path / "night.csv").write_text("onset_s,duration_s,side\n" + "\n".join(rows) + "\n")
    (tmp_path / "stages.csv").write_text("onset_s,stage\n0,W\n300,N2\n2100,W\n3600,END\n")
    (tmp_path / "resp.csv").write_text("onset_s,duration_s\n580,19\n")
    (tmp_path / "none.csv").write_text("onset_s,duration_s\n")
    return tmp_path


def run(folder, *arguments):
    paths = [str(folder / a) if a.endswith((".csv", ".edf")) else a for a in arguments]
    return CliRunner().invoke(command, paths, catch_exceptions=True)


def as_json(folder, *arguments):
    result = run(folder, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_one_rule_set_prints_one_object_and_both_print_one_of_each_name(folder):
    lists = ("--stages", "stages.csv", "--resp", "resp.csv")
    one = as_json(folder, "night.csv", "--rules", "wasm2016", *lists)
    assert KEYS <= set(one)
    assert (one["lm"], one["clm"], one["plm"], one["plms"]) == (10, 10, 10, 10)
    assert (one["plm_nonresp"], one["plms_per_h"], one["plmw"]) == (9, 20.0, 0)
    both = as_json(folder, "night.csv", *lists)
    assert set(both) == {"wasm2016", "aasm3"}
    assert both["wasm2016"] == one
    assert KEYS <= set(both["aasm3"])
    assert both["aasm3"] == as_json(folder, "night.csv", "--rules", "aasm3", *lists)


def test_gaps_arousals_settings_and_the_recorded_length_reach_the_scorer(folder):
    (folder / "gaps.csv").write_text("onset_s,duration_s\n661,5\n")
    (folder / "arousals.csv").write_text("onset_s,duration_s\n601,3\n")
    found = as_json(
        folder,
        *("night.csv", "--rules", "wasm2016", "--gaps", "gaps.csv"),
        *("--arousals", "arousals.csv", "--recorded-s", "3600", "--set", "log_imi_base=log10"),
    )
    assert [b["reason"] for b in found["breaks"]] == ["gap", "end_of_list"]
    assert found["counts"]["plm_with_arousal"] == 1
    assert found["conventions"]["log_imi_base"]["value"] == "log10"
    assert found["log_imi_mean"] == pytest.approx(1.30103, abs=1e-5)
    assert found["rates"]["lm_per_recorded_h"] == pytest.approx(10 * 3600 / 3595)


def test_a_scoring_is_compared_with_an_earlier_one(folder):
    arguments = ("night.csv", "--rules", "wasm2016")
    (folder / "old.json").write_text(run(folder, *arguments, "--json").output)
    same = as_json(folder, *arguments, "--against", str(folder / "old.json"))["difference"]
    assert same["figures"] == {} and same["conventions"] == {} and not same["events_changed"]
    # Files of before named the hash of the rows as that of the log's events is named.
    older = json.loads((folder / "old.json").read_text())
    older["provenance"]["events_sha256"] = older["provenance"].pop("movements_sha256")
    (folder / "older.json").write_text(json.dumps(older))
    told = as_json(folder, *arguments, "--against", str(folder / "older.json"))["difference"]
    assert not told["events_changed"]
    (folder / "one_more.csv").write_text((folder / "night.csv").read_text() + "900,2,L\n")
    more = ("one_more.csv", *arguments[1:])
    told = as_json(folder, *more, "--against", str(folder / "old.json"))["difference"]
    assert told["events_changed"]
    changed = as_json(
        folder,
        *(*arguments, "--against", str(folder / "old.json")),
        *("--set", "periodicity_form=movements", "--set", "log_imi_base=log10"),
    )["difference"]
    assert changed["conventions"]["log_imi_base"] == ["ln", "log10"]
    assert changed["figures"]["log_imi_mean"][1] == pytest.approx(1.30103, abs=1e-5)
    assert "plm" not in changed["figures"]
    both = run(folder, "night.csv", "--against", str(folder / "old.json"))
    assert "not the JSON of a scoring by both" in str(both.exception)


def test_the_table_names_the_reason_of_what_is_not_given(folder):
    result = run(folder, "night.csv")
    assert result.exit_code == 0
    assert "periodic (PLM)" in result.output and "wasm2016" in result.output
    assert "give the stages of sleep" in result.output


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("gone.csv",), "cannot be read"),
        (("night.csv", "--rules", "wasm2006"), "no rules 'wasm2006'"),
        (("night.csv", "--set", "log_imi_base"), "KEY=VALUE"),
        (("night.csv", "--set", "log_imi_base=e"), "choose one of"),
        (("night.csv", "--stages", "none.csv"), "no column 'stage'"),
        (("night.csv", "--recorded-s", "long"), "--recorded-s is 'long'"),
        (("night.csv", "--recorded-s", "0"), "more than 0"),
    ],
)
def test_bad_input_is_one_sentence(folder, arguments, named):
    result = run(folder, *arguments)
    assert isinstance(result.exception, UserError)
    assert named in str(result.exception)


def test_a_list_that_is_not_text_is_refused(folder):
    (folder / "night.csv").write_bytes(b"\x89\x01\x00\x02" * 9)
    assert "no text" in str(run(folder, "night.csv").exception)


def test_a_hypnogram_is_read_from_edf_annotations(folder):
    marks = [
        edfio.EdfAnnotation(0, 300, "Sleep stage W"),
        edfio.EdfAnnotation(300, 1800, "Sleep stage N2"),
        edfio.EdfAnnotation(400, 5, "Hypopnea"),
        edfio.EdfAnnotation(2100, 1500, "Sleep stage W"),
    ]
    edfio.Edf([], annotations=marks).write(folder / "night.edf")
    from_edf = as_json(folder, "night.csv", "--rules", "wasm2016", "--stages", "night.edf")
    from_csv = as_json(folder, "night.csv", "--rules", "wasm2016", "--stages", "stages.csv")
    assert from_edf == from_csv
    assert from_edf["hours"]["sleep"] == 0.5


def test_an_edf_file_without_stages_is_refused(folder):
    (folder / "night.edf").write_bytes(b"no EDF at all")
    result = run(folder, "night.csv", "--stages", "night.edf")
    assert isinstance(result.exception, UserError)
    edfio.Edf([], annotations=[edfio.EdfAnnotation(3, 5, "Hypopnea")]).write(folder / "night.edf")
    result = run(folder, "night.csv", "--stages", "night.edf")
    assert "holds no stage of sleep" in str(result.exception)


def edf_stages(folder, *marks, **options):
    annotations = [edfio.EdfAnnotation(*mark) for mark in marks]
    edfio.Edf([], annotations=annotations, **options).write(folder / "stages.edf")
    return read_edf_stages(folder / "stages.edf")


@pytest.mark.parametrize(
    ("wake", "asleep", "stage"),
    [
        ("Sleep stage W", "Sleep stage 1", "N1"),
        ("Sleep stage W", "Sleep stage 4", "N3"),
        ("Sleep stage W", "Sleep stage N", "N"),
        ("Stage - W", "Stage - N2", "N2"),
        ("W", "N2", "N2"),
    ],
)
def test_stages_of_edf_are_known_in_every_vocabulary(folder, wake, asleep, stage):
    found = edf_stages(folder, (0, 90, wake), (90, 300, asleep), (390, 60, wake))
    s = 1_000_000
    assert found.rows == [(0, "W"), (90 * s, stage), (390 * s, "W"), (450 * s, "END")]
    assert not found.unknown


def test_other_annotations_are_no_stages_where_some_say_that_they_are(folder):
    found = edf_stages(folder, (0, 30, "Sleep stage N2"), (10, None, "R"), (12, 3, "Apnea"))
    assert found.rows == [(0, "N2"), (30_000_000, "END")]


def test_an_unknown_stage_of_edf_is_unscored_and_told(folder):
    marks = ((0, 30, "Sleep stage N2"), (30, 30, "Sleep stage A"), (30, 30, "Sleep stage R"))
    found = edf_stages(folder, *marks, (60, 30, "Sleep stage X"))
    assert [stage for _, stage in found.rows] == ["N2", "R", "?", "END"]
    assert found.unknown == {"Sleep stage A": 1, "Sleep stage X": 1}
    result = run(folder, "night.csv", "--stages", "stages.edf", "--json")
    assert "'Sleep stage X' (1 times)" in result.stderr
    source = json.loads(result.stdout)["wasm2016"]["provenance"]["source"]
    assert source["unknown_stages"] == {"Sleep stage A": 1, "Sleep stage X": 1}


def test_two_known_stages_at_one_instant_are_refused(folder):
    with pytest.raises(UserError, match="two stages at 30 s"):
        edf_stages(folder, (30, 30, "Sleep stage N2"), (30, 30, "Sleep stage R"))


def test_the_start_of_an_edf_file_is_read_or_said_to_be_missing(folder):
    mark = (0, 30, "Sleep stage N2")
    dated = edf_stages(
        folder,
        mark,
        recording=edfio.Recording(startdate=date(2026, 2, 1)),
        starttime=time(22, 30, 5),
    )
    assert dated.start_local == datetime(2026, 2, 1, 22, 30, 5) and dated.no_start is None
    undated = edf_stages(folder, mark, starttime=time(22, 30))
    assert undated.start_local is None and "removed" in undated.no_start
    fake = edfio.Recording(startdate=date(1985, 1, 1))
    fake = edf_stages(folder, mark, recording=fake)
    assert fake.start_local is None and "removed" in fake.no_start


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_is_given_by_both_names(option):
    result = CliRunner().invoke(command, [option])
    assert result.exit_code == 0 and "Score PATH" in result.output
