"""Even beats: from the times of cycles or of beats, one by one, to runs. Pure but for its state.

Speaks samples. A run is found backwards: the newest beat, one before it, and further ones at the
same distance each; what lies between (the second lobe of a swing) does no harm while it is not
most of what is there. It goes on while beats keep coming at its pace; one may be missed at a time.

Where each beat is a stroke and its return, both even enough for a run, the run goes at twice the
beats' pace. A return follows its stroke by a time that the limb gives, the next stroke when it
will: every second gap is like every second before it, and unlike its neighbours.
"""

# name -> (value, reason and source); "ours": chosen on the tuning models. They are no settings: on
# a band each stands as a number where it is asked.
FIXED_RULES = (
    ("cycles_slowest_ms", 1000, "slower swings are told by the envelope's beats; ours"),
    ("cycles_fastest_mhz", 9500, "clonus and the foot tremors end at 8 Hz; ours"),
    ("cycles_off_pct", 25, "a swing may be so much early or late; ours"),
    ("beats_slowest_ms", 3500, "leg rhythms begin at 0.3 Hz (HFLM: Yang and Winkelman 2010)"),
    ("beats_fastest_mhz", 3400, "an envelope of 40 ms tells no more of a second; ours"),
    ("beats_off_pct", 24, "a beat may be so much early or late; ours"),
    ("ends_ms", 2600, "least silence that ends a run: a block, whose end tells beats, and 1 s"),
    ("same_pace", 6, "paces a part of so many apart are one, as are half and third; ours"),
    ("distance_step_pct", 9, "distances that differ by less are one, as are neighbours; ours"),
    ("distance_share_pct", 50, "of the commonest, and more: of two lobes none is so common; ours"),
    ("sure_beats", 28, "so many in a row are no chance, whatever the distances say; ours"),
    ("lobes_slow_mhz", 1000, "of slower beats one in two is missed as well; ours"),
    (
        "lobes_quick_mhz",
        2000,
        "of slower beats stroke and return are two: limbs swing at 2 to 14 Hz",
    ),
    ("pair_least", 12, "gaps that are compared with those two before; of fewer all may be; ours"),
    ("pair_pct", 125, "of like gaps, each beat late or early by itself, neighbours differ by 122"),
    ("pair_sure", 49, "more above it, squared, by their number: of cycles chance gave 37; ours"),
    ("pair_sure_beats", 100, "and of beats, told to a sum and no sample: it gave 94; ours"),
    ("pause_ms", 1300, "after so short a silence it is one, however its pace is read; ours"),
    ("pause_beats", 2, "or of so many of its beats; ours"),
    ("same_pause_ms", 5200, "and after one as short if the pace is the same; ours"),
    ("same_pause_beats", 3, "or of so many of its beats; ours"),
)
FIXED = {rule: value for rule, value, _ in FIXED_RULES}


