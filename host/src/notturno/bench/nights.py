"""The bench's synthetic nights: which profile on which model and sensor, and what was said of it.

Touches numpy, the sleeper and the engines. Models of a set take turns over profiles and seeds, so
that with six seeds every profile has met every model. The sensor's seed is the night's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from notturno.bench import metrics, worn
from notturno.bench.baselines import BASELINES, reference
from notturno.detect import engines
from notturno.detect.recording import Recording
from notturno.sleeper import models, night_world, profile_names, sensor

if TYPE_CHECKING:
    from notturno.sleeper.world import Night

OURS = "notturno"
REFERENCE = "reference"
SLOW_PROFILES = ("quiet", "plm", "restless", "mixed")
WORN_PROFILES = ("off_wrist", "table")


@dataclass(frozen=True)
class Job:
    """One night. bag: `profiles`, `slow` (25 Hz) or `worn`; part: which of that bag's sensors."""

    group: str
    bag: str
    profile: str
    seed: int
    hours: float
    part: int = 0


def systems() -> dict[str, Callable]:
    """Return name -> function (Recording) -> events: ours, the reference, the baselines."""

    def of_mg(rule: Callable) -> Callable:
        return lambda recording: rule(recording.acc * recording.mg_per_lsb, recording.odr_hz)

    rules = {REFERENCE: reference.detect} | BASELINES
    return {OURS: engines.run} | {name: of_mg(rule) for name, rule in rules.items()}


def jobs(
    seeds: dict[str, list[int]], hours: float, profiles: tuple[str, str] | None = None
) -> list[Job]:
    """Return the nights of the bench; seeds: {set of models: seeds}."""
    out = []
    for group, numbers in seeds.items():
        for seed in numbers:
            out += [Job(group, "profiles", p, seed, hours) for p in profiles or profile_names()]
        for k, profile in enumerate(SLOW_PROFILES):
            seed = numbers[k % len(numbers)]
            for part in range(len(models.SLOW_PARTS)):
                out.append(Job(group, "slow", profile, seed, hours, part))
        for profile in WORN_PROFILES:
            for part in range(len(models.NOISY_PARTS)):
                out.append(Job(group, "worn", profile, numbers[0] + part, hours, part))
    return out


def model_of(job: Job) -> models.Model:
    """Return the model of a job's night, with the sensor of its bag."""
    group = models.SETS[job.group]
    turn = profile_names().index(job.profile) + job.seed
    model = group[turn % len(group)]
    parts = {"slow": models.SLOW_PARTS, "worn": models.NOISY_PARTS}.get(job.bag)
    return model.on(parts[job.part]) if parts else model


def made(job: Job) -> tuple[Night, Recording]:
    """Return (Night, Recording) of a job."""
    model = model_of(job)
    night = night_world(job.profile, job.seed, job.hours, model)
    acc, odr_hz = sensor.record(night, job.seed, model=model)
    return night, Recording(acc, model.part.mg_per_lsb, odr_hz)


def one(job: Job) -> dict[str, list[int]] | dict[str, dict[str, Any]]:
    """Return {system: tally} of a night; of the bag `worn` {system: [minutes right, all]}."""
    night, recording = made(job)
    if job.bag == "worn":
        return {
            name: worn.minutes(night.truth, detect(recording), job.hours)
            for name, detect in systems().items()
            if name in (OURS, REFERENCE)
        }
    return {
        name: metrics.tally(night.truth, detect(recording), job.hours, night.others)
        for name, detect in systems().items()
    }


def gathered(done: Any) -> dict[str, dict]:
    """Return the figures of {job: what `one` gave}, by bag.

    `profiles`: {set: {system: {profile or "all": figures}}}; `slow`: {set: {system: figures}};
    `worn`: {set: {system: {noise of the sensor, mg: [minutes right, all]}}}.
    """
    out = {"profiles": {}, "slow": {}, "worn": {}}
    groups = list(dict.fromkeys(job.group for job in done))
    names = list(systems())
    for group in groups:
        mine = {job: result for job, result in done.items() if job.group == group}
        out["profiles"][group] = {name: _by_profile(mine, name) for name in names}
        slow = [result for job, result in mine.items() if job.bag == "slow"]
        out["slow"][group] = {name: metrics.figures([r[name] for r in slow]) for name in names}
        out["worn"][group] = {name: _by_noise(mine, name) for name in (OURS, REFERENCE)}
    return out


def _by_profile(done: dict[Job, dict], name: str) -> dict[str, dict]:
    nights = {}
    for job, result in done.items():
        if job.bag == "profiles":
            nights.setdefault(job.profile, []).append(result[name])
    out = {profile: metrics.figures(tallies) for profile, tallies in nights.items()}
    out["all"] = metrics.figures([t for tallies in nights.values() for t in tallies])
    return out


def _by_noise(done: dict[Job, dict], name: str) -> dict[str, list[int]]:
    out = {}
    for job, result in done.items():
        if job.bag == "worn":
            noise = f"{models.NOISY_PARTS[job.part].noise_mg:g}"
            pair = out.setdefault(noise, [0, 0])
            for i in (0, 1):
                pair[i] += result[name][i]
    return out
