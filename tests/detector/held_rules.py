"""What is said just below and just above the bound of every rule, word for word.

HELD: rule -> (who is asked, the answer, the facts) below its bound, then above it. Facts are in
mg, ms, 1/1000 Hz and 1/10 Hz. A constant that is changed needs its own lines changed, no other.
"""

from hand_rows import (
    awake,
    beats,
    burst,
    crowded,
    fact,
    finals,
    given,
    heard,
    is_still,
    minute,
    move,
    named,
    not_worn,
    opens,
    passed_on,
    rhythm,
    turn,
)
from notturno_core import wire

SUSTAINED = {"mg": 20, "effective_ms": 200, "cycles": 5}  # passed on by a mattress
DULL = {"peak_jerk_mg_per_s": 100}
QUICK = {"centre_dhz": 50}  # a limb whose ringing is over soon
LASTING = {"floor_q4_mg": 160}  # 10 mg: a pulse's, or a noise's
EVEN = {"uneven_pct": 3}
FULL = {"at": 1000, "ms": 8000}  # a rhythm that fills four fifths of a movement of 10 s
IN_LM = ", jerk in_lm"
A_TURN, A_TURN_AWAKE = "posture large posture_changed", "posture in_awake large posture_changed"

BREATHS = rhythm(mhz=290, flags=wire.FLAG_VIBRATION)
SNORE = "rhythm vibration"


def snored(mg):
    """A breath's beats, told one by one, and a jerk among them, final while they go on."""
    breaths = [beats(3400 * k) for k in range(18)]
    return [*breaths[:10], fact(burst(at=31000, mg=mg), closes_ms=200), *breaths[10:]]


def rings_on(swings_dhz, weaker_dhz):
    """A stroke of so many swings, one of a third of it soon after, and the movement they make."""
    strong = fact(burst(200, mg=300, centre_dhz=swings_dhz, effective_ms=100))
    weaker = fact(burst(100, at=300, mg=100, centre_dhz=weaker_dhz))
    return [opens(0), strong, weaker, fact(move(900, later_pct=8), closes_ms=500)]


def leans(x, z):
    """A direction between lying and upright."""
    return {"direction_q7": (x, 0, z), "mg": 20}


def turned_by(x, z):
    """A movement after which gravity lies otherwise."""
    return move(posture_after_q7=(x, 0, z))


def bursts(count, silence_ms, mg=100):
    """Bursts of 200 ms that follow each other after a silence."""
    onsets = [1000 + k * (200 + silence_ms) for k in range(count)]
    return [fact(burst(200, at=at, mg=mg, effective_ms=100)) for at in onsets]


def bursts_of(*mg):
    """Bursts of 200 ms, each so strong, 400 ms apart."""
    return [fact(burst(200, at=600 * k, mg=one, effective_ms=100)) for k, one in enumerate(mg)]


def strokes(silence_ms, first_mg=40, mg=40):
    """Two bursts, the second of which the slow band sees as well, for no longer than a jerk."""
    first = burst(200, at=1000, mg=first_mg, effective_ms=100)
    at = 1200 + silence_ms
    second = burst(200, at=at, mg=mg, effective_ms=100)
    slow = move(300, at=at, mg=mg, effective_ms=100)
    return [fact(first), opens(at), fact(second, closes_ms=130), fact(slow, closes_ms=500)]


def before_a_move(ms):
    """A burst of 100 ms, so much silence, and a movement."""
    early = burst(100, at=10000 - ms - 100, mg=40)
    return [opens(10000), fact(early, closes_ms=130), fact(move(at=10000), closes_ms=500)]


def knocked(ms):
    """A band that nobody wears, and a knock at it."""
    minutes = [minute(number, 700, 1000) for number in range(16)]
    return [*minutes, fact(burst(ms, at=16 * 60000 + 5000))]


def hides(mg=52, slow_mg=20, later_pct=16):
    """A stroke above a floor of 10 mg, and the movement of which the floor hides the rest."""
    stroke = fact(burst(200, mg=mg)) | LASTING
    seen = move(300, slow_peak_mg=slow_mg, later_pct=later_pct)
    return [opens(0), stroke, fact(seen, closes_ms=500) | LASTING]


def small_bursts(*onsets, mg=10):
    return [burst(at=at, mg=mg) for at in onsets]


def across(x):
    """Four small bursts of another line than the x axis has, of which so much lies along it."""
    return [row | {"direction_q7": (x, 0, 94)} for row in small_bursts(*range(5000, 25000, 5000))]


