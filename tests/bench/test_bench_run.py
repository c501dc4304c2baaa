"""The bench as a whole, on short nights: its numbers agree with each other and with the table."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from notturno.bench import goals, machine, real, run, table
from notturno.cli import bench as cli
from notturno.detect import recording as raw


@pytest.fixture(scope="module")
def nights():
    return run.synthetic([run.FIRST_SEED], 0.7, ["fragmentary", "foot_tremor"], workers=0)


@pytest.fixture(scope="module")
def result(nights):
    """A bench whose nights are short; the cost is made up, for it is measured elsewhere."""
    profiles = ("plm", "quiet", *goals.NUISANCES)
    synthetic = {name: dict(part) for name, part in nights.items()}
    for part in synthetic.values():
        part.update({profile: part["fragmentary"] for profile in profiles})
    mixed = real.mixed(run.systems(), 1, seconds=120)
    return {
        "when": "then",
        "versions": {"detector": 0},
        "seeds": [run.FIRST_SEED],
        "hours": 0.7,
        "synthetic": synthetic,
        "awake": real.awake({name: d for name, d in run.systems().items()}),
        "mixed": {
            name: run.metrics.figures(part["tallies"]) | {"alone_per_h": 1.0}
            for name, part in mixed.items()
        },
        "instructions": {"rv32imc": 250.0, "xtensawin": None},
        "code_bytes": {"rv32imc": (4000, 9000)},
        "replay": {"ratio": 5.0},
    }


def test_all_systems_met_the_same_truth(nights):
    assert list(nights) == list(run.systems()) and len(nights) == 6
    for profile in ("fragmentary", "foot_tremor", "all"):
        truths = [by_profile[profile]["truths"] for by_profile in nights.values()]
        assert all(truth == truths[0] for truth in truths)
    assert nights[run.OURS]["fragmentary"]["truths"]["jerk"] > 20


def test_the_sum_over_profiles_is_the_sum_of_the_profiles(nights):
    for by_profile in nights.values():
        parts = [by_profile["fragmentary"], by_profile["foot_tremor"]]
        for field in ("truths", "events"):
            for kind in run.metrics.KINDS:
                assert by_profile["all"][field][kind] == sum(p[field][kind] for p in parts)
        assert by_profile["all"]["hours"] == pytest.approx(1.4)


def test_figures_of_a_system_agree_with_each_other(nights):
    for by_profile in nights.values():
        f = by_profile["all"]
        for kind in run.metrics.KINDS:
            if f["events"][kind] and f["truths"][kind]:
                hits = f["sensitivity"][kind] * f["truths"][kind]
                assert f["ppv"][kind] * f["events"][kind] == pytest.approx(hits)
                false = f["events"][kind] - hits
                assert f["false_per_h"][kind] == pytest.approx(false / f["hours"])
                assert f["confusion"].get(kind, {}).get(kind, 0) == pytest.approx(hits)


def test_a_night_of_the_bench_is_the_same_twice():
    assert run.one_night("cat", 1001, 0.2) == run.one_night("cat", 1001, 0.2)


def test_the_detector_finds_jerks_that_the_rules_for_movements_do_not(nights):
    found = {name: f["all"]["sensitivity"]["jerk"] for name, f in nights.items()}
    assert found[run.OURS] > 0.8
    assert all(found[name] < found[run.OURS] for name in found if name != run.OURS)


def test_every_goal_has_a_row_and_says_whether_it_is_met(result):
    rows = {row.what: row for row in goals.rows(result)}
    assert len(rows) == len(goals.rows(result)) >= 25
    jerks = rows["jerks 8-20 mg found, all profiles"]
    measured = result["synthetic"][run.OURS]["all"]["band_sensitivity"]["8-20"]
    assert jerks.measured == f"{measured:.3f}" and jerks.met == (measured >= 0.9)
    assert rows["instructions a sample, rv32imc, quiet"].met is True
    assert rows["instructions a sample, xtensawin, quiet"].met is None
    assert "no emulator" in rows["instructions a sample, xtensawin, quiet"].measured
    assert rows["code, rv32imc, both paths"].met is True
    assert rows["code, rv32imc, all three stages"].met is False


def test_a_rule_that_finds_nothing_is_not_praised_for_being_never_false(result):
    false = {row.what: row for row in goals.rows(result)}["false jerks, all profiles"]
    for name in ("3-8 Hz ratio", "PAM-RL"):
        assert result["synthetic"][name]["all"]["sensitivity"]["jerk"] < goals.LEAST_FOUND
        assert name not in false.best


def test_the_report_has_every_row_profile_and_kind(result):
    text = table.report(result)
    for row in goals.rows(result):
        assert row.what in text
    for word in (
        "fragmentary",
        "foot_tremor",
        "| false |",
        "| posture |",
        "e4_wrist_32hz_104min",
        "PAM-RL",
    ):
        assert word in text
    table.show(result)
    assert f"seeds {run.FIRST_SEED} to" in table.heading(result)


def test_false_jerks_of_awake_recordings_are_those_outside_awake_spans():
    acc = np.zeros((104 * 60, 3), np.int16)
    recording = raw.Recording(acc, 0.122, 104.0)

    def detect(_recording):
        return [
            dict(kind="awake", onset_s=0.0, duration_s=10.0, flags=[]),
            dict(kind="jerk", onset_s=5.0, duration_s=0.1, flags=[]),
            dict(kind="jerk", onset_s=30.0, duration_s=0.1, flags=[]),
            dict(kind="jerk", onset_s=31.0, duration_s=0.1, flags=["in_rhythm"]),
        ]

    rows = real.awake({"made up": detect})
    assert recording.length_s == 60
    assert len(rows) == len(real.recordings.paths())
    for row in rows:
        assert row["jerks"] == 1
        assert row["outside_h"] == pytest.approx(row["hours"] - 10 / 3600)


def test_rest_of_a_real_recording_is_quiet_continuous_and_as_long_as_asked():
    recording = raw.load(real.recordings.FOLDER / "paradigma_wrist_100hz.npz")
    rest = real.rest_background(recording, 300)
    assert rest.shape == (30000, 3)
    assert np.abs(np.diff(rest, axis=0)).max() < 2 * real.REST_MG
    walking = raw.load(real.recordings.FOLDER / "st_wrist_walking_26hz.npz")
    assert real.rest_background(walking) is None


def test_replay_and_size_are_measured_not_assumed():
    measured = machine.replay(run.FIRST_SEED, 0.1)
    assert measured["ratio"] == pytest.approx(measured["replay_s"] / measured["copy_s"])
    for hot, whole in machine.code_bytes().values():
        assert 500 < hot < whole


def test_the_commands_own_seeds_are_the_held_out_ones():
    [option] = [p for p in cli.bench_detector.params if p.name == "first_seed"]
    assert option.default == run.FIRST_SEED


def test_the_command_prints_the_result_as_json_and_writes_the_table(result, monkeypatch, tmp_path):
    monkeypatch.setattr(run, "run", lambda count, progress, first_seed: result)
    out = tmp_path / "table.md"
    done = CliRunner().invoke(cli.command, ["detector", "--json", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["seeds"] == [run.FIRST_SEED]
    assert "| what | goal |" in out.read_text()
    done = CliRunner().invoke(cli.command, ["detector", "--seeds", "1"])
    assert "no labelled sleep myoclonus" in done.output
