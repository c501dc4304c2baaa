"""Holds a detector's events against a stranger's truth, and prints how it did.

Touches the detector by its public door alone. Run it as a program:
    python tests/strangers/score.py [--set A|B] [--cases] [--real FOLDER] [--engine native]
"""

import argparse
import sys
import time
from collections import Counter, defaultdict

import nights
import numpy as np
from notturno.detect import engines, named
from notturno.detect.recording import Recording

KINDS = ("jerk", "lm", "posture", "rhythm")
BANDS_MG = ((4, 8), (8, 20), (20, 60), (60, 200), (200, 1e9))
ONSET_S = {"jerk": 0.5, "lm": 1.0, "posture": 4.0, "rhythm": 3.0}  # onsets may differ by so much
SHARE = {"jerk": 0.0, "lm": 0.3, "posture": 0.3, "rhythm": 0.5}  # or both overlap by so much


def found_by(night, engine="native"):
    """Return the detector's events of a night."""
    return engines.run(Recording(night.acc, night.mg_per_lsb, night.odr_hz), engine)


def ends(event):
    """Return the second in which an event ends."""
    return event["onset_s"] + event["duration_s"]


def overlap_s(one, other):
    """Return the seconds two events share, 0 or more."""
    return max(min(ends(one), ends(other)) - max(one["onset_s"], other["onset_s"]), 0.0)


def pairs(truth, found, kind):
    """Match one to one, the nearest onsets first. Return (truth index -> found index)."""
    began_s = np.array([event["onset_s"] for event in found])
    ended_s = np.array([ends(event) for event in found])
    lasts_s = np.array([event["duration_s"] for event in found])
    close = []
    for i, true in enumerate(truth):
        late_s = np.abs(began_s - true["onset_s"])
        near = late_s <= ONSET_S[kind]
        if SHARE[kind]:
            both_s = np.minimum(ended_s, ends(true)) - np.maximum(began_s, true["onset_s"])
            longer_s = np.maximum(lasts_s, true["duration_s"])
            near |= np.maximum(both_s, 0.0) >= SHARE[kind] * longer_s
        close += [(late_s[j], i, j) for j in np.flatnonzero(near).tolist()]
    taken, used = {}, set()
    for _, i, j in sorted(close):
        if i not in taken and j not in used:
            taken[i] = j
            used.add(j)
    return taken


