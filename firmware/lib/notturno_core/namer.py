"""The stream of rows: segments in, provisional and final events out. Holds what still waits.

Touches its arguments alone. In: facts of `segments`, in the order in which they were closed. Out:
("provisional" | "final" | "minute", dict of wire fields, sample at which it was known). What a row
is called is said in `names`, how beats make a run in `runs`, contexts in `contexts`; here: when.

A row is given at once as provisional, and again as final once `hold_ms` have passed since its end,
under the same number; what it belongs to is known by then.
"""

from notturno_core import contexts, names, rhythms, segments, wire

PROVISIONAL, FINAL, MINUTE = "provisional", "final", "minute"
# Bounds of memory, and no rules; but a mattress is heard in as many rows as are kept.
_MOST_RECENT = 48  # final rows kept to relate others to: more than one a second of 30 s
_MOST_INSIDE = 12  # bursts kept apart within a movement; beyond, the weakest is only counted
RULES = names.RULES + contexts.RULES
DEFAULTS = names.DEFAULTS  # one dict for both, for a second takes a kilobyte of a small heap
DEFAULTS.update({rule: value for rule, value, _ in contexts.RULES})
_SOURCES = (wire.SOURCE_BURST, wire.SOURCE_MOVE)
_OF_BURST = ("cycles", "centre_dhz", "quick_peak_mg", "peak_jerk_mg_per_s", "direction_q7")
# What others ask of a row that is final, in the order in which it is kept.
_REMEMBERED = _OF_BURST + (
    "kind",
    "flags",
    "source",
    "onset_sample",
    "duration_samples",
    "peak_mg",
    "slow_peak_mg",
    "posture_before_q7",
    "posture_after_q7",
    "floor_q4_mg",
    "beats",
    "bursts",
    "cycles",
    "uneven_pct",
)
_PLACE = {field: place for place, field in enumerate(_REMEMBERED)}
# Without `layout`, which `pack_event` fills in: 29 fields fill the VM's table, one more takes 64 B
# of each row that waits.
_EMPTY = {
    field: 0
    for field, code in wire.EVENT_FIELDS
    if code[0] not in "0123456789" and field != "layout"
}


class _Final:
    """What is kept of a final row: asked as a table is, in three fifths of a table's memory."""

    def __init__(self, values):
        self.kept = tuple([values[field] for field in _REMEMBERED])

    def __getitem__(self, field):
        return self.kept[_PLACE[field]]


