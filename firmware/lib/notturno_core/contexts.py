"""What a person is doing over minutes: awake and moving, or not wearing the band. Pure state.

Speaks samples and rows as `names` gave them. A context is a span with a beginning and an end; it
deletes nothing.
"""

from notturno_core import wire

# name -> (value, reason)
RULES = (
    ("awake_window_s", 90, "over which movement is looked at; ours"),
    ("awake_share_pct", 30, "of it in movement means awake, if it is irregular; ours"),
    ("awake_turning_pct", 18, "of it, if gravity turned as well; ours"),
    ("awake_turns", 2, "turns of gravity in it make it irregular: sleepers turn once; ours"),
    ("awake_least_moves", 6, "or so many movements of uneven pace; ours"),
    ("awake_uneven_pct", 65, "spread of their intervals over the mean; a PLM series has 30; ours"),
    ("awake_on_share_pct", 20, "so much keeps it going: who is awake rests in between; ours"),
    ("awake_quiet_s", 90, "without such movement end it: a window of rest; ours"),
    ("rest_minute_pct", 125, "a minute's slow steps over its slow square; white noise has 74"),
    ("rest_span_pct", 88, "the same over all minutes of a span; a breath of 0.5 mg at 4 mg noise"),
    ("not_worn_minutes", 15, "so many such minutes mean: not worn; ours"),
    ("worn_again_minutes", 10, "two minutes that live within so many end it; ours"),
)
# A bound of memory, and no rule: a window in which a limb moved more often is irregular by its
# latest movements too.
_MOST_MOVES = 48


class Awake:
    """Sustained irregular movement: `add` movements, ask `closed` at any time."""

    def __init__(self, odr_mhz, rules):
        self._rules = rules
        self._window = rules["awake_window_s"] * odr_mhz // 1000
        self._quiet = rules["awake_quiet_s"] * odr_mhz // 1000
        self._moves = []  # (first, last, turned, brief)
        self.onset = None
        self.last = 0

    def add(self, values):
        """Take a movement (an LM or a turn, named)."""
        first = values["onset_sample"]
        last = first + values["duration_samples"]
        turn = values["kind"] == wire.EVENT_POSTURE
        self._moves.append((first, last, turn, values["kind"] == wire.EVENT_JERK))
        while len(self._moves) > _MOST_MOVES or self._moves[0][1] < last - self._window:
            self._moves.pop(0)
        if self._is_irregular(last):
            if self.onset is None:
                self.onset = self._first_of_will()
            self.last = last

    def _first_of_will(self):
        """Return the onset of the first movement that is not brief: a jerk is not of will."""
        for first, _, _, brief in self._moves:
            if not brief:
                return first
        return self._moves[0][0]

    def _is_irregular(self, now):
        rules = self._rules
        moved, turns, since = 0, 0, now - self._window
        for first, last, turn, _ in self._moves:
            moved += (last if last < now else now) - (first if first > since else since)
            turns += turn
        if turns >= rules["awake_turns"]:
            return moved * 100 >= rules["awake_turning_pct"] * self._window
        share = "awake_share_pct" if self.onset is None else "awake_on_share_pct"
        if moved * 100 < rules[share] * self._window:
            return False
        if len(self._moves) < rules["awake_least_moves"]:
            return False
        gaps = [
            (after[0] - before[0]) // 8
            for before, after in zip(self._moves, self._moves[1:])  # noqa: B905 (MicroPython)
        ]
        mean = sum(gaps) // len(gaps)
        spread = sum((gap - mean) ** 2 for gap in gaps) // len(gaps)
        return spread * 10000 > (mean * rules["awake_uneven_pct"]) ** 2

    def due(self):
        """Return the sample at which the span that is open ends if no such movement comes."""
        return None if self.onset is None else self.last + self._quiet

    def end(self):
        """Return the span that is open, ended at its last movement, or None."""
        if self.onset is None:
            return None
        span = (self.onset, self.last)
        self.onset = None
        return span


class NotWorn:
    """No living limb: minute after minute in which nothing but the sensor's own noise is seen."""

    def __init__(self, rules):
        self._rules = rules
        self._still = []  # (onset, low, high) of the minutes in a row
        self._moved = -(1 << 29)  # end of the last minute that lived
        self._limb_at = -1  # of the last movement that only a limb makes
        self._moved_onset = 0
        self.onset = None

    def add(self, minute):
        """Take a minute; return (whether it is still, the span that it ends or None)."""
        rules = self._rules
        low, high = minute["rest_low"], minute["rest_high"]
        still = (
            minute["quiet_blocks"] * 2 >= minute["blocks"]
            and high > minute["blocks"]
            and low * 100 < high * rules["rest_minute_pct"]
        )
        if not still:
            return False, self._lives(minute)
        if minute["onset_sample"] <= self._limb_at:
            return True, None
        self._still.append((minute["onset_sample"], low, high))
        if len(self._still) > rules["not_worn_minutes"]:
            self._still.pop(0)
        if self.onset is None and len(self._still) == rules["not_worn_minutes"]:
            low = sum(part[1] for part in self._still)
            high = sum(part[2] for part in self._still)
            if low * 100 < high * rules["rest_span_pct"]:
                self.onset = self._still[0][0]
                self._moved = -(1 << 29)
        return True, None

    def _lives(self, minute):
        self._still = []
        onset, end = minute["onset_sample"], minute["sample"]
        span = None
        if self.onset is not None:
            if end - self._moved < self._rules["worn_again_minutes"] * (end - onset):
                span = self.end(self._moved_onset)  # worn since the first of the two
            self._moved, self._moved_onset = end, onset
        return span

    def limb(self, at):
        """Take a movement that only a limb makes; return the span that it ends, or None.

        However still its minutes were: they begin anew, for nobody takes a band off in between.
        """
        self._still = []
        self._limb_at = at
        return self.end(at)

    def end(self, at):
        """Return the span that is open, ended at a sample, or None."""
        if self.onset is None:
            return None
        span = (self.onset, max(self.onset, at - 1))
        self.onset = None
        self._still = []
        return span
