"""What the detector makes of the nights of muscles and of real pieces, beside their truth.

Touches the two generators, bed and score. Run as a program it prints whole ones:
    python tests/strangers/worn_nights.py [hours] [seed ...]
"""

import sys
from collections import defaultdict

import bed
import cutting_nights
import score
import twitch_nights
from worn import WornNight

SETS = {"pieces": cutting_nights.each_night, "muscles": twitch_nights.each_night}
SEEDS, HOURS = (11,), 2.0  # of the program: nothing was chosen on these
KINDS = {"turn": "posture", "twitch": "jerk"}  # as the events are called
NOBODYS = ("unknown", "border", "tap")  # of these no row is right and none is wrong


def told(worn: WornNight) -> tuple[bed.Night, list[dict]]:
    """Return a night with its truth in the detector's seconds, and what is nobody's to judge."""
    by_clock = worn.true_hz / worn.odr_hz  # the detector is told the nominal rate
    rows: dict[str, list[dict]] = defaultdict(list)
    for h in worn.truth:
        where = "others" if h.kind == "bed" else "unknown" if h.kind in NOBODYS else "truth"
        rows[where].append(
            dict(
                kind=KINDS.get(h.kind, h.kind),
                onset_s=h.onset_s * by_clock,
                duration_s=h.duration_s * by_clock,
                peak_mg=h.peak_mg,
                rhythm_hz=0.0,
            )
        )
    night = bed.Night(worn.counts, worn.step_mg, worn.odr_hz, rows["truth"], rows["others"])
    return night, rows["unknown"]


def judged(worn: WornNight, events: list[dict]) -> score.Tally:
    """Return how a night's events do, without those that touch what is nobody's to judge."""
    night, unknown = told(worn)
    unknown = [
        u | {"onset_s": u["onset_s"] - 0.3, "duration_s": u["duration_s"] + 0.6} for u in unknown
    ]
    tally = score.Tally()
    tally.add(night, [e for e in events if not any(score.overlap_s(e, u) for u in unknown)])
    return tally


def scored(name: str, seeds: tuple, hours: float) -> tuple[dict[str, score.Tally], score.Tally]:
    """Return {profile: Tally} and the Tally of all."""
    whole, by_profile = score.Tally(), defaultdict(score.Tally)
    for profile, worn in SETS[name](seeds, hours):
        tally = judged(worn, score.found_by(told(worn)[0]))
        whole.take(tally)
        by_profile[profile].take(tally)
    return by_profile, whole


if __name__ == "__main__":
    asked = [float(word) for word in sys.argv[1:]]
    for each in SETS:
        seeds = tuple(int(seed) for seed in asked[1:]) or SEEDS
        score.print_set(each, *scored(each, seeds, asked[0] if asked else HOURS))
