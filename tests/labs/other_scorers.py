"""Two other scorers' readings of WASM 2016, written plainly and in another way than ours.

After what SOMAS and MATPLM do, as `scoring/movements/PROFILES.md` names it: SOMAS on vectors of
one value a millisecond, MATPLM as one list that is joined, cut and walked once. No code of theirs
or ours. Times are whole milliseconds; a movement is (onset, end, leg); artefacts of their code are
left out, as the page says.

Run as a program, it holds our profiles against both on random nights:
    python tests/labs/other_scorers.py 10000
"""

import random
import sys
from pathlib import Path

SLEEP = ("N1", "N2", "N3", "R")
HALF = 500


def _lasting(rows):
    """Rows of half a second or more; those of one leg that overlap are one."""
    found = []
    for leg in sorted({leg for *_, leg in rows}):
        own = sorted((a, b) for a, b, side in rows if side == leg and b - a >= HALF)
        joined = []
        for a, b in own:
            if joined and a < joined[-1][1]:
                joined[-1][1] = max(joined[-1][1], b)
            else:
                joined.append([a, b])
        found += [(a, b, leg) for a, b in joined]
    return sorted(found)


def _stage(stages, at):
    return [name for t, name in stages if t <= at][-1]


# --- SOMAS: a pair of a left and a right LM fills the time from the first to the last ------------


def somas(rows, breathing, arousals, stages):
    legs = _lasting(rows)
    pairs = [
        (min(p[0], q[0]), max(p[1], q[1]))
        for p in legs
        for q in legs
        if p[2] != q[2] and p[0] <= q[0] < p[1] + HALF
    ]
    both = []  # the union of the pairs, and each LM that is in no pair
    paired = {leg for p in legs for q in legs if _linked(p, q) for leg in (p, q)}
    for a, b in sorted(set(pairs)):
        if both and a < both[-1][1]:
            both[-1][1] = max(both[-1][1], b)
        else:
            both.append([a, b])
    movements = [(a, b, [m for m in legs if m in paired and a <= m[0] < b]) for a, b in both]
    movements += [(m[0], m[1], [m]) for m in legs if m not in paired]
    movements.sort(key=lambda m: m[:2])
    clm = [_is_candidate(m) for m in movements]
    asleep = [_stage(stages, m[0]) in SLEEP for m in movements]
    plm = _somas_series([m[0] for m in movements], clm)
    resp = [any(m[1] >= e - 2000 and m[0] <= e + 10250 for _, e in breathing) for m in movements]
    kept = [i for i in range(len(movements)) if not resp[i]]
    quiet = _somas_series([movements[i][0] for i in kept], [clm[i] for i in kept])
    aroused = [any(m[1] + HALF >= a and m[0] - HALF <= e for a, e in arousals) for m in movements]
    in_sleep = [i for i in range(len(movements)) if clm[i] and asleep[i]]
    imis = [movements[i][0] - movements[i - 1][0] for i in in_sleep if i]
    return {
        "lm": len(movements),
        "clm": sum(clm),
        "plm": [movements[i][0] for i in sorted(plm)],
        "plms": sum(asleep[i] for i in plm),
        "plm_nonresp": len(quiet),
        "plms_arousal": sum(asleep[i] and aroused[i] for i in plm),
        "periodicity": (sum(asleep[i] for i in plm), len(in_sleep)),
        "log_imis": sorted(imi for imi in imis if 10_000 <= imi < 90_000),
    }


def _linked(p, q):
    return p[2] != q[2] and max(p[0], q[0]) - min(p[1], q[1]) < HALF


def _is_candidate(movement):
    a, b, parts = movement
    if len(parts) == 1:
        return b - a <= 10_000
    return len(parts) <= 4 and b - a <= 15_000 and all(q[1] - q[0] <= 10_000 for q in parts)


def _somas_series(onsets, clm):
    """Indices in series: the longest stretches in which each step is from 10 s to under 90 s
    between two CLM, and the first is not under 10 s behind the LM before it."""
    inside, i = set(), 0
    while i < len(onsets):
        near = i > 0 and onsets[i] - onsets[i - 1] < 10_000
        j = i
        if clm[i] and not near:
            while (
                j + 1 < len(onsets) and clm[j + 1] and 10_000 <= onsets[j + 1] - onsets[j] < 90_000
            ):
                j += 1
        if j - i + 1 >= 4:
            inside.update(range(i, j + 1))
        i = j + 1
    return inside


# --- MATPLM: one list, joined by its running end, a mark at each CLM that begins anew ------------


