"""The namer and its runs in the slow plain form: every remembered row is looked at, every beat.

What `namer` and `runs` leave out early must be told as here, row by row. No bound of theirs is
used; only their rules are.
"""

from notturno_core import namer, names, runs


class PlainRun(runs.Run):
    """A run that is looked for at every pace, however few or far apart the beats are."""

    def _try_begin(self):
        times, needed = self._times, self.keeps // 3 + 1
        at = times[-1]
        for i in range(len(times) - 2, -1, -1):
            pace = at - times[i]
            if pace > self.slowest:
                return
            if pace < self.fastest:
                continue
            chain = self._whole_chain(i, pace, needed)
            between = len(times) - times.index(chain[-1])
            if len(chain) + 1 >= needed and between <= 2 * (len(chain) + 1):
                self._begin([at, *chain])
                return

    def _whole_chain(self, i, pace, needed):
        times = self._times
        chain = [times[i]]
        while i > 0 and len(chain) + 1 < needed:
            near = [
                (abs(chain[-1] - times[j] - pace), -j)
                for j in range(i)
                if (abs(chain[-1] - times[j] - pace) - 1) * 100 <= pace * self._tolerance_pct
            ]
            if not near:
                break
            i = -min(near)[1]
            chain.append(times[i])
        return chain


class PlainNamer(namer.Namer):
    """A namer that asks every row of every other."""

    def __init__(self, odr_mhz, rules):
        super().__init__(odr_mhz, rules)
        for run in self._witnesses._runs:
            run.__class__ = PlainRun

    def _flags_of(self, values):
        """Ask every row first; what the stream itself adds is the same."""
        flags = super()._flags_of(values)
        within = max(self._rules[margin] for margin in names.MARGINS) + 1
        since = values["onset_sample"] - within * self._odr_mhz // 1000000 - 1
        for other in self._recent + self._pending:
            last = other["onset_sample"] + other["duration_samples"]
            if other is not values and last >= since:
                flags |= names.relate(values, other, self._odr_mhz, self._rules)
        return flags

    def _next_due(self):
        due = [self._awake.due(), *(run.due(self._witnesses._ends) for run in self._runs_on())]
        due += [self._due(row) for row in self._pending]
        return min((at for at in due if at is not None), default=None)

    def _runs_on(self):
        return [run for run in self._witnesses._runs if run.on]

    def _due(self, values):
        if any(rhythm.on and values is rhythm.row for rhythm in self._witnesses.both):
            return None
        return values["onset_sample"] + values["duration_samples"] + self._hold
