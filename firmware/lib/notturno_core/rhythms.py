"""The rhythm of a limb, by two witnesses: its single swings and the beats of its envelope.

Touches its arguments alone. In: times of cycles and of beats. A limb keeps one rhythm at a time:
what the witnesses tell of one time is one rhythm, and it lasts while one of them goes on, through
pauses of a few beats. A witness may take each of a swing's two lobes for a beat, or miss every
second, so neither says how quick the rhythm is: that is said by the distances between all beats,
of both, whose counts grow while it lasts. Its period is the shortest distance that comes about as
often as the commonest does.

Distances cannot tell a beat's stroke and its return from two beats: what lies between two beats is
as common as they are. That is told by a run, whose gaps come in pairs, or that goes on at the
slower pace for long; and where half of the swings go unseen, by a run that is too quick for lobes.

A witness that is as slow as a breath speaks of another rhythm, the sleeper's own breathing: it is
kept apart, for it may go on all night.
"""

from array import array

from notturno_core import runs, wire

# Of Rhythm.longest, of each witness: cycles first, beats behind them.
_MHZ, _UNEVEN, _PAIRED, _LASTS, _EACH = 1, 2, 3, 4, 5


class Rhythm:
    """One rhythm: the one that goes on, or the last one, while it may still go on.

    row: what the caller keeps of it, and takes away again when it is final. said: what is known of
    it by the names of wire.EVENT_FIELDS; one dict, made once, for it is asked with every row.
    quick_peak_mg: of its beats as they mostly are, so that a jerk upon them is told from them.
    """

    def __init__(self, flags):
        self.on = False
        self.row = None
        self.number = None  # of its row, once somebody has been told of it
        self.first = self.last = 0
        self.quick_peak_mg = 0
        # of each witness the longest run: beats, mhz, uneven_pct, Run.paired(), samples
        self.longest = array("H", (0, 1, 0, 1, 0, 0, 1, 0, 1, 0))
        self.said = {
            "kind": wire.EVENT_RHYTHM,
            "flags": flags,
            "onset_sample": 0,
            "duration_samples": 0,
            "rhythm_mhz": 0,
            "beats": 0,
            "cycles": 0,
            "uneven_pct": 0,
            "quick_peak_mg": 0,
        }

    def tell(self, odr_mhz, mhz, swings=False):
        """Bring `said` up to date and return it.

        mhz: by its distances, or 0. swings: whether each stroke is told, as a machine's are.
        """
        longest, pairs = self.longest, False
        span = max(1, self.last - self.first)
        k = _EACH if longest[_EACH] > longest[0] else 0
        if mhz:
            by_cycles = runs.is_near(longest[_MHZ], mhz)
            by_beats = runs.is_near(longest[_EACH + _MHZ], mhz)
            if by_cycles or by_beats:
                if not (by_beats if k else by_cycles):
                    k = _EACH - k
            elif longest[k] >= runs.FIXED["sure_beats"] and longest[k + _MHZ] > mhz:
                if longest[k + _MHZ] >= 2 * runs.FIXED["lobes_quick_mhz"]:
                    mhz = longest[k + _MHZ]  # too quick for the lobes of a beat so slow
            # a run that goes on at half the pace, where a beat's two lobes are told apart
            long = _EACH if longest[_EACH + _LASTS] > longest[_LASTS] else 0
            slow_mhz, lasts = longest[long + _MHZ], longest[long + _LASTS]
            if (
                runs.FIXED["lobes_slow_mhz"] <= slow_mhz < runs.FIXED["lobes_quick_mhz"]
                and 3 * slow_mhz < 2 * mhz
                and 5 * mhz < 13 * slow_mhz
                and longest[long] >= runs.FIXED["sure_beats"]
                and 2 * lasts >= span
            ):
                other = _EACH - long
                longer = longest[other + _PAIRED] and 4 * lasts >= 5 * longest[other + _LASTS]
                if longer or not (by_cycles or by_beats):
                    k, mhz, by_cycles, by_beats = long, slow_mhz, False, False
            if mhz >= runs.FIXED["lobes_slow_mhz"] and not swings:
                pairs = by_cycles and longest[_PAIRED] >= runs.FIXED["pair_sure"]
                if by_beats and longest[_EACH + _PAIRED] >= runs.FIXED["pair_sure_beats"]:
                    pairs = True
                if by_cycles and not longest[_PAIRED]:
                    if longest[_LASTS] >= longest[_EACH + _LASTS]:
                        pairs = False  # a cycle is told to a sample, a beat to a sum
                if runs.is_near(longest[_EACH - k + _MHZ], 2 * mhz):
                    pairs = False  # of two lobes one is left out already
        beats, of_run_mhz = longest[k], max(1, longest[k + _MHZ])
        if not mhz or runs.is_near(of_run_mhz, mhz):
            mhz = of_run_mhz
        said = self.said
        said["onset_sample"] = self.first
        said["duration_samples"] = span
        said["cycles"] = min(255, beats, beats * mhz // of_run_mhz)  # the strokes, where in pairs
        if pairs:
            mhz //= 2
        said["rhythm_mhz"] = min(65535, mhz)
        said["beats"] = min(65535, (span * mhz + odr_mhz // 2) // odr_mhz + 1)
        said["uneven_pct"] = longest[k + _UNEVEN]
        said["quick_peak_mg"] = self.quick_peak_mg
        return said


class Witnesses:
    """Both witnesses, and the rhythms of which they speak: `limb` and `breath`.

    rules: of the names. Few functions, for each takes heap. RAM: 50 counts of distances.
    """

    def __init__(self, odr_mhz, rules):
        hz = odr_mhz // 1000
        self._odr_mhz = odr_mhz
        self._rules = rules
        cycles = runs.of_cycles(hz, rules["rhythm_quick_beats"])
        beats = runs.of_beats(hz, rules["rhythm_least_beats"])
        self._runs = (cycles, beats)
        self._whose = [None, None]  # type: list  # of which rhythm each speaks, while it is on
        self._times = ([], [])  # of each, to tell distances from
        self._ends = runs.FIXED["ends_ms"] * odr_mhz // 1000000
        self.limb, self.breath = Rhythm(0), Rhythm(wire.FLAG_VIBRATION)
        self.both = (self.limb, self.breath)
        edges, edge_q8, step_pct = [cycles.fastest], cycles.fastest * 256, 100
        step_pct += runs.FIXED["distance_step_pct"]
        while edges[-1] <= beats.slowest * step_pct // 100:
            edge_q8 = max(edge_q8 + 256, edge_q8 * step_pct // 100)
            edges.append(edge_q8 // 256)
        self._edges = array("H", edges)
        # of a distance from an edge to the next; before and behind nothing is counted
        self._counts = array("H", bytes(2 * len(edges) + 4))
        self._counted = 0
        self._before = 0  # the peak of the last block

    def add(self, cycles, beats, peak_mg):
        """Take the times of a block and its peak; return the rhythms that stopped."""
        quick = self._runs[0]
        for number in (0, 1):
            run, kept = self._runs[number], self._times[number]
            for at in beats if number else cycles:
                if run.add(at):
                    self._whose[number] = None
                if not kept or at - kept[-1] >= quick.fastest:  # else a tip, told twice
                    kept.append(at)
                    if len(kept) > quick.keeps:
                        kept.pop(0)
                    if self.limb.on:
                        self._count(kept, len(kept) - 1)
                if run.on:
                    self._follow(number, run)
        for rhythm in self.both:
            # one block of two is no jerk's, and a jerk's doubles it at most
            level_mg = rhythm.quick_peak_mg or min(peak_mg, self._before or peak_mg)
            rhythm.quick_peak_mg = min(2 * level_mg, (level_mg + peak_mg + 1) // 2)
        self._before = peak_mg
        return self.end(-1)

    def end(self, now=None, cycles_alone=False):
        """End the witnesses that are due by now, or all; return the rhythms that stopped."""
        for number in (0,) if cycles_alone else (0, 1):
            run = self._runs[number]
            if now is None or (run.on and run.due(self._ends) <= now):
                run.end()
                self._whose[number] = None
        stopped = ()
        for rhythm in self.both:
            if rhythm.on and rhythm not in self._whose:
                rhythm.on = False
                stopped += (rhythm,)
        return stopped

    def _follow(self, number, run):
        """Let the rhythm of which a run speaks begin or go on."""
        rhythm = self._whose[number]
        if rhythm is None:
            mhz = self._odr_mhz // run.pace
            rhythm = self.breath if mhz < self._rules["breath_mhz"] else self.limb
            self._whose[number] = rhythm
            if not rhythm.on and not self._goes_on(rhythm, run, mhz):
                rhythm.row = rhythm.number = None
                rhythm.first, rhythm.last = run.first, run.last
                rhythm.quick_peak_mg = 0
                for k in range(2 * _EACH):
                    rhythm.longest[k] = 1 if k % _EACH in (_MHZ, _PAIRED) else 0
                if rhythm is self.limb:
                    self._counted = 0
                    for k in range(len(self._counts)):
                        self._counts[k] = 0
                    for kept in self._times:
                        for i in range(len(kept)):
                            if kept[i] >= run.first:
                                self._count(kept, i)
            rhythm.on = True
        rhythm.first = min(rhythm.first, run.first)
        rhythm.last = max(rhythm.last, run.last)
        longest, k = rhythm.longest, _EACH * number
        if run.beats >= longest[k]:
            longest[k] = min(65535, run.beats)
            longest[k + _MHZ] = self._odr_mhz * run.intervals // max(1, run.last - run.first)
            longest[k + _UNEVEN] = run.uneven_pct()
            longest[k + _LASTS] = min(65535, run.last - run.first)
        if runs.is_near(self._odr_mhz // run.pace, longest[k + _MHZ]):
            paired = run.paired()
            if paired != 1 or run.beats == longest[k]:
                longest[k + _PAIRED] = paired

    def _goes_on(self, rhythm, run, mhz):
        """Say whether a rhythm that lost its pace for a moment goes on in a run."""
        if rhythm.row is None:
            return False
        was_mhz = rhythm.row["rhythm_mhz"]
        beat_ms = 1000000 // max(1, was_mhz)
        if runs.same_pace(mhz, was_mhz):
            most_ms = max(runs.FIXED["same_pause_ms"], runs.FIXED["same_pause_beats"] * beat_ms)
        else:
            most_ms = max(runs.FIXED["pause_ms"], runs.FIXED["pause_beats"] * beat_ms)
        return (run.first - rhythm.last) * 1000000 <= most_ms * self._odr_mhz

    def _count(self, times, i):
        """Count the distances from beat number i of a witness to those before it."""
        at, edges, counts, first = times[i], self._edges, self._counts, self.limb.first
        self._counted += 1
        k, last = 0, len(edges) - 1
        while i > 0 and times[i - 1] >= first:
            i -= 1
            apart = at - times[i]
            while k < last and apart >= edges[k + 1]:
                k += 1
            if k == last:
                return
            if counts[k + 1] < 21845:  # three neighbours fit 16 bits
                counts[k + 1] += 1

    def due(self):
        """Return the sample at which a witness ends if no beat comes, or None."""
        first = None
        for run in self._runs:
            if run.on:
                due = run.due(self._ends)
                if first is None or due < first:
                    first = due
        return first

    def told(self, rhythm):
        """Return a rhythm's `said`, as far as it is known.

        The period is the middle of the first distance that with its neighbours is as common as a
        share of the commonest.
        """
        counts, mhz = self._counts, 0
        if rhythm is self.limb:
            ks, most = range(1, len(counts) - 2), 0
            for k in ks:
                three = counts[k - 1] + counts[k] + counts[k + 1]
                if three > most:
                    most = three
            enough = min(most, self._counted) * runs.FIXED["distance_share_pct"]
            for k in ks:
                if (counts[k - 1] + counts[k] + counts[k + 1]) * 100 > enough:
                    while k + 3 < len(counts) and counts[k + 2] > counts[k - 1]:
                        k += 1
                    mhz = self._odr_mhz * 2 // (self._edges[k - 1] + self._edges[k])
                    break
        # what is as weak and as quick as a pump would be a limb's at half its pace
        swings = rhythm.quick_peak_mg < self._rules["machine_most_mg"]
        swings = swings and mhz >= self._rules["clonic_mhz"]
        return rhythm.tell(self._odr_mhz, mhz, swings)
