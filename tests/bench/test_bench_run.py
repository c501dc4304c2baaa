"""The bench as a whole, on short nights: its numbers agree with each other and with the table."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from notturno.bench import goal, goals, machine, nights, plain, real, run, table
from notturno.cli import bench as cli
from notturno.detect.recording import Recording
from notturno.sleeper import models, profile_names

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from golden import columns, hold, leaves

KEPT = Path(__file__).with_name("golden_rules.json")
SEEDS = {run.TUNING: [run.TUNING_SEED], run.HELD_OUT: [run.FIRST_SEED]}
ASKED = ("partner", "phone", "snore", "pump", "pulse_strong", "tone_on", "noise_on")


@pytest.fixture(scope="module")
def gathered():
    """Nights of 0.3 h; slow and noisy sensors on one each."""
    jobs = [
        job
        for job in nights.jobs(SEEDS, 0.3, ("fragmentary", "foot_tremor"))
        if job.bag == "profiles" or (job.part == 0 and job.profile in ("quiet", "off_wrist"))
    ]
    return nights.gathered({job: nights.one(job) for job in jobs})


@pytest.fixture(scope="module")
def result(gathered):
    """A bench whose nights are short; the cost is made up, for it is measured elsewhere."""
    profiles = {
        group: {
            name: by | {profile: by["fragmentary"] for profile in ASKED}
            for name, by in systems.items()
        }
        for group, systems in gathered["profiles"].items()
    }
    figures = {name: by["all"] for name, by in profiles[run.HELD_OUT].items()}
    refused = dict(recording="asleep_wrist_30hz_240min", hours=4.0, awake_h=1.0, not_worn_h=0.0)
    refused |= dict(jerks=2, asleep_h=3.0, asleep_jerks=1, asleep_awake_h=0.3, rows=9, left_out=1)
    return gathered | {
        "profiles": profiles,
        "when": "then",
        "versions": {"detector": 0},
        "seeds": SEEDS,
        "hours": 0.3,
        "cases": [
            dict(case="made up", model="calf_c", system=name, right=right, said="words")
            for name, right in ((run.OURS, False), (run.REFERENCE, True))
        ],
        "refused": [refused | {"system": name} for name in nights.systems()],
        "mixed": {"awake": figures, "asleep": figures, real.ROWS: figures},
        "instructions": {"rv32imc": {"quiet": 240.0, "plm": 310.0}, "xtensawin": {"quiet": None}},
        "code_bytes": {"rv32imc": 8000},
        "state_bytes": 6000,
        "naming_bytes": None,
        "replay": {"over_plain": None, "over_copy": 8.0, "peak_mb": 110.0, "start_mb": 90.0},
        "archs": ["rv32imc", "xtensawin"],
    }


def test_all_systems_met_the_same_truth(gathered):
    for systems in gathered["profiles"].values():
        assert list(systems) == list(nights.systems()) and len(systems) == 7
        for profile in ("fragmentary", "foot_tremor", "all"):
            truths = [by_profile[profile]["truths"] for by_profile in systems.values()]
            assert all(truth == truths[0] for truth in truths)
        assert systems[run.OURS]["fragmentary"]["truths"]["jerk"] > 10


@pytest.mark.parametrize("name", [name for name in nights.systems() if name != run.OURS])
def test_the_rules_compared_with_find_what_they_found(gathered, name):
    """Of ours golden_nights.txt tells: here is what it is held against."""
    found = {
        f"{bag}, {group}": columns(leaves(systems[name]))
        for bag, groups in gathered.items()
        for group, systems in groups.items()
        if name in systems
    }
    hold(KEPT, f"figures: {name}", found)


RULED = ("plm", "snore", "tone_on", "off_wrist", "awake_tremor", "foot_tremor")


@pytest.mark.parametrize("profile", RULED)
def test_the_rows_of_the_rules_compared_with_are_those_that_they_were(profile):
    job = nights.Job(run.TUNING, "profiles", profile, 1000, 0.2)
    _, recording = nights.made(job)
    found = {
        name: columns(leaves(rule(recording)))
        for name, rule in nights.systems().items()
        if name != run.OURS
    }
    hold(KEPT, f"rows: {profile}", found)


def test_the_goals_and_what_the_others_reach_are_kept(result):
    """What ours reaches is left out: it is the detector's."""
    rows = goals.rows(result)
    hold(KEPT, "goals", [f"{row.what}: {row.goal}" for row in rows])
    hold(KEPT, "others", [f"{row.reference}, {row.best}" for row in rows[:-10]])


def test_the_sum_over_profiles_is_the_sum_of_the_profiles(gathered):
    for systems in gathered["profiles"].values():
        for by_profile in systems.values():
            parts = [by_profile["fragmentary"], by_profile["foot_tremor"]]
            for field in ("truths", "events", "hits"):
                for kind in run.nights.metrics.KINDS:
                    assert by_profile["all"][field][kind] == sum(p[field][kind] for p in parts)
            assert by_profile["all"]["hours"] == pytest.approx(0.6)


