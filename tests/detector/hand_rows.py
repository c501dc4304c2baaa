"""Rows and facts by hand, and what the rules say of them in words, for the tables of the rules.

All at 1000 samples a second: a sample is a millisecond. No formula of the rules stands here.
"""

from notturno_core import contexts, namer, names, segments, wire

ODR_MHZ = 1000000
UP = (0, 0, 127)
_NUMBERS = {field: 0 for field, code in wire.EVENT_FIELDS if code[0] not in "0123456789"}
_VECTORS = {
    "direction_q7": (127, 0, 0),
    "posture_before_q7": UP,
    "posture_after_q7": UP,
}


def burst(ms=80, at=0, mg=100, **facts):
    """A sharp jerk of a limb that fades, unless the facts say otherwise."""
    made = _NUMBERS | _VECTORS
    made |= {"source": wire.SOURCE_BURST, "kind": wire.EVENT_JERK, "bursts": 1, "cycles": 1}
    made |= {"onset_sample": at, "duration_samples": ms, "burst_samples": ms}
    made |= {"peak_mg": mg, "quick_peak_mg": mg, "peak_jerk_mg_per_s": mg * 50}
    return made | {"centre_dhz": 70, "effective_ms": 40} | facts


def move(ms=2000, at=0, mg=150, **facts):
    """A plain movement, seen in the slow band as well."""
    made = _NUMBERS | _VECTORS
    made |= {"source": wire.SOURCE_MOVE, "kind": wire.EVENT_LM}
    made |= {"onset_sample": at, "duration_samples": ms, "move_samples": ms}
    made |= {"peak_mg": mg, "quick_peak_mg": mg, "slow_peak_mg": mg}
    made |= {"peak_jerk_mg_per_s": mg * 50, "centre_dhz": 20}
    return made | {"effective_ms": 400, "morph_ms": 500, "later_pct": 60} | facts


def turn(ms=2000, at=0, mg=150, **facts):
    """A movement after which gravity lies elsewhere."""
    turned = {"kind": wire.EVENT_POSTURE, "posture_after_q7": (127, 0, 0)}
    return move(ms, at, mg) | turned | facts


def rhythm(ms=8000, at=0, mg=50, mhz=1000, beats=20, **facts):
    """An even run of beats."""
    made = _NUMBERS | _VECTORS
    made |= {"source": wire.SOURCE_RUN, "kind": wire.EVENT_RHYTHM, "uneven_pct": 5}
    made |= {"onset_sample": at, "duration_samples": ms, "rhythm_mhz": mhz}
    made |= {"beats": beats, "cycles": beats}
    return made | {"peak_mg": mg, "quick_peak_mg": mg} | facts


def words(values):
    """Return a row's kind and flags: "lm large small"."""
    flags = sorted(name for bit, name in wire.FLAG_NAMES.items() if values["flags"] & bit)
    return " ".join([wire.EVENT_NAMES[values["kind"]], *flags])


# --- what the rules say: each takes the rules, then the facts ------------------------------------


def named(rules, row):
    """Return what one segment is called."""
    row = dict(row)
    names.name(row, ODR_MHZ, rules)
    return words(row)


def given(rules, row, other):
    """Return the flags that another row gives to a row."""
    flags = names.relate(row, other, ODR_MHZ, rules)
    return " ".join(name for bit, name in wire.FLAG_NAMES.items() if flags & bit)


def crowded(rules, rows):
    """Return the flag of the first row among the others."""
    return "vibration" if names.crowd(rows[0], rows, ODR_MHZ, rules) else ""


def heard(rules, rows):
    """Say whether a mattress is heard in all these rows."""
    return names.mattress_heard(rows, rules)


def passed_on(rules, row):
    """Say whether a mattress passed this row on, where one is heard."""
    return names.by_mattress(row, rules) == wire.FLAG_VIBRATION


def awake(rules, *moves):
    """Return the span that movements make awake, or None."""
    found = contexts.Awake(ODR_MHZ, rules)
    for row in moves:
        found.add(row)
    return found.end()


def is_still(rules, low, high):
    """Say whether a minute of such slow steps is still."""
    return contexts.NotWorn(rules).add(minute(0, low, high))[0]


def not_worn(rules, *minutes):
    """Return the span in which the band is not worn, or None.

    A minute is "still", "lives", or a pair: its slow steps and its slow square.
    """
    found = contexts.NotWorn(rules)
    for number, said in enumerate(minutes):
        low, high = {"still": (700, 1000), "lives": (4000, 1000)}.get(said, said)
        span = found.add(minute(number, low, high))[1]
        if span:
            return span
    return found.end(60000 * len(minutes))


def minute(number, low, high):
    """The facts of a minute without a busy block."""
    end = 60000 * (number + 1)
    made = {"row": segments.ROW_MINUTE, "closed_sample": end, "sample": end}
    made |= {"onset_sample": end - 60000, "rest_low": low, "rest_high": high}
    made |= {"quiet_blocks": 48, "blocks": 48, "clipped": 0, "axis_dead": 0, "gravity_mg": UP}
    return made | {"activity_q4_mg": 0, "floor_jerk_q4_mg": 0, "floor_move_q4_mg": 0}


# --- the stream: facts in order, as the segments give them ---------------------------------------


def fact(row, closes_ms=0):
    """The facts of the segment that a row was made of."""
    kinds = {wire.SOURCE_BURST: segments.ROW_BURST, wire.SOURCE_MOVE: segments.ROW_MOVE}
    of_all = ("onset_sample", "duration_samples", "peak_mg", "peak_jerk_mg_per_s", "effective_ms")
    of_kind = {
        wire.SOURCE_BURST: ("quick_peak_mg", "cycles", "centre_dhz"),
        wire.SOURCE_MOVE: ("slow_peak_mg", "morph_ms", "later_pct"),
    }
    found = {field: row[field] for field in (*of_all, *_VECTORS, *of_kind[row["source"]])}
    end = row["onset_sample"] + row["duration_samples"] - 1
    found |= {"row": kinds[row["source"]], "end_sample": end, "closed_sample": end + closes_ms}
    return found | {"floor_q4_mg": 16, "cut": 0, "clipped": 0}


def opens(at):
    """The facts that say that a movement begins."""
    return {"row": segments.ROW_OPEN, "onset_sample": at, "closed_sample": at + 1}


def beats(*times, cycles=()):
    """The facts of beats, and of cycles."""
    last = max((*times, *cycles))
    found = {"row": segments.ROW_BEATS, "closed_sample": last + 1, "more": 0, "peak_mg": 50}
    return found | {"beats": list(times), "cycles": list(cycles)}


def told(rules, facts, now=None):
    """Return all that is told until `now`, or to the end of the recording: (what, values, at)."""
    stream = namer.Namer(ODR_MHZ, rules)
    out = []
    for found in facts:
        out += stream.feed(dict(found))
    if now is None:
        return out + stream.finish(facts[-1]["closed_sample"])
    return out + stream.advance(now)


def finals(rules, facts, now=None):
    """Return the final rows in words, by onset."""
    rows = [values for what, values, _ in told(rules, facts, now) if what == namer.FINAL]
    return ", ".join(words(row) for row in sorted(rows, key=lambda row: row["onset_sample"]))