class Namer:
    """One recording's names. rules: name -> value, names as in DEFAULTS."""

    remember = _Final  # makes of a final row what is kept of it; where memory is plenty, `dict`

    def __init__(self, odr_mhz, rules=DEFAULTS):
        self._odr_mhz = odr_mhz
        self._rules = rules
        self._margin = rules["margin_ms"] * odr_mhz // 1000000
        self._hold = rules["hold_ms"] * odr_mhz // 1000000
        # no relation reaches further back than the longest of its margins
        reach_ms = max([rules[margin] for margin in names.MARGINS])
        self._reach = (reach_ms + 1) * odr_mhz // 1000000 + 1
        self._witnesses = rhythms.Witnesses(odr_mhz, rules)
        self._awake = contexts.Awake(odr_mhz, rules)
        self._not_worn = contexts.NotWorn(rules)
        self._inside = []  # bursts of the movement that is open
        self._bursts_inside = 0
        self._opened = None  # its onset
        self._pending = []
        self._recent = []
        self._passed = 0  # so many of them, the first ones, all ended by the sample `_ends`
        self._ends = 0
        self._number = 0
        self._before = None  # (last sample, gravity after) of the last movement
        self._counts = [0, 0]
        self._out = []
        self._now = 0

    # --- in -------------------------------------------------------------------------------------

    def feed(self, found):
        """Take the facts of one row; return what is known now: a list of (what, values)."""
        self._flush(found["closed_sample"])
        self._now = found["closed_sample"]
        row = found["row"]
        if row == segments.ROW_BURST:
            self._burst(found)
        elif row == segments.ROW_OPEN:
            self._opened = found["onset_sample"]
        elif row == segments.ROW_MOVE:
            self._move(found)
        elif row == segments.ROW_BEATS:
            self._beats(found)
        else:
            self._minute(found)
        return self._taken()

    def advance(self, now):
        """Say that `now` samples have been seen and their rows fed; return what is final."""
        self._flush(now)
        return self._taken()

    def is_due(self, now):
        """Say whether `advance` has anything to do. Asked at every drain: it takes no memory."""
        due = self._next_due()
        return due is not None and due <= now

    def finish(self, now):
        """Return all that waits; the recording ends here."""
        self._stopped(self._witnesses.end())
        self._flush(now)
        self._flush(1 << 30)
        self._context(wire.EVENT_AWAKE, self._awake.end())
        self._context(wire.EVENT_NOT_WORN, self._not_worn.end(now))
        return self._taken()

    def gap(self):
        """Forget what spans lost samples: beats before and after are no run."""
        self._stopped(self._witnesses.end())
        self._before = None
        return self._taken()

    def next_number(self):
        """Return the number of the next row; each is given once, modulo 65536."""
        number = self._number
        self._number = (number + 1) & 0xFFFF
        return number

    def _taken(self):
        out, self._out = self._out, []
        return out

    # --- segments -------------------------------------------------------------------------------

    def _values(self, found, source):
        values = dict(_EMPTY)
        for field in found:
            if field in values or field in _REMEMBERED:  # is of wire.EVENT_FIELDS
                values[field] = found[field]
        flags = wire.FLAG_CLIPPED if found.get("clipped") else 0
        if found.get("cut"):
            flags |= wire.FLAG_TRUNCATED
        values["flags"] = flags
        values["source"] = source
        return values

    def _burst(self, found):
        values = self._values(found, wire.SOURCE_BURST)
        values["bursts"] = 1
        values["burst_samples"] = min(65535, found["duration_samples"])
        inside = self._opened is not None
        if inside and found["end_sample"] >= self._opened - self._margin:
            self._bursts_inside += 1
            self._inside.append(values)
            if len(self._inside) > _MOST_INSIDE:
                self._inside.remove(min(self._inside, key=_strength))
        else:
            self._pend(values)
            self._chain(values)

    def _chain(self, values):
        """Make bursts that follow each other within the LM's silence one LM: its offset rule.

        Many weak ones may be further apart: of a weak movement only the strokes are seen.
        """
        rules = self._rules
        first, bursts = self._linked(values, rules["series_ms"])
        if len(bursts) < rules["low_bursts"]:
            return  # as most times: no number is less, and no memory is taken for the rest
        near = self._linked(values, rules["chain_ms"])
        if sum([row["bursts"] for row in near[1]]) < rules["chain_bursts"]:
            # two strokes of a weak LM, of which the slow band saw one
            near = self._linked(values, rules["pair_ms"])
            if (
                len(near[1]) != 2
                or self._witnesses.limb.on
                or not any([row["slow_peak_mg"] for row in near[1]])
                or max([row["quick_peak_mg"] for row in near[1]]) >= rules["series_most_mg"]
            ):
                near = None
        if near is not None:
            first, bursts = near
        else:
            peak_mg = max([row["quick_peak_mg"] for row in bursts])
            low = names.is_low(peak_mg, values["floor_q4_mg"], rules)
            if (
                sum([row["bursts"] for row in bursts])
                < rules["low_bursts" if low else "series_bursts"]
            ):
                return
            if not low and peak_mg >= rules["series_most_mg"]:
                return
        if first["source"] in _SOURCES:
            self._make_one(first, values, bursts)

    def _linked(self, values, apart_ms):
        """Return the first of the bursts that lead to this one, and all of them.

        One that is many times stronger is a movement of its own, among what is weak or its echo.
        """
        quiet = apart_ms * self._odr_mhz // 1000000
        first, bursts = values, []
        for row in reversed(self._pending):
            if row["bursts"] == 0 or row["source"] == wire.SOURCE_RUN:
                continue
            if row["slow_peak_mg"] and row["source"] == wire.SOURCE_MOVE:
                continue
            if first["onset_sample"] - row["onset_sample"] - row["duration_samples"] > quiet:
                break
            here_mg, there_mg = values["quick_peak_mg"], row["quick_peak_mg"]
            if max(here_mg, there_mg) >= self._rules["pair_ratio"] * min(here_mg, there_mg):
                break
            first = row
            bursts.append(row)
        return first, bursts

    def _make_one(self, first, values, bursts):
        begin, end = first["onset_sample"], values["onset_sample"] + values["duration_samples"]
        for row in bursts:
            if row["slow_peak_mg"]:  # the slow band saw more of it
                moved = row["onset_sample"] + row["move_onset_samples"]
                begin, end = min(begin, moved), max(end, moved + row["move_samples"])
        effective_ms = sum([row["effective_ms"] for row in bursts])
        first["source"] = wire.SOURCE_MOVE
        first["move_samples"] = min(65535, end - begin)
        first["move_onset_samples"] = begin - first["onset_sample"]
        first["bursts"] = min(255, sum([row["bursts"] for row in bursts]))
        first["effective_ms"] = min(65535, effective_ms)
        first["morph_ms"] = min(500, effective_ms)
        # strokes that follow each other are no ringing, if they go on
        goes_on = names.ms_of(end - begin, self._odr_mhz) >= self._rules["lm_short_ms"]
        first["later_pct"] = 100 if goes_on else 0
        for field in ("quick_peak_mg", "peak_mg", "peak_jerk_mg_per_s"):
            first[field] = max(first[field], values[field])
        names.name(first, self._odr_mhz, self._rules)

    def _move(self, found):
        values = self._values(found, wire.SOURCE_MOVE)
        values["move_samples"] = min(65535, found["duration_samples"])
        before = self._before
        if before and found["onset_sample"] - before[0] < self._hold:
            values["posture_before_q7"] = before[1]  # gravity has not come to rest in between
        self._before = (found["end_sample"], values["posture_after_q7"])
        inside, self._inside = self._inside, []
        count, self._bursts_inside = self._bursts_inside, 0
        self._opened = None
        begin = found["onset_sample"] - self._margin
        earlier = [
            row
            for row in self._pending
            if row["source"] in _SOURCES
            and row["slow_peak_mg"] == 0
            and row["onset_sample"] + row["duration_samples"] >= begin
        ]
        bursts = inside + earlier
        upon = self._upon(values, bursts)
        for burst in upon:
            bursts.remove(burst)
        values["bursts"] = min(255, count + len(earlier) - len(upon))
        values["burst_samples"] = max((b["burst_samples"] for b in bursts), default=0)
        rules, best = self._rules, max(bursts, key=_strength, default=values)
        values["centre_dhz"] = best["centre_dhz"]
        # of a movement near the floor tips are seen; how long it goes on is said by its energy
        low = names.is_low(best["quick_peak_mg"], best["floor_q4_mg"], rules)
        if low and values["slow_peak_mg"] >= rules["machine_most_mg"]:
            if values["later_pct"] >= 2 * rules["lm_short_pct"]:
                least = rules["lm_least_ms"] * self._odr_mhz // 1000000 + 1
                values["move_samples"] = max(values["move_samples"], least)
        is_lm = names.is_lm(values, self._odr_mhz, rules)
        # What ends it and lasts no LM's time, far stronger than what shook on before, as a snore
        # does, is a jerk upon that: no part of a limb movement.
        lasts = values["onset_sample"] + values["move_samples"] - best["onset_sample"]
        if is_lm and names.ms_of(lasts, self._odr_mhz) < rules["lm_least_ms"]:
            swings, alike = 0, False
            for row in bursts:
                if row is not best:
                    swings += row["cycles"]
                    if best["quick_peak_mg"] < rules["pair_ratio"] * row["quick_peak_mg"]:
                        alike = True
            is_lm = alike or swings < 2 * rules["sustained_cycles"]
        if is_lm:
            _join(values, bursts)
            number = None
            if earlier and earlier[0] not in upon:
                number = earlier[0]["number"]
                self._pending.remove(earlier[0])
            self._pend(values, number)
            for burst in upon:
                if burst not in earlier:
                    self._pend(burst)
            return
        if not bursts:
            self._pend(values)
            return
        for field in ("slow_peak_mg", "move_samples", "morph_ms", "later_pct"):
            best[field] = values[field]
        best["move_onset_samples"] = _fit(values["onset_sample"] - best["onset_sample"])
        self._held(best, values)
        for burst in inside:
            self._pend(burst)
        self._chain((inside or earlier)[-1])

    def _upon(self, values, bursts):
        """Return the jerks upon what shakes on for longer than any limb moves: a machine, a noise.

        Each is stronger than what a mattress passes on, and many times stronger than all that is
        no such jerk. Of the movement's slow peak, which is theirs, no more is left than of it.
        """
        rest_mg = 1 << 15
        if names.ms_of(values["move_samples"], self._odr_mhz) > 2 * names.LM_MOST_MS:
            bursts = sorted(bursts, key=_strength)
            for burst in bursts:
                if burst["quick_peak_mg"] >= self._rules["pair_ratio"] * rest_mg:
                    if names.is_strong(burst, self._rules):
                        values["slow_peak_mg"] = min(values["slow_peak_mg"], rest_mg)
                        values["peak_mg"] = rest_mg
                        return bursts[bursts.index(burst) :]
                rest_mg = burst["quick_peak_mg"]
        return ()

    def _held(self, values, move):
        """Make one LM of the stroke that lifted a limb and of `values`, if it let the limb go.

        Return whether it did. Who is awake moves to and fro by will: no LM of sleep is made of it.
        """
        if self._awake.onset is not None:
            return False
        for row in reversed(self._pending):
            if row["source"] in _SOURCES and row["slow_peak_mg"] and row is not values:
                if row["kind"] == wire.EVENT_POSTURE:
                    return False
                if names.let_go(values, move, row, self._odr_mhz, self._rules):
                    row["posture_after_q7"] = move["posture_after_q7"]
                    self._make_one(row, values, [row, values])
                    return True
        return False

    def _beats(self, found):
        if found["more"]:
            self._stopped(self._witnesses.end(cycles_alone=True))
        self._stopped(self._witnesses.add(found["cycles"], found["beats"], found["peak_mg"]))
        for rhythm in self._witnesses.both:
            if rhythm.on and rhythm.row is None and rhythm.number is None:
                self._begun(rhythm)

    def _begun(self, rhythm):
        """Give the provisional row of a rhythm that goes on: its end is known seconds later."""
        said = self._witnesses.told(rhythm)
        if not self._enough(said):
            return
        rhythm.number = self.next_number()
        values = self._of_rhythm(said)
        values["number"] = rhythm.number
        names.name(values, self._odr_mhz, self._rules)
        values["flags"] |= self._flags_of(values) | wire.FLAG_PROVISIONAL
        self._out.append((PROVISIONAL, values, self._now))

    def _enough(self, said):
        quick = said["rhythm_mhz"] >= self._rules["rhythm_quick_mhz"]
        return not quick or said["cycles"] >= self._rules["rhythm_quick_beats"]

    def _stopped(self, stopped):
        """Let the rows of rhythms that stopped wait, or grow if they wait already."""
        for rhythm in stopped:
            said = self._witnesses.told(rhythm)
            if rhythm.row is not None:
                rhythm.row.update(self._of_rhythm(said, rhythm.row["number"]))
                names.name(rhythm.row, self._odr_mhz, self._rules)
            elif rhythm.number is not None or self._enough(said):
                rhythm.row = self._of_rhythm(said)
                self._pend(rhythm.row, rhythm.number, told=rhythm.number is not None)

    def _of_rhythm(self, said, number=0):
        """Return the row of a rhythm, not named yet."""
        last = said["onset_sample"] + said["duration_samples"]
        within = [
            row
            for row in self._recent + self._pending + self._inside
            if row["source"] != wire.SOURCE_RUN
            and row["quick_peak_mg"] < self._rules["pair_ratio"] * said["quick_peak_mg"]
            and row["onset_sample"] <= last
            and row["onset_sample"] + row["duration_samples"] >= said["onset_sample"]
        ]
        values = dict(_EMPTY)
        for field in ("direction_q7", "posture_before_q7", "posture_after_q7"):
            values[field] = (0, 0, 0)
        values["peak_mg"] = said["quick_peak_mg"]
        if within:
            best = max(within, key=_strength)
            for field in _OF_BURST + ("posture_before_q7", "floor_q4_mg", "peak_mg"):
                values[field] = best[field]
            values["posture_after_q7"] = best["posture_after_q7"]
            values["slow_peak_mg"] = max(row["slow_peak_mg"] for row in within)
        values.update(said)
        values["flags"] = 0
        values["source"] = wire.SOURCE_RUN
        values["bursts"] = min(255, len(within))
        values["duration_samples"] += self._odr_mhz // max(1, said["rhythm_mhz"]) // 2
        values["number"] = number
        return values

    # --- names ----------------------------------------------------------------------------------

    def _pend(self, values, number=None, told=False):
        """Let a row wait, named; give it as provisional, unless listeners have been told of it.

        A movement that lets go what an earlier one holds is a part of that, as its bursts are.
        """
        names.name(values, self._odr_mhz, self._rules)
        held = False
        if number is None:
            held = values["source"] == wire.SOURCE_MOVE and self._held(values, values)
            number = 0 if held else self.next_number()
        values["number"] = number
        flags = self._flags_of(values)
        if values["move_samples"] and values["kind"] != wire.EVENT_RHYTHM:
            if not flags & wire.FLAG_IN_RHYTHM:
                self._awake.add(values)
        if not _is_knock(values, self._odr_mhz, self._rules):
            self._context(wire.EVENT_NOT_WORN, self._not_worn.limb(values["onset_sample"]))
        if held:
            return
        self._pending.append(values)
        if told:
            return
        given = dict(values)
        given["flags"] |= flags | wire.FLAG_PROVISIONAL
        if values["kind"] == wire.EVENT_JERK:
            self._counts[0] += 1
        elif values["kind"] == wire.EVENT_LM:
            self._counts[1] += 1
        self._out.append((PROVISIONAL, given, self._now))

    def _flags_of(self, values):
        flags = 0
        since = values["onset_sample"] - self._reach
        recent = self._recent
        for k in range(self._passed if since > self._ends else 0, len(recent)):
            other = recent[k]
            end = other["onset_sample"] + other["duration_samples"]
            if end >= since:
                flags |= names.relate(values, other, self._odr_mhz, self._rules)
            elif k == self._passed:
                self._passed += 1
                self._ends = max(self._ends, end)
        for other in self._pending:
            if other["onset_sample"] + other["duration_samples"] >= since:
                if other is not values:
                    flags |= names.relate(values, other, self._odr_mhz, self._rules)
        if not (flags | values["flags"]) & wire.FLAG_VIBRATION:  # neither says more than that
            by_mattress = names.by_mattress(values, self._rules)
            if by_mattress or names.may_crowd(values, self._rules):
                around = recent + self._pending
                flags |= names.crowd(values, around, self._odr_mhz, self._rules)
                if by_mattress and not flags & wire.FLAG_VIBRATION:
                    if names.mattress_heard(around, self._rules, values):
                        flags |= by_mattress
        last = values["onset_sample"] + values["duration_samples"]
        if values["kind"] == wire.EVENT_JERK:
            if self._opened is not None and last >= self._opened - self._margin:
                flags |= wire.FLAG_IN_LM
        for rhythm in self._witnesses.both:
            if rhythm.on:
                flags |= self._by_open(values, rhythm)
        if self._awake.onset is not None and last >= self._awake.onset:
            if values["onset_sample"] <= self._awake.last:
                flags |= wire.FLAG_IN_AWAKE
        if self._not_worn.onset is not None and last >= self._not_worn.onset:
            flags |= wire.FLAG_VIBRATION
        return flags

    def _by_open(self, values, rhythm):
        """Return the flags by a rhythm that may have no row yet, for it still goes on."""
        said = self._witnesses.told(rhythm)
        few = said["cycles"] < self._rules["rhythm_quick_beats"]
        # a rhythm may be part of a limb's, as slow beats among quick ones are; of a breath none is
        if few or (values["source"] == wire.SOURCE_RUN and rhythm is not self._witnesses.limb):
            return 0
        return names.relate(values, said, self._odr_mhz, self._rules)

    def _flush(self, now):
        """Do all that was due by now, in its order: so it matters not when somebody asks."""
        while True:
            due = self._next_due()
            if due is None or due > now:
                return
            self._now = due
            self._act(due)

    def _next_due(self):
        """Return the sample at which something is due, or None."""
        first = self._awake.due()
        due = self._witnesses.due()
        if due is not None and (first is None or due < first):
            first = due
        if first is not None:
            first -= self._hold
        for values in self._pending:
            end = values["onset_sample"] + values["duration_samples"]
            if (first is None or end < first) and not self._goes_on(values):
                first = end
        return None if first is None else first + self._hold

    def _goes_on(self, values):
        """Say whether a row is a rhythm's that goes on: it is not final before that stops."""
        for rhythm in self._witnesses.both:
            if rhythm.on and values is rhythm.row:
                return True
        return False

    def _act(self, now):
        self._stopped(self._witnesses.end(now))
        last = now - self._hold
        for values in [
            row
            for row in self._pending
            if row["onset_sample"] + row["duration_samples"] <= last and not self._goes_on(row)
        ]:
            values["flags"] |= self._flags_of(values)
            self._pending.remove(values)  # in one of both lists alone: each row is asked once
            if len(self._recent) >= _MOST_RECENT:  # before it grows: a list grows by doubling
                self._recent.pop(0)
                self._passed = max(0, self._passed - 1)
            self._recent.append(self.remember(values))
            for rhythm in self._witnesses.both:
                if values is rhythm.row:
                    rhythm.row = None
            self._out.append((FINAL, values, now))  # nobody here has it any more
        if self._awake.onset is not None and self._awake.due() <= now:
            self._context(wire.EVENT_AWAKE, self._awake.end())

    def _context(self, kind, span):
        if span is None:
            return
        values = dict(_EMPTY)
        values["kind"] = kind
        values["confidence_pct"] = 50
        values["onset_sample"] = span[0]
        values["duration_samples"] = max(1, span[1] - span[0] + 1)
        values["number"] = self.next_number()
        self._out.append((FINAL, values, self._now))

    def _minute(self, found):
        still, span = self._not_worn.add(found)
        self._context(wire.EVENT_NOT_WORN, span)
        flags = wire.MINUTE_STILL if still else 0
        if self._not_worn.onset is not None:
            flags |= wire.MINUTE_NOT_WORN
        if found["clipped"]:
            flags |= wire.MINUTE_CLIPPED
        if found["axis_dead"]:
            flags |= wire.MINUTE_AXIS_DEAD
        if self._awake.onset is not None:
            flags |= wire.MINUTE_AWAKE
        values = {"flags": flags, "jerks": self._counts[0], "lms": self._counts[1]}
        for field, _ in wire.MINUTE_FIELDS:
            if field in found:
                values[field] = found[field]
        values["jerks"] = min(255, values["jerks"])
        values["lms"] = min(255, values["lms"])
        self._counts = [0, 0]
        self._out.append((MINUTE, values, self._now))