def test_figures_of_a_system_agree_with_each_other(gathered):
    for by_profile in gathered["profiles"][run.HELD_OUT].values():
        f = by_profile["all"]
        assert sum(pair[1] for pair in f["bands"].values()) == f["truths"]["jerk"]
        assert sum(pair[0] for pair in f["bands"].values()) == f["hits"]["jerk"]
        for kind in run.nights.metrics.KINDS:
            false = f["events"][kind] - f["hits"][kind]
            assert f["false_per_h"][kind] == pytest.approx(false / f["hours"])
            assert f["confusion"].get(kind, {}).get(kind, 0) == f["hits"][kind]


def test_a_night_of_the_bench_is_the_same_twice():
    job = nights.Job(run.HELD_OUT, "profiles", "cat", 3001, 0.2)
    assert nights.one(job) == nights.one(job)


def test_sets_of_models_are_never_mixed_and_take_turns():
    for group, chosen in models.SETS.items():
        met = {
            nights.model_of(nights.Job(group, "profiles", "quiet", seed, 1.0)) for seed in range(6)
        }
        assert met == set(chosen)
    slow = nights.model_of(nights.Job(run.HELD_OUT, "slow", "plm", 3000, 1.0, 1))
    assert slow.part == models.SLOW_PARTS[1] and slow.limb in [m.limb for m in models.HELD_OUT]


def test_the_benchs_jobs_hold_every_profile_sensor_and_set():
    jobs = nights.jobs({run.TUNING: [1, 2], run.HELD_OUT: [3, 4]}, 2.0)
    for group in models.SETS:
        mine = [job for job in jobs if job.group == group]
        plain_jobs = [job.profile for job in mine if job.bag == "profiles"]
        assert sorted(plain_jobs) == sorted(2 * profile_names())
        assert {(j.profile, j.part) for j in mine if j.bag == "worn"} == {
            (p, k) for p in nights.WORN_PROFILES for k in range(len(models.NOISY_PARTS))
        }
        assert {j.part for j in mine if j.bag == "slow"} == {0, 1}


def test_the_goals_are_the_plans_in_its_order_and_say_whether_they_are_met(result):
    rows = {row.what: row for row in goals.rows(result)}
    assert len(rows) == len(goals.rows(result)) >= 40
    found = rows["jerks found"]
    by_group = {g: result["profiles"][g][run.OURS]["all"] for g in SEEDS}
    assert found.goal == ">= 0.96"
    assert found.tuning == f"{by_group[run.TUNING]['sensitivity']['jerk']:.3f}"
    assert found.held_out == f"{by_group[run.HELD_OUT]['sensitivity']['jerk']:.3f}"
    assert found.met == (by_group[run.HELD_OUT]["sensitivity"]["jerk"] >= 0.96)
    for band, least in (("20-60", 0.96), ("8-20", 0.9), ("4-8", 0.6)):
        assert rows[f"jerks of {band} mg found"].goal == f">= {least}"
    cases_row = rows["dense movements and long rhythms: cases with all rows and kinds right"]
    assert (cases_row.held_out, cases_row.met, cases_row.reference) == ("0 of 1", False, "1 of 1")
    jerks = rows["real sleeping wrist: jerks outside awake"]
    assert jerks.held_out == f"{1 / 2.7:.2f}/h" and jerks.met is True
    assert rows["real sleeping wrist: share called awake after falling asleep"].met is True


def test_cost_is_met_missed_or_not_measured(result):
    rows = {row.what: row for row in goals.rows(result)}
    assert rows["instructions a sample, rv32imc, quiet"].met is True
    worst = rows["instructions a sample, rv32imc, worst sleeping profile"]
    assert (worst.held_out, worst.met) == ("310 (plm)", False)
    assert "no emulator" in rows["instructions a sample, xtensawin, quiet"].held_out
    assert rows["machine code, rv32imc"].met is True
    assert rows["machine code, xtensawin"].met is None
    assert rows["replay of 8 h over a plain C machine of the same work"].met is None
    assert (
        "no C compiler" in rows["replay of 8 h over a plain C machine of the same work"].held_out
    )
    final = rows["final row after a movement's end, 95th percentile"]
    assert (final.held_out, final.met) == ("18.0 s", True)


def test_a_rule_that_finds_nothing_is_not_praised_for_being_never_false(result):
    false = {row.what: row for row in goals.rows(result)}["false jerks, all profiles"]
    for name, by_profile in result["profiles"][run.HELD_OUT].items():
        if name not in (run.OURS, run.REFERENCE) and not goal.able(by_profile["all"], "jerk"):
            assert name not in false.best


def test_neither_is_it_at_25_hz(result):
    rows = {row.what: row for row in goals.rows(result)}
    for name in ("3-8 Hz ratio", "PAM-RL"):
        assert not goal.able(result["slow"][run.HELD_OUT][name], "jerk")
        assert name not in rows["25 Hz: false jerks"].best