def matplm(rows, breathing, arousals, stages):
    joined, legs = [], _lasting(rows)
    both = len({leg for *_, leg in legs}) > 1
    for a, b, _leg in legs:
        if both and joined and a - HALF <= joined[-1]["end"]:
            last = joined[-1]
            last["end"] = max(last["end"], b)
            last["parts"].append((a, b))
        else:
            joined.append({"onset": a, "end": b, "parts": [(a, b)]})
    kept, broken = [], False
    for each in joined:
        a, b, parts = each["onset"], each["end"], each["parts"]
        too_long = any(q - p > 10_000 for p, q in parts) or b - a > 15_000
        if too_long or len(parts) > 4:
            broken = True
            continue
        kept.append((a, b, broken))
        broken = False
    resp = {m for m in kept if any(m[1] >= e - HALF and m[0] <= e + HALF for _, e in breathing)}
    plm = _matplm_series(kept)
    asleep = {m for m in kept if _stage(stages, m[0]) in SLEEP}
    aroused = {m for m in plm if any(m[1] >= e - HALF and m[0] <= e + HALF for _, e in arousals)}
    quiet, carried = [], False
    for a, b, mark in kept:  # a break stays where the CLM behind it goes
        carried = carried or mark
        if (a, b, mark) not in resp:
            quiet.append((a, b, carried))
            carried = False
    return {
        "lm": len(joined),
        "clm": len(kept),
        "plm": [m[0] for m in plm],
        "plms": len([m for m in plm if m in asleep]),
        "plm_nonresp": len(_matplm_series(quiet)),
        "plms_arousal": len([m for m in aroused if m in asleep]),
    }


def _matplm_series(kept):
    runs = []
    for i, (a, _, mark) in enumerate(kept):
        imi = None if i == 0 else a - kept[i - 1][0]
        if imi is None or mark or imi < 10_000 or imi > 90_000:
            runs.append([])
        runs[-1].append(kept[i])
    return [movement for run in runs if len(run) > 3 for movement in run]


# --- ours against both ---------------------------------------------------------------------------


def difference(name, night):
    """Return None where our profile finds what the other scorer does, else what differs."""
    from notturno.scoring.movements import profiles
    from notturno.scoring.movements.indices import log_imi
    from notturno.scoring.movements.score import score_night

    rows, breathing, arousals, stages = night

    def us(spans):
        return [(a * 1000, b * 1000) for a, b in spans]

    ours = score_night(
        [(a * 1000, b * 1000, leg, None) for a, b, leg in rows],
        "wasm2016",
        [(t * 1000, name) for t, name in stages],
        resp=us(breathing),
        arousal_events=us(arousals),
        settings=profiles.settings_of(name) | {"rate_min_min": "0"},
    )
    theirs = {"somas": somas, "matplm": matplm}[name](rows, breathing, arousals, stages)
    hours = ours["hours"]["sleep"]
    told = {key: ours[key] for key in ("lm", "clm", "plms", "plm_nonresp")}
    told["plm"] = sorted(round(t * 1000) for run in ours["series"] for t in run["onsets_s"])
    rate = ours["rates"]["plms_arousal_per_h"]
    told["plms_arousal"] = round(rate * hours) if hours else theirs["plms_arousal"]
    if name == "somas":
        plms, clms = theirs.pop("periodicity")
        imis = theirs.pop("log_imis")
        index = ours["periodicity_index"]
        if hours and clms and index != plms / clms:
            return f"periodicity: {index} and {plms}/{clms}, night {night}"
        wanted = log_imi([imi * 1000 for imi in imis])
        got = (ours["log_imi_mean"], ours["log_imi_sd"])
        # Without an interval both are refused, each in its words.
        if any(
            isinstance(w, float) and not (isinstance(g, float) and abs(g - w) < 1e-9)
            for g, w in zip(got, wanted, strict=True)
        ):
            return f"log_imi: {got} and {wanted}, night {night}"
    for key, value in theirs.items():
        if told[key] != value:
            return f"{name} {key}: {told[key]} and {value}, night {night}"
    return None


def random_night(rng):
    """Return (rows, breathing, arousals, stages) in ms; gaps are in neither program."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scoring_movements"))
    import brute_force

    rows, _, breathing, stages = brute_force.random_night(rng)
    rows = [(a // 1000, b // 1000, {"": "L"}.get(leg, leg)) for a, b, leg in rows]
    rows = _apart(rows)
    if rng.random() < 0.1:  # a long sleep with few movements
        stages = [*stages, (stages[-1][0] + 30_000_000, "N2"), (20_000_000_000, "END")]
    arousals = []
    for _ in range(rng.choice((0, 1, 3))):
        a, b, _leg = rng.choice(rows) if rows else (0, 0, "L")
        start = max(0, rng.choice((a, b)) + rng.choice((-500, 500, 499, -3000, 0, 501)))
        arousals.append((start, start + rng.choice((3000, 500, 8000))))
    return (
        rows,
        [(a // 1000, b // 1000) for a, b in breathing],
        arousals,
        [(t // 1000, name) for t, name in stages],
    )


def _apart(rows):
    """Rows of one leg that touch are one in SOMAS's vectors and two here: 1 ms between them."""
    taken, found = {}, []
    for a, b, leg in sorted(rows):
        if a == taken.get(leg):
            a += 1
            b += 1
        taken[leg] = max(b, taken.get(leg, 0))
        found.append((a, b, leg))
    return found


def main():
    nights = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    for number in range(nights):
        night = random_night(rng)
        for name in ("somas", "matplm"):
            found = difference(name, night)
            if found is not None:
                print(f"night {number}: {found}")
                raise SystemExit(1)
    print(f"{nights} random nights agree with both readings")


if __name__ == "__main__":
    main()
