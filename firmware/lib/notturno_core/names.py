"""The table of rules: from the facts of a segment to what it is called and what it belongs to.

Touches its arguments alone; speaks wire.EVENT_FIELDS, integers, samples and ms. The band names
with it as it records, and the host runs this same file again over the rows it has stored, so that
old nights get new rules without raw data. Nothing is deleted here: every segment stays a row, and
flags say what it belongs to. Which flags keep a row out of a count is said in the host's
`nights/counts.py` alone.

A name is given in two steps: `name` looks at one segment, `relate` at two.
"""

from notturno_core import wire

VERSION = 12

# name -> (value, reason and source). "Ours": chosen on the tuning models of the synthetic sleeper.
RULES = (
    ("lm_least_ms", 500, "shortest LM (AASM v3, WASM 2016)"),
    ("lm_later_pct", 5, "and the least energy after so long: a kicked limb just rings; ours"),
    ("lm_short_ms", 690, "of a movement that is shorter; ours"),
    ("lm_short_pct", 8, "so much, for of it little more is left than ringing; ours"),
    ("lm_slow_dhz", 35, "a limb of fewer swings a second rings on for longer; ours"),
    ("low_pct", 530, "of the floor: of what is not above it only tips are seen; ours"),
    ("chain_ms", 500, "bursts with less silence between are one LM (offset rule, AASM, WASM)"),
    ("chain_bursts", 3, "two bursts so near are two jerks; ours"),
    ("series_ms", 1200, "weak ones with no more between are the strokes of one LM; ours"),
    ("series_bursts", 4, "so many; ours"),
    ("series_most_mg", 60, "as large as this they are jerks, however near; ours"),
    ("low_bursts", 2, "so many are enough if each is near the floor; ours"),
    ("pair_ms", 800, "two that the slow band sees and with no more between are its strokes; ours"),
    ("pair_ratio", 4, "what is so many times stronger is no stroke of it; ours"),
    ("chain_small_mg", 12, "least peak of an LM that the quick path alone saw; ours"),
    ("burst_lm_ms", 900, "a burst alone this long is a movement, not a jerk; ours"),
    ("large_least_ms", 3000, "large muscle group movement (Ferri 2021)"),
    ("large_most_ms", 45000, "and its longest (Ferri 2021)"),
    ("posture_deg", 20, "turn of gravity that makes a movement a posture change; ours"),
    ("jerk_small_mg", 4, "least peak that is told from a pulse at a limb; ours"),
    ("jerk_brief_ms", 35, "half a swing of the quickest limb, 14 Hz, lasts longer"),
    ("jerk_brief_mg", 8, "what is as brief and weaker is noise or the tip of a pulse; ours"),
    ("tip_ms", 45, "a single swing this brief and below twice the floor is its tip; ours"),
    ("jerk_sharp_per_s", 12, "least jerk over peak: a sine of 2 Hz has 12.6"),
    ("jerk_strong_mg", 60, "a mattress does not pass on so much: such a jerk may be slow; ours"),
    ("vibration_dhz", 270, "a limb answers at 2 to 14 Hz; a phone or a pump is quicker"),
    ("lm_small_mg", 9, "least peak in the slow band: some 15 mg at the sensor (Sicbaldi 2025)"),
    ("rhythm_least_beats", 4, "beats of a rhythm (HFLM: Yang and Winkelman 2010)"),
    ("rhythm_quick_beats", 7, "and if quicker than 2 Hz: a limb rings by itself; ours"),
    ("rhythm_quick_mhz", 2000, "see above"),
    ("clonic_mhz", 3000, "from here on clonic (3-8 Hz), below it leg rhythms (0.3-4 Hz)"),
    ("breath_mhz", 400, "legs beat at 0.4 to 3.7 Hz (Yang, Winkelman 2010), breaths below; ours"),
    ("machine_most_mg", 20, "a clonic rhythm this weak is a pump's, a quick movement a snore's"),
    ("sustained_ms", 120, "a limb's jerk fades: energy over squared peak is less; ours"),
    ("sustained_cycles", 3, "what stays strong so long was passed on, twice so long surely; ours"),
    ("passed_dhz", 40, "a weak movement of so many swings a second was passed on: a snore; ours"),
    ("sustained_most_mg", 25, "and is weak, for a mattress passes on no more; ours"),
    ("echo_ms", 800, "a weak burst so soon after a strong one is its echo; ours"),
    ("echo_ratio", 8, "so many times stronger; ours"),
    ("rhythm_small_mg", 6, "least peak of a rhythm; ours"),
    ("margin_ms", 300, "a burst this near to a movement belongs to it; ours"),
    ("weak_margin_ms", 1500, "if it is not much stronger than the movement; ours"),
    ("weak_pct", 400, "of the movement's peak, and less; ours"),
    ("turn_margin_ms", 2400, "a turn comes in several moves; ours"),
    ("belongs_pct", 50, "a movement of which so much lies in a rhythm is part of it; ours"),
    ("rhythm_fills_pct", 75, "a rhythm fills so much of the movement that holds it; ours"),
    ("rhythm_within_beats", 14, "fewer in a row within one movement are its own sway; ours"),
    (
        "rhythm_apart_beats",
        8,
        "so many even ones are a rhythm if each is a burst of its own; ours",
    ),
    ("sway_ms", 1500, "a movement this long may sway by itself; ours"),
    ("rhythm_sure_beats", 28, "so many in a row are a rhythm whatever holds them; ours"),
    ("rhythm_within_uneven_pct", 9, "as are beats less even than this; its third is even; ours"),
    ("mattress_most_mg", 30, "a mattress passes on no more; ours"),
    ("along_pct", 84, "of a push along gravity, or along another's line; by chance 50; ours"),
    ("upright_least", 4, "so many such pushes among few small ones: a mattress is heard; ours"),
    ("upright_few_pct", 50, "if they are this share of them; ours"),
    ("upright_many", 12, "or, of so many and more; ours"),
    ("upright_pct", 35, "this share; by chance it is 16; ours"),
    ("crowd_ms", 4000, "small bursts so near to each other are looked at together; ours"),
    ("crowd", 3, "so many are no jerks: a partner's movement, a lorry, a weak LM; ours"),
    ("crowd_long_ms", 30000, "and alike over a longer while: each breath's snore; ours"),
    ("crowd_long", 5, "so many; ours"),
    ("crowd_most_mg", 25, "larger ones are no part of a crowd; ours"),
    ("hold_ms", 18000, "how long a row waits for what comes after it"),
    ("dead_ms", 120, "what knocks at a band that nobody wears rings off sooner; ours"),
)
DEFAULTS = {rule: value for rule, value, _ in RULES}

