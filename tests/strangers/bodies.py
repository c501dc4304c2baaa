"""What a sleeper's muscles do: jerks, periodic movements, tremors, and minutes awake.

Lengths and rates are those published (sources beside each); strengths at the sensor are free.
Nothing here knows a detector.
"""

import numpy as np
from sleeper_stage import Stage
from twitches import Burst, Joint, Work


def joint(rng: np.random.Generator, loose: bool = False) -> Joint:
    """Return a joint of a leg or arm that lies somehow, under a strap that sits somehow."""
    return Joint(
        lever_m=rng.uniform(0.12, 0.45),
        mattress_hz=rng.uniform(3.5, 8),
        mattress_damping=rng.uniform(0.2, 0.5),
        slip_m_s2=rng.uniform(1.5, 5),
        lifts=bool(rng.random() < 0.5),
        passive_hz=rng.uniform(0.5, 1.5),
        passive_damping=rng.uniform(0.3, 0.6),
        strap_hz=rng.uniform(9, 15) if loose else rng.uniform(15, 40),
        strap_damping=rng.uniform(0.1, 0.2) if loose else rng.uniform(0.25, 0.6),
    )


def myoclonus(stage: Stage, at_s: float, size_mg: float, loose: bool = False) -> None:
    """Jerk: 20 to 150 ms of muscle (Apartis 2016), often answered by the antagonist, or twice."""
    rng = stage.rng
    burst_s = float(rng.uniform(0.02, 0.15))
    bursts = [Burst(0, burst_s)]
    if rng.random() < 0.4:  # agonist, antagonist
        bursts.append(Burst(burst_s + rng.uniform(0.01, 0.05), burst_s, 0.7, -1))
    elif rng.random() < 0.25:  # a second of the same, as spinal myoclonus has it
        bursts.append(Burst(burst_s + rng.uniform(0.06, 0.12), burst_s * 0.6, rng.uniform(0.5, 1)))
    twitch_s = float(rng.uniform(0.03, 0.08))
    stage.work(at_s, "myoclonus", [Work(bursts, size_mg, joint(rng, loose), twitch_s)], "jerk")


def hypnic(stage: Stage, at_s: float, size_mg: float) -> None:
    """Start at falling asleep: 75 to 250 ms, the whole body, so the bed answers too."""
    rng = stage.rng
    both = [
        Work([Burst(rng.uniform(0, 0.03), rng.uniform(0.075, 0.2))], size_mg * share, joint(rng))
        for share in (1.0, 0.4)
    ]
    stage.work(at_s, "hypnic", both, "jerk")
    stage.shoves(at_s, "own bed", size_mg * 0.05, [(0.02, 1.0)])
    stage.truth.pop()  # the wearer's own jerk shook it


def fragment(stage: Stage, at_s: float, size_mg: float) -> None:
    """Twitch part of a muscle, under 150 ms: fragmentary myoclonus, which moves skin, not limb."""
    rng = stage.rng
    skin = Joint(0.1, rng.uniform(8, 14), 0.5, 50, False, 0.5, 0.4, rng.uniform(15, 40), 0.4)
    burst = Burst(0, float(rng.uniform(0.005, 0.08)))
    stage.work(at_s, "fragmentary", [Work([burst], size_mg, skin, 0.035, 4, tail_s=0.6)], "twitch")


def periodic(
    stage: Stage, at_s: float, size_mg: float, jerky: float, length_s: float, clonic: int = 0
) -> None:
    """Bend toe, ankle, knee and hip, hold, let go: as Babinski's reflex looks (Smith 1985).

    `jerky` is how much stronger than the hold its onset is (0: it only swells); `clonic` counts
    bursts of 4 to 8 Hz before the hold.
    """
    rng = stage.rng
    ankle: list[Burst] = []
    start_s = 0.0
    for _ in range(clonic):
        ankle.append(Burst(start_s, rng.uniform(0.03, 0.07), 2.0))
        start_s += 1 / rng.uniform(4, 8)
    if jerky:
        ankle.append(Burst(start_s, rng.uniform(0.03, 0.08), jerky))
    hold_s = max(0.2, length_s - start_s)
    ramp_s = 0.08 if jerky else float(rng.uniform(0.25, 0.6))
    ankle.append(Burst(start_s, hold_s, 1.0, 1.0, min(ramp_s, hold_s / 2), rng.uniform(0.3, 1)))
    hip = [Burst(start_s + rng.uniform(0.03, 0.1), hold_s * 0.9, 1.0, 1.0, ramp_s, 0.6)]
    works = [
        Work(ankle, size_mg, joint(rng), rng.uniform(0.05, 0.1)),
        Work(hip, size_mg * rng.uniform(0.2, 0.6), joint(rng), rng.uniform(0.06, 0.1)),
    ]
    stage.work(at_s, "plm" if jerky else "plm slow", works, "lm")


def series(
    stage: Stage, begin_s: float, count: int, size_mg: float, jerky: float, clonic: int = 0
) -> None:
    """Repeat periodic movements: intervals log-normal about 24 s, lengths 0.6 to 5 s."""
    at_s = begin_s
    for _ in range(count):
        length_s = float(np.clip(stage.rng.lognormal(np.log(1.8), 0.4), 0.65, 5))
        size = size_mg * stage.rng.lognormal(0, 0.3)
        if stage.free(at_s, at_s + length_s):
            periodic(stage, at_s, size, jerky, length_s, clonic)
        at_s += float(np.clip(stage.rng.lognormal(np.log(24), 0.3), 11, 85))