def _strength(values):
    return values["quick_peak_mg"]


def _fit(samples):
    return max(-32768, min(32767, samples))


def _join(values, bursts):
    """Let a movement take the facts of its largest burst, and begin with its first."""
    if not bursts:
        return
    best = max(bursts, key=_strength)
    for field in _OF_BURST:
        values[field] = best[field]
    values["peak_jerk_mg_per_s"] = max(b["peak_jerk_mg_per_s"] for b in bursts)
    for burst in bursts:
        values["flags"] |= burst["flags"] & wire.FLAG_CLIPPED
    # the quick path sees the first instant at the full rate
    early = values["onset_sample"] - min(burst["onset_sample"] for burst in bursts)
    if early > 0:
        values["onset_sample"] -= early
        values["move_samples"] = min(65535, values["move_samples"] + early)
    values["peak_mg"] = max(values["peak_mg"], best["peak_mg"])
    values["burst_onset_samples"] = _fit(best["onset_sample"] - values["onset_sample"])
    values["burst_samples"] = best["burst_samples"]


def _is_knock(values, odr_mhz, rules):
    """Say whether a row may be a blow at a band that nobody wears."""
    if values["source"] == wire.SOURCE_RUN:
        return True
    if values["move_samples"] and names.is_lm(values, odr_mhz, rules):
        return False
    return names.ms_of(values["burst_samples"], odr_mhz) < rules["dead_ms"]