# cos^2 of 0, 5, .. 90 degrees, q6
_COS2_Q6 = (64, 64, 62, 60, 57, 53, 48, 43, 38, 32, 26, 21, 16, 11, 7, 4, 2, 0, 0)
LM_MOST_MS = 10000  # no limb movement is longer (AASM v3, WASM 2016)
# What is as strong stays above the threshold for longer than what moves the limb: a limb rings off
# by 8 to 16 e-folds a second. Of a short one so much must be left after lm_least_ms; ours.
_RINGS_MG = 160
_RINGS_PCT = 14
# What is weaker, near to the floor, is not seen with each breath of a snore, nor each move of a
# partner: so many times crowd_long_ms, ten minutes, hold enough of them; ours.
_FAINT_MG = 10
_FAINT_TIMES = 20
KEPT = wire.FLAG_CLIPPED | wire.FLAG_AFTER_GAP | wire.FLAG_TRUNCATED
# Written once: a tuple of looked-up names is made anew, in the heap, each time it is asked for.
_HOLDERS = (wire.EVENT_LM, wire.EVENT_POSTURE, wire.EVENT_RHYTHM)
_LIMBS = (wire.EVENT_JERK, wire.EVENT_LM)
_NO_LM = wire.FLAG_TRUNCATED | wire.FLAG_SMALL | wire.FLAG_VIBRATION
_SEGMENTS = (wire.SOURCE_BURST, wire.SOURCE_MOVE)


def ms_of(samples, odr_mhz):
    """Return the length of some samples, ms."""
    return samples * 1000000 // odr_mhz


