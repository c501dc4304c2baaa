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

from notturno_core import runs

# name -> (value, reason and source); "ours": chosen on the tuning models. They are no settings.
RULES = (
    ("distance_step_pct", 9, "distances that differ by less are one, as are neighbours; ours"),
    ("distance_share_pct", 50, "of the commonest, and more: of two lobes none is so common; ours"),
    ("pause_ms", 1300, "after so short a silence it is one, however its pace is read; ours"),
    ("pause_beats", 2, "or of so many of its beats; ours"),
    ("same_pause_ms", 5200, "and after one as short if the pace is the same; ours"),
    ("same_pause_beats", 3, "or of so many of its beats; ours"),
)
DEFAULTS = {rule: value for rule, value, _ in RULES}


class Distances:
    """How often each distance lies between two beats of a witness. RAM: 50 counts at most."""

    def __init__(self, fastest, slowest, rules=DEFAULTS):
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

    row: what the caller keeps of it, and takes away again when it is final.
    """

    def __init__(self):
        self.on = False
        self.row = None
        self.number = None  # of its row, once somebody has been told of it
        self.first = self.last = 0
        self.quick_peak_mg = 0
        self._longest = [(0, 1, 0), (0, 1, 0)]  # of each witness: (beats, mhz, uneven_pct)

    def begin(self, run):
        """Begin anew, with what a run says."""
        self.__init__()
        self.on = True
        self.first, self.last = run.first, run.last

    def note(self, number, said):
        """Take what a run of one witness has to say: (beats, mhz, uneven_pct)."""
        self._longest[number] = max(self._longest[number], said)

    def told(self, odr_mhz, mhz):
        """Return it as a dict. mhz: by its distances, or 0."""
        said = sorted(self._longest)
        same = [each for each in said if runs.is_near(each[1], mhz)]
        beats, of_run_mhz, uneven_pct = (same or said)[-1]
        if same or not mhz:
            mhz = of_run_mhz
        return {
            "number": self.number,
            "first": self.first,
            "last": self.last,
            "mhz": mhz,
            "beats": ((self.last - self.first) * mhz + odr_mhz // 2) // odr_mhz + 1,
            "chain": min(beats, beats * mhz // of_run_mhz),
            "uneven_pct": uneven_pct,
            "quick_peak_mg": self.quick_peak_mg,
        }


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
        self.limb, self.breath = Rhythm(), Rhythm()
        self.both = (self.limb, self.breath)

    # --- in -------------------------------------------------------------------------------------

    def add(self, cycles, beats, peak_mg):
        """Take the times of a block and its peak; return the rhythms that stopped."""
        for number, times in ((0, cycles), (1, beats)):
            run, kept = self._runs[number], self._times[number]
            for at in times:
                self._ended(number, run.add(at))
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
        for number, run in enumerate(self._runs):
            if now is None or (run.on and run.due(self._ends) <= now):
                self._ended(number, run.end())
            if cycles_alone:
                break
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

    def _goes_on(self, rhythm, run, mhz):
        """Say whether a rhythm that lost its pace for a moment goes on in a run."""
        if rhythm.row is None:
            return False
        was_mhz = rhythm.row["rhythm_mhz"]
        like = "same_pause" if runs.same_pace(mhz, was_mhz) else "pause"
        beat_ms = 1000000 // max(1, was_mhz)
        most_ms = max(DEFAULTS[like + "_ms"], DEFAULTS[like + "_beats"] * beat_ms)
        return (run.first - rhythm.last) * 1000000 <= most_ms * self._odr_mhz

    def _look_back(self, first):
        """Count the distances of the beats that made the first run of a rhythm."""
        self._distances.clear()
        for kept in self._times:
            for i in range(len(kept)):
                if kept[i] >= first:
                    self._distances.add(kept, i, first)

    def _ended(self, number, ended):
        if ended is not None:
            self._whose[number].note(number, self._said(ended))
            self._whose[number] = None

    def _said(self, said):
        span = max(1, said["last"] - said["first"])
        return said["beats"], self._odr_mhz * said["intervals"] // span, said["uneven_pct"]

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
        """Return a rhythm as a dict, as far as it is known."""
        for number, run in enumerate(self._runs):
            if self._whose[number] is rhythm:
                rhythm.note(number, self._said(run.so_far()))
        period = self._distances.period() if rhythm is self.limb else 0
        return rhythm.told(self._odr_mhz, self._odr_mhz // period if period else 0)