def of_cycles(hz, least_beats):
    """Return the run of a limb's single swings."""
    fastest = max(2, hz * 1000 // FIXED["cycles_fastest_mhz"])
    slowest = hz * FIXED["cycles_slowest_ms"] // 1000
    return Run(slowest, fastest, FIXED["cycles_off_pct"], least_beats)


def of_beats(hz, least_beats):
    """Return the run of the envelope's beats."""
    fastest = hz * 1000 // FIXED["beats_fastest_mhz"]
    slowest = hz * FIXED["beats_slowest_ms"] // 1000
    return Run(slowest, fastest, FIXED["beats_off_pct"], least_beats)


def same_pace(a_mhz, b_mhz):
    """Say whether two paces are the same, or one is two or three of the other, within a sixth.

    The envelope of quick swings may rise with each third alone.
    """
    low, high = min(a_mhz, b_mhz), max(a_mhz, b_mhz)
    return is_near(low, high) or is_near(2 * low, high) or is_near(3 * low, high)


def is_near(a_mhz, b_mhz):
    """Say whether two paces are the same within a sixth."""
    return abs(a_mhz - b_mhz) * FIXED["same_pace"] <= max(a_mhz, b_mhz)


class Run:
    """The run that is going on, if one is.

    slowest, fastest: samples between beats; tolerance_pct: how far a beat may be from where the
    pace says; least_beats: fewer are no run.
    """

    def __init__(self, slowest, fastest, tolerance_pct, least_beats):
        self.slowest = slowest
        self.fastest = fastest
        self._tolerance_pct = tolerance_pct
        self._lacking = max(0, least_beats - 2)  # besides the newest and one before it
        self._longest = (self._lacking + 1) * (slowest + self._off(slowest))
        self.keeps = 3 * least_beats - 1  # what is looked at again: two more between each two
        self._times = []
        self.on = False
        self.first = self.last = self.pace = self.beats = 0
        self._alike = self._apart = self._other_apart = self._next_apart = self._compared = 0

    def add(self, at):
        """Take a beat; say whether it ends the run."""
        ended = False
        if self.on:
            gap = at - self.last
            if abs(gap - self.pace) <= self._off(self.pace):
                self._go_on(at, gap, 1)
                return False
            if abs(gap - 2 * self.pace) <= self._off(2 * self.pace) and not self._missed:
                self._go_on(at, gap // 2, 2)
                self._missed = True
                return False
            if gap < self.pace and self._extra <= 2 * self.beats:
                self._extra += 1
                return False
            ended, self.on = True, False
            self._times.clear()
        self._times.append(at)
        if len(self._times) > self.keeps:
            self._times.pop(0)
        self._try_begin()
        return ended

    def due(self, least):
        """Return the sample at which a run that is on ends if no beat comes.

        That is `least` after its last, or two paces more.
        """
        return self.last + least // 2 + max(least // 2, 5 * self.pace // 2)

    def end(self):
        """End the run; there is none after it, and what comes is no part of it."""
        self._times.clear()
        self.on, self.pace = False, 0

    def uneven_pct(self):
        """Return how far the run's beats were from its pace in the mean."""
        return min(255, self._off_pct // self._steps)

    def paired(self):
        """Say how sure it is that its beats come in pairs, with those of the runs before it.

        0 if nothing speaks for it, 1 if not enough is known, else the square of what is above
        `pair_pct`, in hundreds of percent, times the gaps that were compared.
        """
        if self._compared < FIXED["pair_least"]:
            return 1
        alike = 2 * self._alike + 2 * min(self._apart, self._other_apart)
        # a gap is told to a sample; behind 600 nothing changes, and squares stay small
        alike = max(alike, self._compared // 2, 1)
        over = min(600, self._next_apart * 100 // alike) - FIXED["pair_pct"]
        return 0 if over <= 0 else max(1, over * over * min(self._compared, 2000) // 10000)

    def _off(self, pace):
        """Return how far from where a pace says a beat may be, samples."""
        return pace * self._tolerance_pct // 100 + 1

    def _go_on(self, at, gap, intervals):
        self._off_pct += abs(gap - self.pace) * 100 // self.pace
        self._steps += 1
        self.pace = (7 * self.pace + gap + 4) >> 3
        self.beats += 1
        self.intervals += intervals
        self._missed = False
        self.last = at
        if intervals > 1:
            gap = self._gap = 0  # of two gaps nothing is known but their sum
        else:
            apart = self._other_apart
            if self._gap_before:
                apart += abs(gap - self._gap_before)
                self._next_apart += abs(gap - self._gap)
                self._compared += 1
            self._other_apart, self._apart = self._apart, apart
        self._gap_before, self._gap = self._gap, gap

    def _try_begin(self):
        times, lacking = self._times, self._lacking
        at = times[-1]
        if len(times) < lacking + 2 or at - times[-lacking - 2] > self._longest:
            return  # as most times: too few, and too far apart for any pace
        for i in range(len(times) - 2, lacking - 1, -1):
            pace = at - times[i]
            if pace > self.slowest:
                return
            if pace < self.fastest:
                continue
            if times[i] - times[i - lacking] > lacking * (pace + self._off(pace)):
                continue  # too far apart for this one
            chain = self._chain(i, pace)
            if len(chain) <= lacking:
                continue
            between = len(times) - times.index(chain[-1])
            if between <= 2 * (len(chain) + 1):
                self._begin([at] + chain)
                return

    def _chain(self, i, pace):
        """Return the beats that lie a pace apart, backwards from number i."""
        times, most = self._times, self._off(pace)
        chain, lacking = [times[i]], self._lacking
        while 0 < lacking <= i:  # where fewer are left they cannot be enough
            due, best, nearest = times[i] - pace, -1, most + 1
            for j in range(i - 1, -1, -1):
                off = due - times[j]
                if off > most:
                    break
                if off < 0:
                    off = -off
                if off < nearest:
                    best, nearest = j, off
            if best < 0:
                break
            chain.append(times[best])
            i = best
            lacking -= 1
        return chain

    def _begin(self, chain):
        chain = chain[::-1]
        self.on = True
        self.first, self.last = chain[0], chain[-1]
        self.beats = len(chain)
        self.intervals = self._steps = len(chain) - 1
        pace = (self.last - self.first) // self.intervals
        if is_near(pace, self.pace):  # which half is even is asked of each run anew
            self._alike += min(self._apart, self._other_apart)
        else:
            self._alike = self._next_apart = self._compared = 0
        self.pace = pace
        self._off_pct = self._apart = self._other_apart = 0
        self._gap_before = self._gap = 0
        for i in range(self.intervals):
            self._off_pct += abs(chain[i + 1] - chain[i] - self.pace) * 100 // self.pace
        self._extra = 0
        self._missed = False