def rhythm(
    stage: Stage, at_s: float, what: str, rate_hz: float, length_s: float, size_mg: float
) -> None:
    """Beat: foot tremor in bursts of 0.3 to 0.5 s at 1 to 2 Hz, ALMA in shorter, or clonus."""
    rng = stage.rng
    low, high = {"foot tremor": (0.25, 0.5), "alma": (0.1, 0.4)}.get(what, (0.04, 0.07))
    bursts, beat_s = [], 0.0
    while beat_s < length_s:
        burst_s = min(rng.uniform(low, high), 0.75 / rate_hz)
        fade = 1.0 if what != "clonus" else 1 - 0.6 * beat_s / length_s
        bursts.append(Burst(beat_s, burst_s, fade * rng.uniform(0.8, 1.2)))
        beat_s += rng.normal(1, 0.07) / rate_hz
    stage.work(at_s, what, [Work(bursts, size_mg, joint(rng), 0.05)], "rhythm")


def phasic(stage: Stage, at_s: float, size_mg: float) -> None:
    """Twitch in REM: some to a dozen brief twitches within seconds, each its own jerk."""
    rng = stage.rng
    for _ in range(int(rng.integers(3, 10))):
        myoclonus(stage, at_s, size_mg * rng.lognormal(0, 0.5))
        at_s += float(rng.uniform(0.8, 4))


def walks(stage: Stage, at_s: float, length_s: float) -> float:
    """Walk, to the toilet say: swing and heel strike at the ankle, a step in 1.1 s or so."""
    rng, rate = stage.rng, stage.true_hz
    n = int(length_s * rate)
    phase = np.cumsum(rng.normal(1, 0.02, n) / (1.1 * rate)) % 1
    swing = 350 * np.sin(2 * np.pi * phase) + 150 * np.sin(4 * np.pi * phase)
    strike = 1400 * np.exp(-(((phase - 0.1) / 0.02) ** 2)) - 700 * np.exp(
        -(((phase - 0.15) / 0.03) ** 2)
    )
    side = np.stack([swing, strike, 0.3 * strike + 120 * np.sin(2 * np.pi * phase + 1)], axis=1)
    stage.add(at_s, side @ np.linalg.qr(rng.normal(size=(3, 3)))[0])
    return at_s + length_s


def fidgets(stage: Stage, at_s: float, length_s: float) -> float:
    """Lie awake: small turns of all speeds, with seconds of rest between."""
    rng, end_s = stage.rng, at_s + length_s
    while at_s < end_s:
        move_s = float(rng.uniform(0.3, 2.0))
        stage._stage(at_s, move_s, np.radians(rng.uniform(2, 40)), rough=rng.uniform(0.2, 1))
        at_s += move_s + float(rng.exponential(4.0))
    return end_s


def drinks(stage: Stage, at_s: float) -> float:
    """Reach for a glass, tilt, put it back: slow turns with a hold between."""
    for degrees, move_s, hold_s in (
        (70, 1.3, 1.0),
        (60, 1.5, 3.0),
        (55, 1.2, 0.7),
        (80, 1.4, 1.0),
    ):
        stage._stage(at_s, move_s, np.radians(degrees), rough=0.3)
        at_s += move_s + hold_s
    return at_s


def phones(stage: Stage, at_s: float, length_s: float) -> float:
    """Hold a phone: taps of a finger that shake the arm by some mg, and swipes."""
    rng, end_s = stage.rng, at_s + length_s
    while at_s < end_s:
        joint_ = joint(rng)
        tap = Work([Burst(0, 0.03)], rng.uniform(5, 60), joint_, 0.03, 6, tail_s=0.8)
        stage.work(at_s, "tap", [tap], "tap")
        if rng.random() < 0.08:
            stage._stage(at_s + 0.3, rng.uniform(0.4, 1), np.radians(rng.uniform(3, 20)), 0.2)
        at_s += float(rng.exponential(0.9)) + 0.25
    return end_s


def awake(stage: Stage, at_s: float, minutes: float, what: str) -> float:
    """Be awake for some minutes, of which the doing is `what`; return when it is over."""
    end_s = begin_s = at_s
    while end_s - begin_s < minutes * 60 - 1:
        length_s = min(60.0, begin_s + minutes * 60 - end_s)
        if what == "toilet":
            told = len(stage.truth)
            end_s = stage.turn(end_s + 1, 2)
            del stage.truth[told:]
            end_s = walks(stage, end_s, 20)
            end_s = fidgets(stage, end_s, max(5, minutes * 60 - 60))
            end_s = walks(stage, end_s, 20)
            end_s = fidgets(stage, end_s, 10)
            break
        doing = {"phone": phones, "fidget": fidgets}.get(what)
        end_s = doing(stage, end_s, length_s) if doing else drinks(stage, end_s)
        if what == "drink":
            end_s = fidgets(stage, end_s, 20)
    stage.tell("awake", what, begin_s, end_s - begin_s, 0.0)
    return end_s