def _dot(a, b):
    """Return the scalar product; written out, for a generator takes memory for every row."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def turned(before, after, least_deg):
    """Say whether two directions (unit vectors, 1/127) differ by so much, 0 to 90 degrees."""
    dot = _dot(before, after) >> 4
    a = _dot(before, before) >> 4
    b = _dot(after, after) >> 4
    return dot < 0 or dot * dot * 64 < a * b * _COS2_Q6[min(90, least_deg) // 5]


def is_low(peak_mg, floor_q4_mg, rules):
    """Say whether so much is so near the floor that the most of a movement hides below it."""
    return peak_mg * 1600 < floor_q4_mg * rules["low_pct"]


def is_lm(values, odr_mhz, rules):
    """Say whether a segment is a limb movement and not the ringing of something brief."""
    lasts_ms = ms_of(values["move_samples"], odr_mhz)
    least_pct = rules["lm_short_pct" if lasts_ms < rules["lm_short_ms"] else "lm_later_pct"]
    swings_dhz = values["centre_dhz"]
    if swings_dhz >= 20:  # no limb answers at less (see vibration_dhz)
        # the slower the swings, the fewer of them have faded by then
        slower = rules["lm_later_pct"] + (rules["lm_slow_dhz"] - swings_dhz) // 2
        least_pct = max(least_pct, slower)
    if values["slow_peak_mg"] >= _RINGS_MG and lasts_ms < rules["lm_short_ms"]:
        least_pct = max(least_pct, _RINGS_PCT)
    return lasts_ms >= rules["lm_least_ms"] and values["later_pct"] >= least_pct


def name(values, odr_mhz, rules=DEFAULTS):
    """Give a segment its kind, its own flags and its confidence, in place.

    values: wire.EVENT_FIELDS, of which `flags` holds no more than KEPT. Its onset and its length
    are set to those of what it is called.
    """
    flags = values["flags"] & KEPT
    source = values["source"]
    if source == wire.SOURCE_RUN:
        kind = wire.EVENT_RHYTHM
        flags |= _of_rhythm(values, rules)
    elif source == wire.SOURCE_MOVE and is_lm(values, odr_mhz, rules):
        kind = wire.EVENT_LM
        _place(values, "move")
        flags |= _of_movement(values, odr_mhz, rules)
        if turned(values["posture_before_q7"], values["posture_after_q7"], rules["posture_deg"]):
            kind = wire.EVENT_POSTURE
            flags |= wire.FLAG_POSTURE_CHANGED
    elif source in _SEGMENTS:
        kind = wire.EVENT_JERK
        _place(values, "burst" if values["bursts"] else "move")
        flags |= _of_jerk(values, odr_mhz, rules)
        if ms_of(values["burst_samples"], odr_mhz) >= rules["burst_lm_ms"]:
            kind = wire.EVENT_LM
    else:
        return
    values["kind"] = kind
    values["flags"] = flags
    values["confidence_pct"] = _confidence_pct(values)


def _place(values, part):
    """Let the row begin and last as one of its parts does; the parts stay where they are."""
    shift = values[part + "_onset_samples"]
    values["onset_sample"] += shift
    values["duration_samples"] = values[part + "_samples"]
    values["burst_onset_samples"] -= shift
    values["move_onset_samples"] -= shift


def _of_rhythm(values, rules):
    flags = 0
    if values["rhythm_mhz"] >= rules["clonic_mhz"]:
        flags |= wire.FLAG_CLONIC_BAND
    if values["rhythm_mhz"] < rules["breath_mhz"]:
        flags |= wire.FLAG_VIBRATION
    if values["quick_peak_mg"] < rules["rhythm_small_mg"]:
        flags |= wire.FLAG_SMALL
    if (
        values["quick_peak_mg"] < rules["machine_most_mg"]
        and values["rhythm_mhz"] >= rules["clonic_mhz"]
    ):
        flags |= wire.FLAG_VIBRATION
    return flags


def _of_movement(values, odr_mhz, rules):
    flags = 0
    lasts_ms = ms_of(values["move_samples"], odr_mhz)
    if rules["large_least_ms"] <= lasts_ms <= rules["large_most_ms"]:
        flags |= wire.FLAG_LARGE
    if values["morph_ms"] * 2 < rules["lm_least_ms"]:
        flags |= wire.FLAG_NO_MORPHOLOGY
    slow = values["slow_peak_mg"]
    if not slow and values["centre_dhz"] > rules["vibration_dhz"]:
        flags |= wire.FLAG_VIBRATION
    if slow and slow < rules["lm_small_mg"]:
        flags |= wire.FLAG_SMALL
    if values["quick_peak_mg"] < rules["machine_most_mg"]:
        swings, burst_ms = values["cycles"], ms_of(values["burst_samples"], odr_mhz)
        quick = swings * 10000 >= rules["passed_dhz"] * burst_ms
        quick = quick and swings >= 2 * rules["sustained_cycles"]
        # of strokes that were made one it is a stroke's own
        if quick or (slow and values["centre_dhz"] >= rules["passed_dhz"]):
            flags |= wire.FLAG_VIBRATION
    if not slow and values["quick_peak_mg"] < rules["chain_small_mg"]:
        flags |= wire.FLAG_SMALL
    return flags


def _of_jerk(values, odr_mhz, rules):
    flags = 0
    peak_mg = max(values["peak_mg"], values["quick_peak_mg"])
    burst_ms = ms_of(values["burst_samples"], odr_mhz)
    small = "jerk_small_mg"
    if values["bursts"]:
        if burst_ms < rules["jerk_brief_ms"]:
            small = "jerk_brief_mg"
        if burst_ms < rules["tip_ms"] and values["cycles"] < 2:
            if values["quick_peak_mg"] * 8 < values["floor_q4_mg"]:
                flags |= wire.FLAG_SMALL
    if peak_mg < rules[small]:
        flags |= wire.FLAG_SMALL
    if peak_mg < rules["jerk_strong_mg"]:
        # what only a sum's quick high-pass saw is quick, however little is known of its steps
        if values["bursts"] or not values["quick_peak_mg"]:
            if values["peak_jerk_mg_per_s"] < peak_mg * rules["jerk_sharp_per_s"]:
                flags |= wire.FLAG_SLOW
        if values["centre_dhz"] > rules["vibration_dhz"]:
            flags |= wire.FLAG_VIBRATION
    if values["cycles"] >= rules["sustained_cycles"]:
        # of what is faint the cycles still show; its energy is lost in that of the noise
        long = values["effective_ms"] >= rules["sustained_ms"]
        long = long or values["cycles"] >= 2 * rules["sustained_cycles"]
        if values["quick_peak_mg"] < rules["sustained_most_mg" if long else "jerk_brief_mg"]:
            flags |= wire.FLAG_VIBRATION
    return flags


def _confidence_pct(values):
    """Return how clear it is: 50 at 4 x the floor, 10 more for each doubling, at most 99."""
    peak_q4_mg = max(values["quick_peak_mg"], values["slow_peak_mg"]) * 16
    ratio = peak_q4_mg * 3 // max(1, values["floor_q4_mg"])  # the floor is of blocks' largest
    confidence = 30
    while ratio > 1:
        confidence += 10
        ratio >>= 1
    return min(99, confidence)


# How far apart two rows may be that `relate` knows of.
MARGINS = ("margin_ms", "weak_margin_ms", "turn_margin_ms", "echo_ms")


def relate(values, other, odr_mhz, rules=DEFAULTS):
    """Return the flags that `other` gives to `values`; both are named rows."""
    kind, by = values["kind"], other["kind"]
    if kind == by == wire.EVENT_JERK:
        return _echo(values, other, odr_mhz, rules)
    if by not in _HOLDERS:
        return 0
    if other["flags"] & wire.FLAG_VIBRATION and (by == wire.EVENT_RHYTHM or kind in _LIMBS):
        if is_strong(values, rules):
            return 0  # what comes through the bed does not hold it
        if by == wire.EVENT_RHYTHM and kind == wire.EVENT_JERK:
            if 2 * values["quick_peak_mg"] <= other["quick_peak_mg"]:
                return 0  # nor what is not like its beats
    first, last = values["onset_sample"], values["onset_sample"] + values["duration_samples"]
    begin, end = other["onset_sample"], other["onset_sample"] + other["duration_samples"]
    margin_ms = rules["turn_margin_ms" if by == wire.EVENT_POSTURE else "margin_ms"]
    if by == wire.EVENT_LM and (
        values["quick_peak_mg"] * 100 < other["quick_peak_mg"] * rules["weak_pct"]
    ):
        margin_ms = rules["weak_margin_ms"]
    margin = margin_ms * odr_mhz // 1000000
    if first > end + margin or last < begin - margin:
        return 0
    shared = (min(last, end) - max(first, begin)) * 100
    part, whole = rules["belongs_pct"] * (last - first), rules["rhythm_fills_pct"] * (end - begin)
    shakes = by == wire.EVENT_RHYTHM or other["cycles"] >= 2 * rules["sustained_cycles"]
    # what lasts twice as long as any limb movement is none
    shakes = shakes or ms_of(end - begin, odr_mhz) > 2 * LM_MOST_MS
    if shakes and kind == wire.EVENT_JERK:
        if values["quick_peak_mg"] >= rules["pair_ratio"] * other["quick_peak_mg"]:
            return 0  # no beat of it, and no stroke of what shakes on as a snore does
    if kind == wire.EVENT_JERK:
        return wire.FLAG_IN_RHYTHM if by == wire.EVENT_RHYTHM else wire.FLAG_IN_LM
    if kind == wire.EVENT_LM and by == wire.EVENT_POSTURE:
        return wire.FLAG_POSTURE_CHANGED
    if kind == by == wire.EVENT_POSTURE:  # who turns in several moves has turned once
        return wire.FLAG_IN_LM if (first, -last) > (begin, -end) else 0
    if kind == by == wire.EVENT_LM:
        # a limb that is held is still: what follows it as closely as its bursts do is its end
        return wire.FLAG_IN_LM if begin < first and not other["flags"] & _NO_LM else 0
    if kind == wire.EVENT_LM and by == wire.EVENT_RHYTHM:
        own_sway = relate(other, values, odr_mhz, rules)
        return wire.FLAG_IN_RHYTHM if shared >= part and not own_sway else 0
    if kind == wire.EVENT_RHYTHM and by == wire.EVENT_RHYTHM:
        return wire.FLAG_IN_RHYTHM if shared >= part and _lesser(values, other) else 0
    if kind == wire.EVENT_RHYTHM and shared > 0:
        # the sway of one movement holds a few beats that are nearly even
        if values["cycles"] >= rules["rhythm_sure_beats"]:
            return 0
        if values["uneven_pct"] * 3 <= rules["rhythm_within_uneven_pct"]:
            # no sway is so even: all of the movement beats, or several do, one after the other
            if shared >= whole and values["cycles"] >= rules["rhythm_apart_beats"]:
                return 0
            if shared < part and values["cycles"] > rules["rhythm_least_beats"]:
                return 0
        too_long = ms_of(end - begin, odr_mhz) > LM_MOST_MS
        if by == wire.EVENT_LM and shared >= whole and too_long:
            # beats of legs, at 1 to 2 Hz and many, for a body sways twice in sway_ms at most
            beats, lasts_ms = values["beats"], ms_of(last - first, odr_mhz)
            quick = beats * rules["sway_ms"] >= 2 * lasts_ms
            slow = beats * 1000000 < rules["rhythm_quick_mhz"] * lasts_ms
            many = beats * shared > rules["rhythm_within_beats"] * 100 * (last - first)
            if quick and slow and many:
                return 0
        uneven = values["uneven_pct"] > rules["rhythm_within_uneven_pct"]
        if values["cycles"] >= rules["rhythm_apart_beats"] and not uneven:
            # beats that are bursts or movements of their own, and no sway of one
            if shared >= whole and other["bursts"] >= values["beats"]:
                return 0
            if shared < part and values["cycles"] >= values["beats"]:
                return 0
        if values["cycles"] < rules["rhythm_within_beats"]:
            return wire.FLAG_IN_LM
        long = ms_of(end - begin, odr_mhz) >= rules["sway_ms"]
        if part <= shared < whole or (uneven and (long or shared >= part)):
            return wire.FLAG_IN_LM
    return 0


def _lesser(values, other):
    """Say which of two rhythms at one time is part of the other: the one of fewer beats."""
    mine = (values["beats"], values["duration_samples"], other["onset_sample"])
    return mine < (other["beats"], other["duration_samples"], values["onset_sample"])


def _echo(values, other, odr_mhz, rules):
    after_ms = ms_of(values["onset_sample"] - other["onset_sample"], odr_mhz)
    weak = values["quick_peak_mg"] * rules["echo_ratio"] <= other["quick_peak_mg"]
    return wire.FLAG_IN_LM if 0 <= after_ms <= rules["echo_ms"] and weak else 0


def let_go(values, move, first, odr_mhz, rules=DEFAULTS):
    """Say whether a movement takes back what an earlier one did: a limb was held in between.

    It pushes the other way, and gravity lay elsewhere before it than before the first of both, and
    again as then after it; a jerk swings back by itself. values: the row; move: of its slow part.
    """
    here, there = values["slow_peak_mg"], first["slow_peak_mg"]
    if max(here, there) >= rules["pair_ratio"] * min(here, there):
        return False
    begin = first["onset_sample"] + min(0, first["move_onset_samples"])
    end = move["onset_sample"] + move["move_onset_samples"] + move["move_samples"]
    if ms_of(end - begin, odr_mhz) > LM_MOST_MS:
        return False
    way = values["direction_q7"]
    if _dot(way, first["direction_q7"]) * 100 > -16129 * rules["along_pct"]:
        return False
    lay = _dot(way, first["posture_before_q7"])
    tilt = abs(_dot(way, values["posture_before_q7"]) - lay)
    # 12 mg at least: a breath tilts a limb by less
    return tilt >= 200 and 2 * abs(_dot(way, move["posture_after_q7"]) - lay) <= tilt


def crowd(values, rows, odr_mhz, rules=DEFAULTS):
    """Return the flag of a small burst among many others: FLAG_VIBRATION or 0."""
    if not may_crowd(values, rules):
        return 0
    reach = rules["crowd_ms"] * odr_mhz // 1000000
    far = rules["crowd_long_ms"] * odr_mhz // 1000000
    near, others, line_pct, mg = 1, 1, 0, values["quick_peak_mg"]
    # what is faint may be a snore of which few breaths are seen: it is looked at over minutes
    faint = mg < _FAINT_MG and values["kind"] == wire.EVENT_JERK
    long, many, many_pct, own_pct = far * _FAINT_TIMES if faint else far, 1, 0, 0
    for other in rows:
        apart = abs(other["onset_sample"] - values["onset_sample"])
        if apart > far and apart > reach and not faint:
            continue  # as most times: too far away to say anything
        if other is not values and may_crowd(other, rules):
            near += apart <= reach
            # a snore is about as strong with each breath, and twitches of muscles are not
            alike = mg < 2 * other["quick_peak_mg"] and other["quick_peak_mg"] < 2 * mg
            if alike and apart <= long:
                along = along_pct(values, other["direction_q7"])
                many += 1
                many_pct += along
                if apart <= far:
                    others += 1
                    line_pct += along
        elif faint and other["kind"] in _LIMBS and other is not values:
            # two thirds along, as a line is told from chance above
            own_pct += 3 * along_pct(values, other["direction_q7"]) - 200
    # A row of bursts alone; of what the slow band sees as well, more than a series has: PLM are
    # 5 s apart at least (AASM, WASM).
    bursts = values["kind"] == wire.EVENT_JERK or not values["slow_peak_mg"]
    # A bed passes on along one line, and muscles twitch along any: of two such, half of one lies
    # along the other. Near the floor the line is the noise's.
    one_line = 2 * line_pct >= (others - 1) * (50 + rules["along_pct"])
    one_line = one_line or is_low(2 * mg, values["floor_q4_mg"], rules)
    least = rules["crowd_long" if bursts else "upright_many"]
    crowded = one_line and others >= least
    crowded = crowded or near >= rules["crowd"]
    if faint and many >= rules["upright_least"]:
        # a limb on a hinge twitches along one line too, and its strong moves lie along that
        one_line = own_pct <= 0 and many_pct >= (many - 1) * rules["along_pct"]
        crowded = crowded or one_line
    return wire.FLAG_VIBRATION if crowded else 0


def is_strong(values, rules=DEFAULTS):
    """Say whether a row is stronger than what a mattress passes on."""
    return max(values["quick_peak_mg"], values["slow_peak_mg"]) >= rules["mattress_most_mg"]


def mattress_heard(rows, rules=DEFAULTS, values=None):
    """Say whether another body is felt through the bed: a mattress pushes along gravity.

    A limb's own small movements point as its strong ones do, which no mattress passes on; where
    many more of them point up or down, somebody else moves. values: the row that is asked for,
    which is no witness against itself.
    """
    small, upright, strong, own = 0, 0, 0, 0
    for row in rows:
        if row["kind"] in _LIMBS and row is not values:
            along = along_pct(row, row["posture_before_q7"]) >= rules["along_pct"]
            if is_strong(row, rules):
                strong += 1
                own += along
            else:
                small += 1
                upright += along
    # of few strong ones a share says little
    upright -= small * own // max(strong, rules["upright_many"])
    most = upright * 100 >= small * rules["upright_few_pct"]
    if most and upright >= rules["upright_least"]:
        return True
    return upright * 100 >= max(small, rules["upright_many"]) * rules["upright_pct"]


def by_mattress(values, rules=DEFAULTS):
    """Return the flag of what a mattress passed on, where one is heard: FLAG_VIBRATION or 0."""
    if values["kind"] not in _LIMBS:
        return 0
    upright = along_pct(values, values["posture_before_q7"]) >= rules["along_pct"]
    return wire.FLAG_VIBRATION if upright and not is_strong(values, rules) else 0


def along_pct(values, other):
    """Return how much of the largest acceleration lies along a unit vector, 1/127: 0 to 100."""
    return abs(_dot(values["direction_q7"], other)) * 100 // 16129


def may_crowd(values, rules):
    """Say whether a row may be one of many small ones: a burst, or a few that were made one."""
    if values["kind"] not in _LIMBS or values["quick_peak_mg"] >= rules["crowd_most_mg"]:
        return False
    return True


def rename(rows, odr_mhz, rules=DEFAULTS):
    """Return all rows of one recording, named anew, in the same order.

    rows: dicts by wire.EVENT_FIELDS, of layout 3; they are left as they are. What the whole
    recording says is known here, so that a context also holds what was final before it was seen.
    """
    out, moves, found = [], [], {}  # filled by one loop: a comprehension takes heap on the band
    ends = []
    spans = {wire.EVENT_AWAKE: wire.FLAG_IN_AWAKE, wire.EVENT_NOT_WORN: wire.FLAG_VIBRATION}
    for row in rows:
        row = dict(row)
        name(row, odr_mhz, rules)
        out.append(row)
        if row["source"] != wire.SOURCE_CONTEXT:
            moves.append(row)
            found[id(row)] = 0
    moves.sort(key=_onset)
    margin = rules["turn_margin_ms"] * odr_mhz // 1000000
    for other in out:
        if (
            other["kind"] != wire.EVENT_JERK
            and other["kind"] not in _HOLDERS
            and other["kind"] not in spans
        ):
            continue
        begin = other["onset_sample"] - margin
        end = other["onset_sample"] + other["duration_samples"] + margin
        for row in _near(moves, begin - _LONGEST_MS * odr_mhz // 1000000, end):
            if row is other or row["onset_sample"] + row["duration_samples"] < begin:
                continue
            if row["kind"] == other["kind"] == wire.EVENT_LM:
                ends.append((row, other))  # asked when all is known of both
            elif other["kind"] not in spans:
                found[id(row)] |= relate(row, other, odr_mhz, rules)
            elif _within(row, other):
                found[id(row)] |= spans[other["kind"]]
    far = rules["crowd_long_ms"] * odr_mhz // 1000000
    for row in moves:
        passed_on = (row["flags"] | found[id(row)]) & wire.FLAG_VIBRATION
        if not passed_on and may_crowd(row, rules):  # a crowd says no more than that
            reach = far * _FAINT_TIMES if row["quick_peak_mg"] < _FAINT_MG else far
            around = _near(moves, row["onset_sample"] - reach, row["onset_sample"] + reach)
            found[id(row)] |= crowd(row, around, odr_mhz, rules)
    heard = None
    for row in moves:
        row["flags"] |= found[id(row)]
        flag = by_mattress(row, rules)
        if flag and heard is None:  # what is heard beside one of them is heard beside each
            heard = mattress_heard(moves, rules, row)
        if flag and heard:
            row["flags"] |= flag
    for row, other in ends:
        row["flags"] |= relate(row, other, odr_mhz, rules)
    return out


# Rows that last longer are not looked for from behind. No rule: movements are cut before, and what
# holds so long a rhythm is none of the things that hold one.
_LONGEST_MS = 200000


def _onset(row):
    return row["onset_sample"]


def _within(row, span):
    last = span["onset_sample"] + span["duration_samples"]
    return row["onset_sample"] + row["duration_samples"] >= span["onset_sample"] and (
        row["onset_sample"] < last
    )


def _near(rows, first, last):
    """Return those of the rows, which are in order, that begin in first..last."""
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if rows[middle]["onset_sample"] < first:
            low = middle + 1
        else:
            high = middle
    end = low
    while end < len(rows) and rows[end]["onset_sample"] <= last:
        end += 1
    return rows[low:end]
