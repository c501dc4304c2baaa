"""The rhythm of a limb, by two witnesses: its single swings and the beats of its envelope.

Touches its arguments alone. In: times of cycles and of beats. A limb keeps one rhythm at a time:
what the witnesses tell of one time is one rhythm, and it lasts while one of them goes on, through
pauses of a few beats. A witness may take each of a swing's two lobes for a beat, or miss every
second, so neither says how quick the rhythm is: that is said by the distances between all beats,
of both, whose counts grow while it lasts. Its period is the shortest distance that comes about as
often as the commonest does.

A witness that is as slow as a breath speaks of another rhythm, the sleeper's own breathing: it is
kept apart, for it may go on all night.
"""

from notturno_core import runs, wire


class Distances:
    """How often each distance lies between two beats of a witness. RAM: 50 counts at most."""

    def __init__(self, fastest, slowest, rules=runs.DEFAULTS):
        edges, edge_q8, step_pct = [fastest], fastest * 256, rules["distance_step_pct"]
        while edges[-1] <= slowest * (100 + step_pct) // 100:
            edge_q8 = max(edge_q8 + 256, edge_q8 * (100 + step_pct) // 100)
            edges.append(edge_q8 // 256)
        self._edges = tuple(edges)
        self._counts = [0] * len(edges)  # of a distance from an edge to the next
        self._beats = 0
        self._share_pct = rules["distance_share_pct"]

    def clear(self):
        """Forget all."""
        self._beats = 0
        for k in range(len(self._counts)):
            self._counts[k] = 0

    def add(self, times, i, first):
        """Take beat number i of the times of one witness, in order; before `first` is none."""
        at, edges, counts = times[i], self._edges, self._counts
        self._beats += 1
        k, last = 0, len(edges) - 1
        while i > 0 and times[i - 1] >= first:
            i -= 1
            apart = at - times[i]
            while k < last and apart >= edges[k + 1]:
                k += 1
            if k == last:
                return
            counts[k] += 1

    def period(self):
        """Return the period in samples, that of the middle of its counts; 0: nothing is known."""
        most = 0
        for k in range(len(self._counts)):
            most = max(most, self._near(k))
        enough = min(most, self._beats) * self._share_pct
        for k in range(len(self._counts) - 1):
            if self._near(k) * 100 > enough:
                while k + 2 < len(self._counts) and self._near(k + 1) > self._near(k):
                    k += 1
                return (self._edges[k] + self._edges[k + 1]) // 2
        return 0

    def _near(self, k):
        """Return the counts of a distance and its two neighbours."""
        counts, near = self._counts, self._counts[k]
        if k:
            near += counts[k - 1]
        if k + 1 < len(counts):
            near += counts[k + 1]
        return near


class Rhythm:
    """One rhythm: the one that goes on, or the last one, while it may still go on.

    row: what the caller keeps of it, and takes away again when it is final. said: what is known of
    it by the names of wire.EVENT_FIELDS; one dict, made once, for it is asked with every row.
    """

    def __init__(self, flags):
        self.on = False
        self.row = None
        self.number = None  # of its row, once somebody has been told of it
        self.first = self.last = 0
        self.quick_peak_mg = 0
        self._longest = [0, 1, 0, 0, 1, 0]  # of each witness: beats, mhz, uneven_pct
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

    def begin(self, run):
        """Begin anew, with what a run says."""
        self.on = True
        self.row = self.number = None
        self.first, self.last = run.first, run.last
        self.quick_peak_mg = 0
        for k in range(6):
            self._longest[k] = 1 if k % 3 == 1 else 0

    def note(self, number, run, odr_mhz):
        """Take what the run of one witness has to say."""
        longest, k = self._longest, 3 * number
        if run.beats >= longest[k]:
            longest[k] = run.beats
            longest[k + 1] = odr_mhz * run.intervals // max(1, run.last - run.first)
            longest[k + 2] = run.uneven_pct()

    def tell(self, odr_mhz, mhz):
        """Bring `said` up to date and return it. mhz: by its distances, or 0."""
        longest = self._longest
        k = 3 if longest[3] > longest[0] else 0
        if mhz and not runs.is_near(longest[k + 1], mhz):
            other = 3 - k
            if longest[other] and runs.is_near(longest[other + 1], mhz):
                k = other
        beats, of_run_mhz = longest[k], max(1, longest[k + 1])
        if not mhz or runs.is_near(of_run_mhz, mhz):
            mhz = of_run_mhz
        said, span = self.said, max(1, self.last - self.first)
        said["onset_sample"] = self.first
        said["duration_samples"] = span
        said["rhythm_mhz"] = min(65535, mhz)
        said["beats"] = min(65535, (span * mhz + odr_mhz // 2) // odr_mhz + 1)
        said["cycles"] = min(255, beats, beats * mhz // of_run_mhz)
        said["uneven_pct"] = longest[k + 2]
        said["quick_peak_mg"] = self.quick_peak_mg
        return said


class Witnesses:
    """Both witnesses, and the rhythms of which they speak: `limb` and `breath`.

    rules: of the names.
    """

    def __init__(self, odr_mhz, rules):
        hz = odr_mhz // 1000
        self._odr_mhz = odr_mhz
        self._breath_mhz = rules["breath_mhz"]
        cycles = runs.of_cycles(hz, rules["rhythm_quick_beats"])
        beats = runs.of_beats(hz, rules["rhythm_least_beats"])
        self._runs = (cycles, beats)
        self._keeps = cycles.keeps  # times of each, to tell distances from
        self._whose = [None, None]  # of which rhythm each speaks, while it is on
        self._times = ([], [])
        self._distances = Distances(cycles.fastest, beats.slowest)
        self._ends = runs.DEFAULTS["ends_ms"] * odr_mhz // 1000000
        self.limb, self.breath = Rhythm(0), Rhythm(wire.FLAG_VIBRATION)
        self.both = (self.limb, self.breath)

    # --- in -------------------------------------------------------------------------------------

    def add(self, cycles, beats, peak_mg):
        """Take the times of a block and its peak; return the rhythms that stopped."""
        for number, times in ((0, cycles), (1, beats)):
            run, kept = self._runs[number], self._times[number]
            for at in times:
                if run.add(at):
                    self._whose[number] = None
                if not kept or at - kept[-1] >= self._runs[0].fastest:  # else a tip, told twice
                    kept.append(at)
                    if len(kept) > self._keeps:
                        kept.pop(0)
                    if self.limb.on:
                        self._distances.add(kept, len(kept) - 1, self.limb.first)
                if run.on:
                    self._follow(number, run)
        for each in self.both:
            each.quick_peak_mg = max(each.quick_peak_mg, peak_mg)
        return self._stopped()

    def end(self, now=None, cycles_alone=False):
        """End the witnesses that are due by now, or all; return the rhythms that stopped."""
        for number in range(1 if cycles_alone else 2):
            run = self._runs[number]
            if now is None or (run.on and run.due(self._ends) <= now):
                run.end()
                self._whose[number] = None
        return self._stopped()

    def gap(self):
        """Forget what was before lost samples; return the rhythms that stopped."""
        stopped = self.end()
        for kept in self._times:
            kept.clear()
        return stopped

    def _follow(self, number, run):
        rhythm = self._whose[number]
        if rhythm is None:
            mhz = self._odr_mhz // run.pace
            rhythm = self.breath if mhz < self._breath_mhz else self.limb
            self._whose[number] = rhythm
            if not rhythm.on:
                if self._goes_on(rhythm, run, mhz):
                    rhythm.on = True
                else:
                    rhythm.begin(run)
                    if rhythm is self.limb:
                        self._look_back(run.first)
        rhythm.first = min(rhythm.first, run.first)
        rhythm.last = max(rhythm.last, run.last)
        rhythm.note(number, run, self._odr_mhz)

    def _goes_on(self, rhythm, run, mhz):
        """Say whether a rhythm that lost its pace for a moment goes on in a run."""
        if rhythm.row is None:
            return False
        was_mhz = rhythm.row["rhythm_mhz"]
        like = "same_pause" if runs.same_pace(mhz, was_mhz) else "pause"
        beat_ms = 1000000 // max(1, was_mhz)
        rules = runs.DEFAULTS
        most_ms = max(rules[like + "_ms"], rules[like + "_beats"] * beat_ms)
        return (run.first - rhythm.last) * 1000000 <= most_ms * self._odr_mhz

    def _look_back(self, first):
        """Count the distances of the beats that made the first run of a rhythm."""
        self._distances.clear()
        for kept in self._times:
            for i in range(len(kept)):
                if kept[i] >= first:
                    self._distances.add(kept, i, first)

    def _stopped(self):
        """Return the rhythms of which no witness speaks any more."""
        stopped = []
        for rhythm in self.both:
            if rhythm.on and rhythm not in self._whose:
                rhythm.on = False
                stopped.append(rhythm)
        return stopped

    # --- what is known --------------------------------------------------------------------------

    def due(self):
        """Return the sample at which a witness ends if no beat comes, or None."""
        first = None
        for run in self._runs:
            due = run.due(self._ends)
            if due is not None and (first is None or due < first):
                first = due
        return first

    def told(self, rhythm):
        """Return a rhythm's `said`, as far as it is known."""
        period = self._distances.period() if rhythm is self.limb else 0
        return rhythm.tell(self._odr_mhz, self._odr_mhz // period if period else 0)