def test_a_goal_is_met_at_its_bound():
    least, most = goal.Goal("a", least=0.9), goal.Goal("a", most=2, unit="/h", digits=1)
    assert (least.met(0.9), least.met(0.899), least.bound) == (True, False, ">= 0.9")
    assert (most.met(2), most.met(2.01), most.bound) == (True, False, "<= 2/h")
    assert goal.Goal("a").met(1) is None and least.met(None) is None
    values = {run.OURS: 0.5, run.REFERENCE: 0.9, "one": 0.7, "two": 0.8, "three": None}
    row = goal.compared(least, values, {run.OURS: 0.95})
    assert (row.best, row.reference, row.tuning) == ("0.800 (two)", "0.900", "0.950")
    assert goal.compared(least, values, skip=("two",)).best == "0.700 (one)"
    assert goal.compared(most, values).best == "0.7/h (one)"


def test_the_report_has_every_row_profile_and_kind(result):
    text = table.report(result)
    for row in goals.rows(result):
        assert row.what in text
    for word in ("fragmentary", "| false |", "| posture |", "left out", "PAM-RL", "(asleep)"):
        assert word in text
    table.show(result)
    assert f"{run.FIRST_SEED} to {run.FIRST_SEED} (held-out)" in table.heading(result)


def test_bytes_and_replay_are_measured_not_assumed(monkeypatch):
    measured = machine.replay(run.FIRST_SEED, 0.05)
    assert measured["over_copy"] > 1 and 20 < measured["peak_mb"] < 2000
    assert 20 < measured["start_mb"] <= measured["peak_mb"] + 5
    assert all(1000 < n < 60000 for n in machine.code_bytes().values())
    assert machine.state_bytes() % 4 == 0 and machine.state_bytes() > 1000
    monkeypatch.setattr(machine, "_NAMES", "notturno_core.wire")
    assert 500 < machine.naming_bytes() < 20000
    monkeypatch.setattr(machine, "_NAMES", "notturno_core.nothing_of_that_name")
    assert machine.naming_bytes() is None


def test_the_plain_machine_finds_movements_and_says_where_no_compiler_is():
    assert plain.Machine.built("no-such-compiler") is None
    built = plain.Machine.built()
    if built is None:
        pytest.skip("no C compiler here")
    job = nights.Job(run.TUNING, "profiles", "fragmentary", 1000, 0.3)
    night, recording = nights.made(job)
    assert len(night.truth) / 2 < len(built.rows(recording)) < 5 * len(night.truth)


def test_the_plain_machine_hands_over_the_facts_of_what_it_finds():
    """A still limb of 1 g along z that swings along x, 300 mg, at 6 Hz for 2 s."""
    built = plain.Machine.built()
    if built is None:
        pytest.skip("no C compiler here")
    acc = np.zeros((3000, 3), np.int16)
    acc[:, 2] = 10000
    acc[2000:2200, 0] = np.round(3000 * np.sin(2 * np.pi * 6 * np.arange(200) / 100))
    burst, move, *_ = built.rows(Recording(acc, 0.1, 100.0))
    assert 1999 <= burst["onset"] <= 2001 and 2199 <= burst["end"] <= 2210
    assert 11 <= burst["cycles"] <= 13 and not burst["clipped"]
    assert 200**2 < burst["peak"] < 400**2
    assert np.isclose(np.abs(burst["vector"]), [burst["peak"] ** 0.5, 0, 0], atol=5).all()
    assert 0.3 * 200 * 300**2 < burst["energy"] < 200 * 300**2
    largest_step_mg = 300 * 2 * np.pi * 6 / 100
    assert np.isclose(burst["step"] ** 0.5, largest_step_mg, rtol=0.03)
    assert 2000 <= move["onset"] <= 2012 and 2190 <= move["end"] <= 2240
    assert np.allclose([burst["before"], move["before"]], [0, 0, 1000], atol=30)
    assert move["cycles"] == 13 and move["energy"] > move["peak"] > 0


def test_every_profile_in_which_somebody_sleeps_is_counted_the_quiet_one_first():
    names = machine.sleeping_profiles()
    assert names[0] == machine.QUIET
    assert sorted([*names, *machine.NOT_ASLEEP]) == sorted(profile_names())


def test_tasks_come_back_under_their_keys_from_workers_and_without():
    tasks = {("a", k): (divmod, 10 * k, 3) for k in range(1, 4)}
    told = []
    alone, shared = run.done(tasks, workers=0), run.done(tasks, told.append, workers=2)
    assert alone == shared == {("a", k): divmod(10 * k, 3) for k in range(1, 4)}
    assert told[-1] == 1.0 and list(shared) == list(tasks)


def test_the_commands_own_seeds_are_the_held_out_ones():
    [option] = [p for p in cli.bench_detector.params if p.name == "first_seed"]
    assert option.default == run.FIRST_SEED > 1100 > run.TUNING_SEED


def test_the_command_prints_the_result_as_json_and_writes_the_table(result, monkeypatch, tmp_path):
    monkeypatch.setattr(run, "run", lambda count, progress, first_seed: result)
    out = tmp_path / "table.md"
    done = CliRunner().invoke(cli.command, ["detector", "--json", "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["seeds"][run.HELD_OUT] == [run.FIRST_SEED]
    assert "| what | goal |" in out.read_text()
    done = CliRunner().invoke(cli.command, ["detector", "--seeds", "1"])
    assert "no labelled sleep myoclonus" in done.output
