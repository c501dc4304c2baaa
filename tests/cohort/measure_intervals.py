"""How often the 95 % interval of the reliability holds the truth, of simulated people.

    python tests/cohort/measure_intervals.py [ROUNDS]

Prints the table of COHORT.md. People and nights are made up; all draws are of one seed.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).resolve().parent))
import made_people as made
from notturno.cohort import mixed

ROUNDS, SEED = 800, 29
COUNT_HOURS, OFFSET = 7.0, 0.0625  # of a night; upon a rate before its logarithm


def nights_of(rng, own, nights, within, lag1=0.0):
    """Return the levels of people around their own, neighbours alike by lag1."""
    noise = rng.normal(0, 1, (len(own), nights))
    for j in range(1, nights):
        noise[:, j] = lag1 * noise[:, j - 1] + np.sqrt(1 - lag1**2) * noise[:, j]
    return list(own[:, None] + np.sqrt(within) * noise)


def held(people, nights, between, rounds, lag1=0.0, tails=None):
    """Return which share of the intervals holds the ratio `between` (within is 1)."""
    rng, inside = np.random.default_rng(SEED), 0
    days = [np.arange(nights)] * people if lag1 else None
    for _ in range(rounds):
        own = rng.normal(0, 1, people) if tails is None else made.LONG_TAILS[tails](rng, people)
        levels = nights_of(rng, own * np.sqrt(between), nights, 1.0, lag1)
        found = mixed.fit(levels, days)
        inside += found.ratio_low <= between <= found.ratio_high
    return inside / rounds


def held_of_counts(rate, rounds, people=40, nights=14):
    """Return (ICC of a very large cohort, share held) of Poisson counts around a rate an hour."""

    def drawn(rng, n):
        own = np.log(rate) + rng.normal(0, 0.7, n)
        each = np.exp(own[:, None] + rng.normal(0, 0.4, (n, nights)))
        return list(np.log(rng.poisson(each * COUNT_HOURS) / COUNT_HOURS + OFFSET))

    rng, inside = np.random.default_rng(SEED), 0
    truth = mixed.fit(drawn(rng, 20_000)).ratio
    for _ in range(rounds):
        found = mixed.fit(drawn(rng, people))
        inside += found.ratio_low <= truth <= found.ratio_high
    return truth / (1 + truth), inside / rounds


def main(rounds: int) -> None:
    """Print the table."""
    for people, nights, between, lag1 in (
        *((30, 7, 0.25, 0), (8, 14, 1.0, 0), (100, 14, 3.0, 0)),
        *((60, 40, 0.5, 0.4), (30, 14, 0.5, 0.4), (200, 146, 1.0, 0.3)),
    ):
        few = rounds // 8 if nights > 100 else rounds
        icc = between / (1 + between)
        share = held(people, nights, between, few, lag1)
        print(f"| {people} x {nights} | ICC {icc:.2f}, normal, lag1 {lag1:g} | {share:.3f} |")
    for rate in (8, 2, 0.5):
        icc, share = held_of_counts(rate, rounds)
        print(f"| 40 x 14 | counts around {rate:g} an hour, ICC {icc:.2f} | {share:.3f} |")
    for tails in made.LONG_TAILS:
        for between in (0.5, 3.0):
            shares = [held(people, 14, between, rounds, 0, tails) for people in (15, 40, 200)]
            told = ", ".join(f"{share:.3f}" for share in shares)
            print(f"| 15, 40, 200 x 14 | ICC {between / (1 + between):.2f}, {tails} | {told} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