class Tally:
    """Counts of one night or more; `add` and `take` may be called again and again."""

    def __init__(self):
        self.hits, self.truths, self.counted = Counter(), Counter(), Counter()
        self.band_hits, self.band_truths = Counter(), Counter()
        self.false_jerks, self.hours, self.flags, self.awake_s = 0, 0.0, Counter(), 0.0
        self.taken_for = Counter()  # (true kind or cause, kind found), of what is false

    def add(self, night, events):
        """Score one night."""
        spells = [t for t in night.truth if t["kind"] == "awake"]
        called = [e for e in events if e["kind"] == "awake"]
        self.hours += night.hours
        self.awake_s += sum(e["duration_s"] for e in called)
        for event in events:
            self.flags.update((event["kind"], flag) for flag in event["flags"])
        for kind in KINDS:
            truth = [t for t in night.truth if t["kind"] == kind]
            counts = named.of_kind(events, kind)
            excuse = spells
            if kind == "jerk":  # a jerk in a spell of will is false unless the detector knew
                excuse = [e for e in called if any(overlap_s(e, s) for s in spells)]
            taken = pairs(truth, counts, kind)
            self.hits[kind] += len(taken)
            self.truths[kind] += len(truth)
            left = [e for j, e in enumerate(counts) if j not in set(taken.values())]
            left = [e for e in left if not _inside(e, excuse)]
            if kind == "lm":  # the movement of a turn is neither right nor wrong
                left = [e for e in left if not _inside(e, _of(night.truth, "posture"))]
            self.counted[kind] += len(taken) + len(left)
            for event in left:
                self.taken_for[_cause(event, night), kind] += 1
            if kind == "jerk":
                self.false_jerks += len(left)
                self._bands(truth, taken)

    def take(self, other):
        """Add what another has counted."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def _bands(self, truth, taken):
        for i, true in enumerate(truth):
            band = next((b for b in BANDS_MG if b[0] <= true["peak_mg"] < b[1]), BANDS_MG[0])
            self.band_truths[band] += 1
            self.band_hits[band] += i in taken

    def found(self, kind="jerk"):
        """Share of the truth that was found."""
        return self.hits[kind] / max(self.truths[kind], 1)

    def ppv(self, kind="jerk"):
        """Share of what counts that is true."""
        return self.hits[kind] / max(self.counted[kind], 1)

    def f1(self, kind):
        """Harmonic mean of both."""
        return 2 * self.hits[kind] / max(self.truths[kind] + self.counted[kind], 1)

    def macro_f1(self):
        """Mean over the kinds that there were; all four of them in a whole set."""
        had = [self.f1(kind) for kind in KINDS if self.truths[kind]]
        return sum(had) / max(len(had), 1)

    def band(self, band):
        """Share of the jerks of a band that were found."""
        return self.band_hits[band] / max(self.band_truths[band], 1)

    def false_per_hour(self):
        """Jerks that count and are none."""
        return self.false_jerks / max(self.hours, 1e-9)


def _of(truth, kind):
    return [t for t in truth if t["kind"] == kind]


def _inside(event, spans):
    return any(overlap_s(event, s) >= 0.5 * max(event["duration_s"], 0.01) for s in spans)


def _cause(event, night):
    """Return what a false event came from: another kind, a disturbance or nothing."""
    near = dict(event, onset_s=event["onset_s"] - 0.3, duration_s=event["duration_s"] + 0.6)
    touched = [t for t in night.truth + night.others if overlap_s(near, t) > 0]
    return max(touched, key=lambda t: overlap_s(near, t))["kind"] if touched else "nothing"


def score_set(name, seeds, hours, engine):
    """Return {profile: Tally} and the Tally of all, over seeds."""
    whole, by_profile = Tally(), defaultdict(Tally)
    wanted = [(profile, seed) for profile in nights.PROFILES for seed in seeds]
    for profile, night in nights.each_night(wanted, hours, name):
        of_night = Tally()
        of_night.add(night, found_by(night, engine))
        whole.take(of_night)
        by_profile[profile].take(of_night)
    return by_profile, whole


def print_set(name, by_profile, whole):
    """Print one set: by profile, the whole, by band, and what false ones came from."""
    print(f"set {name}: {whole.hours:.0f} h")
    print("  profile        found   ppv  f1: jerk   lm  turn  rhyt  macro  false/h  awake")
    for profile, t in [*by_profile.items(), ("all", whole)]:
        scores = " ".join(f"{t.f1(k):5.2f}" if t.truths[k] else "   - " for k in KINDS)
        print(
            f"  {profile:13s}  {t.found():5.3f} {t.ppv():5.3f}    {scores}  {t.macro_f1():5.2f}"
            f"  {t.false_per_hour():6.1f}  {t.awake_s / 3600 / t.hours:5.2f}"
        )
    bands = ", ".join(
        f"{low}{'-%d' % high if high < 1e6 else '+'}: {whole.band((low, high)):.2f} "
        f"of {whole.band_truths[low, high]}"
        for low, high in BANDS_MG
    )
    print(f"  jerks found by mg: {bands}")
    print(f"  lm found {whole.found('lm'):.3f} ppv {whole.ppv('lm'):.3f}")
    for what, counts in (("false", whole.taken_for), ("flags", whole.flags)):
        told = ", ".join(f"{a}->{b} {n}" for (a, b), n in counts.most_common(12))
        print(f"  {what}: {told or 'none'}")


def main(words):
    """Print what was asked for; see the module's head."""
    parser = argparse.ArgumentParser(description="Score the detector on nights of strangers.")
    parser.add_argument("--set", choices=sorted(nights.FOREIGN), help="one set; else both")
    parser.add_argument("--cases", action="store_true", help="the measured cases instead of sets")
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument(
        "--real",
        nargs="?",
        const="",
        help="real recordings instead of sets: their folder, or none where its variable is set",
    )
    parser.add_argument("--engine", default="native", choices=engines.ENGINES)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--hours", type=float, default=2.0)
    asked = parser.parse_args(words)
    if asked.cases:
        import cases

        cases.print_all(asked.engine, asked.only)
        if not asked.only or asked.only.startswith("12"):
            import shaking

            shaking.print_all()
    elif asked.real is not None:
        import real

        real.print_all(asked.real, asked.engine)
    else:
        for name in [asked.set] if asked.set else sorted(nights.FOREIGN):
            began = time.perf_counter()
            seeds = range(1, asked.seeds + 1)
            print_set(name, *score_set(name, seeds, asked.hours, asked.engine))
            print(f"  {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