def turns(*lasts_ms, apart_ms=20000):
    return [turn(ms, at=apart_ms * k) for k, ms in enumerate(lasts_ms)]


def moves(count, lasts_ms, off_ms=4000, from_ms=0):
    """Movements at intervals of 10 s less `off_ms`; before the last is the time that this left."""
    onsets = [k * (10000 - off_ms) for k in range(count - 1)]
    return [move(lasts_ms, at=from_ms + at) for at in (*onsets, (count - 1) * 10000)]


# two turns, there and back; the first is final before the second says that somebody is awake
WOKE = [fact(turn(9000)), fact(turn(9000, at=20000, posture_after_q7=(0, 0, 127)))]

HELD = {
    # --- one segment
    "lm_least_ms": [
        (named, "jerk", move(499)),
        (named, "lm", move(500)),
        (named, "lm no_morphology", move(morph_ms=249)),
        (named, "lm", move(morph_ms=250)),
    ],
    "lm_later_pct": [
        (named, "jerk", move(690, later_pct=4, **QUICK)),
        (named, "lm", move(690, later_pct=5, **QUICK)),
        (named, "jerk", move(690, later_pct=11, centre_dhz=20)),
        (named, "lm", move(690, later_pct=12, centre_dhz=20)),
    ],
    "lm_short_ms": [
        (named, "jerk", move(689, later_pct=7, **QUICK)),
        (named, "lm", move(690, later_pct=7, **QUICK)),
    ],
    "lm_short_pct": [
        (named, "jerk", move(500, later_pct=7, **QUICK)),
        (named, "lm", move(500, later_pct=8, **QUICK)),
        (finals, "jerk", hides(later_pct=15)),
        (finals, "lm", hides(later_pct=16)),
    ],
    "lm_slow_dhz": [
        (named, "jerk", move(690, later_pct=5, centre_dhz=33)),
        (named, "lm", move(690, later_pct=5, centre_dhz=34)),
        (named, "jerk", move(900, later_pct=8, centre_dhz=26)),
        (named, "lm", move(900, later_pct=9, centre_dhz=26)),
        (named, "lm", move(900, later_pct=5, centre_dhz=19)),
        (finals, "jerk, jerk", rings_on(26, 70)),  # the strongest stroke says how slow it is
        (finals, "lm", rings_on(70, 26)),
    ],
    "low_pct": [
        (finals, f"lm no_morphology small{IN_LM}", bursts(2, silence_ms=1000, mg=5)),
        (finals, "jerk, jerk", bursts(2, silence_ms=1000, mg=6)),
        (finals, "lm", hides(mg=52)),
        (finals, "jerk", hides(mg=53)),
        (crowded, "", [burst(mg=10, floor_q4_mg=60), *across(0)]),
        (crowded, "vibration", [burst(mg=10, floor_q4_mg=61), *across(0)]),
    ],
    "chain_small_mg": [
        (named, "lm small", move(mg=11, slow_peak_mg=0)),
        (named, "lm", move(mg=12, slow_peak_mg=0)),
    ],
    "burst_lm_ms": [(named, "jerk", burst(899)), (named, "lm", burst(900))],
    "large_least_ms": [(named, "lm", move(2999)), (named, "lm large", move(3000))],
    "large_most_ms": [(named, "lm large", move(45000)), (named, "lm", move(45001))],
    # bounds are looked up in steps of 5 degrees: 18 and 22 lie about that of 20
    "posture_deg": [
        (named, "lm", turned_by(39, 121)),
        (named, "posture posture_changed", turned_by(48, 118)),
    ],
    "jerk_small_mg": [(named, "jerk small", burst(mg=3)), (named, "jerk", burst(mg=4))],
    "jerk_brief_ms": [
        (named, "jerk small", burst(34, mg=7)),
        (named, "jerk", burst(35, mg=7)),
    ],
    "jerk_brief_mg": [
        (named, "jerk small", burst(34, mg=7)),
        (named, "jerk", burst(34, mg=8)),
        (named, "jerk vibration", burst(mg=7, cycles=3)),
        (named, "jerk", burst(mg=8, cycles=3)),
    ],
    "tip_ms": [
        (named, "jerk small", burst(44, mg=19, **LASTING)),
        (named, "jerk", burst(45, mg=19, **LASTING)),
        (named, "jerk", burst(44, mg=20, **LASTING)),
        (named, "jerk", burst(44, mg=19, cycles=2, **LASTING)),
    ],
    "jerk_sharp_per_s": [
        (named, "jerk slow", burst(mg=30, peak_jerk_mg_per_s=359)),
        (named, "jerk", burst(mg=30, peak_jerk_mg_per_s=360)),
    ],
    "jerk_strong_mg": [
        (named, "jerk slow", burst(mg=59, **DULL)),
        (named, "jerk", burst(mg=60, **DULL)),
        (named, "jerk vibration", burst(mg=59, centre_dhz=400)),
        (named, "jerk", burst(mg=60, centre_dhz=400)),
    ],
    "vibration_dhz": [
        (named, "jerk", burst(mg=50, centre_dhz=270)),
        (named, "jerk vibration", burst(mg=50, centre_dhz=271)),
        (named, "lm", move(slow_peak_mg=0, centre_dhz=270)),
        (named, "lm vibration", move(slow_peak_mg=0, centre_dhz=271)),
    ],
    "lm_small_mg": [
        (named, "lm small", move(slow_peak_mg=8)),
        (named, "lm", move(slow_peak_mg=9)),
    ],
    "clonic_mhz": [
        (named, "rhythm", rhythm(mhz=2999)),
        (named, "rhythm clonic_band", rhythm(mhz=3000)),
    ],
    "breath_mhz": [
        (named, "rhythm vibration", rhythm(mhz=399)),
        (named, "rhythm", rhythm(mhz=400)),
    ],
    "machine_most_mg": [
        (named, "rhythm clonic_band vibration", rhythm(mhz=5000, mg=19)),
        (named, "rhythm clonic_band", rhythm(mhz=5000, mg=20)),
        (named, "lm vibration", move(mg=19, centre_dhz=40)),
        (named, "lm", move(mg=20, centre_dhz=40)),
        (finals, "jerk", hides(slow_mg=19)),
        (finals, "lm", hides(slow_mg=20)),
    ],
    "rhythm_small_mg": [(named, "rhythm small", rhythm(mg=5)), (named, "rhythm", rhythm(mg=6))],
    "sustained_ms": [
        (named, "jerk", burst(**SUSTAINED | {"effective_ms": 119})),
        (named, "jerk vibration", burst(**SUSTAINED | {"effective_ms": 120})),
    ],
    "sustained_cycles": [
        (named, "jerk", burst(**SUSTAINED | {"cycles": 2})),
        (named, "jerk vibration", burst(**SUSTAINED | {"cycles": 3})),
        (named, "jerk", burst(mg=7, cycles=2)),
        (named, "jerk vibration", burst(mg=7, cycles=3)),
        (named, "jerk", burst(mg=20, cycles=5)),
        (named, "jerk vibration", burst(mg=20, cycles=6)),
        (given, "in_lm", burst(at=2000, mg=200), move(mg=50, cycles=5)),
        (given, "", burst(at=2000, mg=200), move(mg=50, cycles=6)),
        (named, "jerk", burst(mg=25, cycles=6)),
    ],
    "passed_dhz": [  # six swings in a burst of 1500 ms are 4 a second
        (named, "lm", move(mg=19, cycles=6, burst_samples=1501)),
        (named, "lm vibration", move(mg=19, cycles=6, burst_samples=1500)),
        (named, "lm", move(mg=20, cycles=6, burst_samples=1500)),
        (named, "lm", move(mg=19, centre_dhz=39)),
        (named, "lm vibration", move(mg=19, centre_dhz=40)),
        (named, "lm", move(mg=20, centre_dhz=40)),
        (named, "lm", move(mg=19, cycles=5, burst_samples=900)),
    ],
    "sustained_most_mg": [
        (named, "jerk vibration", burst(**SUSTAINED | {"mg": 24})),
        (named, "jerk", burst(**SUSTAINED | {"mg": 25})),
    ],
    # --- one segment beside another
    "echo_ms": [
        (given, "in_lm", burst(at=800, mg=20), burst(mg=400)),
        (given, "", burst(at=801, mg=20), burst(mg=400)),
    ],
    "echo_ratio": [
        (given, "in_lm", burst(at=500, mg=50), burst(mg=400)),
        (given, "", burst(at=500, mg=51), burst(mg=400)),
    ],
    "margin_ms": [
        (given, "in_lm", burst(at=2300, mg=600), move(2000)),
        (given, "", burst(at=2301, mg=600), move(2000)),
        (given, "in_rhythm", burst(80, at=4620), rhythm(at=5000)),
        (given, "", burst(80, at=4619), rhythm(at=5000)),
        (finals, "lm", before_a_move(300)),
        (finals, "jerk, lm", before_a_move(301)),
    ],
    "weak_margin_ms": [
        (given, "in_lm", burst(at=3500, mg=40), move(2000)),
        (given, "", burst(at=3501, mg=40), move(2000)),
    ],
    "weak_pct": [
        (given, "in_lm", burst(at=3000, mg=399), move(2000, mg=100)),
        (given, "", burst(at=3000, mg=400), move(2000, mg=100)),
    ],
    "turn_margin_ms": [
        (given, "in_lm", burst(at=4400), turn(2000)),
        (given, "", burst(at=4401), turn(2000)),
        (given, "posture_changed", move(at=4400), turn(2000)),
        (given, "", move(at=4401), turn(2000)),
    ],
    "belongs_pct": [
        (given, "", move(2000, at=7001), rhythm(8000)),
        (given, "in_rhythm", move(2000, at=7000), rhythm(8000)),
    ],
    "rhythm_fills_pct": [
        (given, "in_lm", rhythm(7499, at=1000), move(10000)),
        (given, "", rhythm(7500, at=1000), move(10000)),
    ],
    "rhythm_within_beats": [
        (given, "in_lm", rhythm(**FULL, beats=13), move(10000)),
        (given, "", rhythm(**FULL, beats=14), move(10000)),
    ],
    "rhythm_apart_beats": [
        (given, "in_lm", rhythm(**FULL, beats=7), move(10000, bursts=7)),
        (given, "", rhythm(**FULL, beats=8), move(10000, bursts=8)),
        (given, "in_lm", rhythm(**FULL, beats=8), move(10000, bursts=7)),
        (given, "in_lm", rhythm(**FULL, beats=8, uneven_pct=10), move(10000, bursts=8)),
        (given, "in_lm", rhythm(9000, beats=7), move(1000, at=1000)),
        (given, "", rhythm(9000, beats=8), move(1000, at=1000)),
        (given, "in_lm", rhythm(9000, beats=9) | {"cycles": 8}, move(1000, at=1000)),
        (given, "in_lm", rhythm(**FULL, **EVEN, beats=7), move(10000)),
        (given, "", rhythm(**FULL, **EVEN, beats=8), move(10000)),
        (given, "in_lm", rhythm(6000, at=1000, **EVEN, beats=8), move(10000)),
    ],
    "sway_ms": [
        (given, "", rhythm(9000, uneven_pct=50), move(1499, at=1000)),
        (given, "in_lm", rhythm(9000, uneven_pct=50), move(1500, at=1000)),
    ],
    "rhythm_sure_beats": [
        (given, "in_lm", rhythm(**FULL, beats=27, uneven_pct=50), move(10000)),
        (given, "", rhythm(**FULL, beats=28, uneven_pct=50), move(10000)),
    ],
    "rhythm_within_uneven_pct": [
        (given, "", rhythm(**FULL, uneven_pct=9), move(10000)),
        (given, "in_lm", rhythm(**FULL, uneven_pct=10), move(10000)),
        (given, "", rhythm(**FULL, beats=8, uneven_pct=3), move(10000)),
        (given, "in_lm", rhythm(**FULL, beats=8, uneven_pct=4), move(10000)),
        (given, "", rhythm(9000, beats=5, uneven_pct=3), move(1000, at=1000)),
        (given, "in_lm", rhythm(9000, beats=5, uneven_pct=4), move(1000, at=1000)),
    ],
    # --- one segment among many
    "mattress_most_mg": [
        (passed_on, True, burst(mg=29, direction_q7=(0, 0, 127))),
        (passed_on, False, burst(mg=30, direction_q7=(0, 0, 127))),
        (heard, True, [burst(mg=29, direction_q7=(0, 0, 127))] * 5),
        (heard, False, [burst(mg=30, direction_q7=(0, 0, 127))] * 5),
        (given, "in_rhythm", burst(at=2000, mg=29), BREATHS),
        (given, "", burst(at=2000, mg=30), BREATHS),
        (finals, f"{SNORE}, jerk in_rhythm", snored(29)),
        (finals, f"{SNORE}, jerk", snored(30)),
    ],
    "along_pct": [
        (passed_on, False, burst(**leans(70, 106))),
        (passed_on, True, burst(**leans(69, 107))),
        (heard, False, [burst(**leans(70, 106))] * 5),
        (heard, True, [burst(**leans(69, 107))] * 5),
        (crowded, "", small_bursts(0) + across(85)),
        (crowded, "vibration", small_bursts(0) + across(86)),
    ],
    "upright_least": [
        (heard, False, [burst(**leans(0, 127))] * 3 + [burst(**leans(127, 0))] * 3),
        (heard, True, [burst(**leans(0, 127))] * 4 + [burst(**leans(127, 0))] * 4),
    ],
    "upright_few_pct": [
        (heard, False, [burst(**leans(0, 127))] * 4 + [burst(**leans(127, 0))] * 5),
        (heard, True, [burst(**leans(0, 127))] * 4 + [burst(**leans(127, 0))] * 4),
    ],
    "upright_many": [
        (heard, False, [burst(**leans(0, 127))] * 4 + [burst(**leans(127, 0))] * 5),
        (heard, True, [burst(**leans(0, 127))] * 5 + [burst(**leans(127, 0))] * 6),
        # movements, more in a minute than PLM can be
        (crowded, "", [move(at=5000 * k, mg=10) for k in (6, 0, 1, 2, 3, 4, 5, 7, 8, 9, 10)]),
        (crowded, "vibration", [move(at=5000 * k, mg=10) for k in (6, *range(6), *range(7, 12))]),
    ],
    "upright_pct": [
        (heard, False, [burst(**leans(0, 127))] * 34 + [burst(**leans(127, 0))] * 66),
        (heard, True, [burst(**leans(0, 127))] * 35 + [burst(**leans(127, 0))] * 65),
    ],
    "crowd_ms": [
        (crowded, "vibration", small_bursts(20000, 16000, 24000)),
        (crowded, "", small_bursts(20000, 15999, 24001)),
    ],
    "crowd": [
        (crowded, "", small_bursts(20000, 22000)),
        (crowded, "vibration", small_bursts(20000, 22000, 24000)),
    ],
    # what the slow band sees as well is a movement, unless each breath has one
    "crowd_long_ms": [
        (crowded, "", [move(at=at, mg=10) for at in (60000, 30000, 45000, 75000, 90000)]),
        (crowded, "vibration", [move(at=at, mg=10) for at in (20000, 16000, 24000)]),
        (crowded, "vibration", small_bursts(60000, 30000, 45000, 75000, 90000)),
        (crowded, "", small_bursts(60000, 29999, 45000, 75000, 90000)),
    ],
    "crowd_long": [
        (crowded, "", small_bursts(20000, 30000, 40000, 50000)),
        (crowded, "vibration", small_bursts(20000, 30000, 40000, 50000, 10000)),
    ],
    "crowd_most_mg": [
        (crowded, "vibration", small_bursts(20000, 22000, 24000, mg=24)),
        (crowded, "", small_bursts(20000, 22000, 24000, mg=25)),
    ],
    # --- the stream
    "chain_ms": [
        (finals, "lm, jerk in_lm, jerk in_lm", bursts(3, silence_ms=500)),
        (finals, "jerk, jerk, jerk", bursts(3, silence_ms=501)),
    ],
    "chain_bursts": [
        (finals, "jerk, jerk", bursts(2, silence_ms=400)),
        (finals, "lm, jerk in_lm, jerk in_lm", bursts(3, silence_ms=400)),
    ],
    "series_ms": [
        (finals, f"lm large{IN_LM * 3}", bursts(4, silence_ms=1200, mg=40)),
        (finals, "jerk, jerk, jerk, jerk", bursts(4, silence_ms=1201, mg=40)),
    ],
    "series_bursts": [
        (finals, "jerk, jerk, jerk", bursts(3, silence_ms=1000, mg=40)),
        (finals, f"lm large{IN_LM * 3}", bursts(4, silence_ms=1000, mg=40)),
    ],
    "low_bursts": [
        (finals, "jerk", [fact(burst(700, at=1000, mg=5, effective_ms=250))]),
        (finals, f"lm no_morphology small{IN_LM}", bursts(2, silence_ms=1000, mg=5)),
    ],
    "pair_ms": [
        (finals, "lm no_morphology, jerk in_lm", strokes(800)),
        (finals, "jerk, jerk", strokes(801)),
    ],
    "pair_ratio": [
        (finals, "lm no_morphology, jerk in_lm", strokes(700, first_mg=11)),
        (finals, "jerk, jerk", strokes(700, first_mg=10)),
        (finals, "jerk, jerk", bursts(2, silence_ms=700, mg=40)),
        (finals, "lm, jerk in_lm, jerk in_lm", bursts_of(26, 26, 100)),
        (finals, "jerk, jerk, jerk", bursts_of(25, 25, 100)),
        (finals, "jerk, jerk, jerk", bursts_of(100, 25, 25)),
        (given, "in_rhythm", burst(at=2000, mg=199), rhythm(mg=50)),
        (given, "", burst(at=2000, mg=200), rhythm(mg=50)),
        (given, "in_lm", burst(at=2000, mg=199), move(mg=50, cycles=6)),
        (given, "", burst(at=2000, mg=200), move(mg=50, cycles=6)),
    ],
    "series_most_mg": [
        (finals, "lm no_morphology, jerk in_lm", strokes(700, first_mg=59, mg=59)),
        (finals, "jerk, jerk", strokes(700, first_mg=60, mg=60)),
        (finals, f"lm large{IN_LM * 3}", bursts(4, silence_ms=1000, mg=59)),
        (finals, "jerk, jerk, jerk, jerk", bursts(4, silence_ms=1000, mg=60)),
    ],
    "rhythm_least_beats": [
        (given, "in_lm", rhythm(9000, **EVEN, beats=4), move(1000, at=1000)),
        (given, "", rhythm(9000, **EVEN, beats=5), move(1000, at=1000)),
        (finals, "", [beats(1000, 2000, 3000)]),
        (finals, "rhythm", [beats(1000, 2000, 3000, 4000)]),
    ],
    "rhythm_quick_beats": [
        (finals, "", [beats(cycles=[250 * k for k in range(6)])]),
        (finals, "rhythm clonic_band", [beats(cycles=[250 * k for k in range(7)])]),
    ],
    "rhythm_quick_mhz": [
        (finals, "rhythm", [beats(1000, 1501, 2002, 2503)]),
        (finals, "", [beats(1000, 1500, 2000, 2500)]),
    ],
    "hold_ms": [
        (finals, "", [fact(burst(100, at=900))], 18999),
        (finals, "jerk", [fact(burst(100, at=900))], 19000),
    ],
    "dead_ms": [
        (finals, "not_worn, jerk vibration", knocked(119)),
        (finals, "not_worn, jerk", knocked(120)),
    ],
    # --- minutes
    "awake_window_s": [
        (awake, (0, 91000), turn(1000), turn(16200, at=91000 - 16200)),
        (awake, None, turn(1000), turn(16200, at=91001 - 16200)),
    ],
    "awake_share_pct": [(awake, None, *moves(6, 4499)), (awake, (0, 54500), *moves(6, 4500))],
    "awake_turning_pct": [
        (awake, None, *turns(8100, 8099)),
        (awake, (0, 28100), *turns(8100, 8100)),
    ],
    "awake_turns": [
        (awake, None, turn(9000), move(9000, at=20000)),
        (awake, (0, 29000), *turns(9000, 9000)),
    ],
    "awake_least_moves": [(awake, None, *moves(5, 5900)), (awake, (0, 55900), *moves(6, 5900))],
    "awake_uneven_pct": [
        (awake, None, *moves(6, 5000, off_ms=3240)),
        (awake, (0, 55000), *moves(6, 5000, off_ms=3260)),
    ],
    "awake_on_share_pct": [
        (awake, (0, 28100), *turns(8100, 8100), *moves(6, 2999, from_ms=200000)),
        (awake, (0, 253000), *turns(8100, 8100), *moves(6, 3000, from_ms=200000)),
    ],
    "awake_quiet_s": [
        (finals, f"{A_TURN}, {A_TURN_AWAKE}", WOKE, 118999),
        (finals, f"{A_TURN}, awake, {A_TURN_AWAKE}", WOKE, 119000),
    ],
    "rest_minute_pct": [(is_still, True, 1249, 1000), (is_still, False, 1250, 1000)],
    "rest_span_pct": [
        (not_worn, (0, 899999), *[(879, 1000)] * 15),
        (not_worn, None, *[(880, 1000)] * 15),
    ],
    "not_worn_minutes": [
        (not_worn, None, *["still"] * 14),
        (not_worn, (0, 899999), *["still"] * 15),
    ],
    "worn_again_minutes": [
        (not_worn, (0, 1199999), *["still"] * 20, "lives", *["still"] * 8, "lives"),
        (not_worn, (0, 1859999), *["still"] * 20, "lives", *["still"] * 9, "lives"),
    ],
}
