"""What the detector tells of a session, as records: movements, minutes, waveforms.

Touches what it is given. Speaks the detector's rows: (detector.MINUTE, PROVISIONAL or the final
call, values of the record's fields, ...).
"""

from notturno_core import detector, plausible, wire

# Waveforms are written while so much flash is free: a week of nights without them, none of which
# was fetched.
SNIPPETS_LEAVE_BYTES = 400000
_NEVER = 1 << 30  # a sample that no session reaches


class Findings:
    """The findings of one session after the other.

    each_minute: callable given the values of each minute, in its turn: `minute` logs them.
    waveforms: a Snippets. on_provisional: None, or a callable given the payload of a movement as
    it is called at first.
    """

    def __init__(self, each_minute, records, timeline, backup, waveforms):
        self._each_minute = each_minute
        self._records = records
        self._timeline = timeline
        self._backup = backup
        self._waveforms = waveforms
        self._untold = []
        self.on_provisional = None
        self._roomy = False

    def begin(self):
        """A session begins; what an earlier one left untold is gone with it."""
        self._gap_in_minute = False
        self._gap_sample = None
        self._handled_sample = _NEVER
        self._untold.clear()

    def gap(self, sample):
        """Samples are missing before that one."""
        self._gap_in_minute = True
        self._gap_sample = sample

    def handled(self, sample):
        """From that sample on it is the hand that moves the band."""
        self._handled_sample = sample

    def look_for_room(self):
        """See whether there is room for waveforms; asked now and then, for it reads the flash."""
        self._roomy = self._records.has_room(SNIPPETS_LEAVE_BYTES)

    def tell(self, told):
        """Log what the detector has told.

        What an exception keeps from being logged stays for the next call: the session's end makes
        one.
        """
        untold = self._untold
        if told:
            untold.extend(told)
            told.clear()  # whoever called holds it: each row goes as soon as it is logged
        while untold:
            what, values, _ = untold[0]
            if what == detector.MINUTE:
                self._each_minute(values)
            elif what == detector.PROVISIONAL:
                self._provisional(values)
            else:
                self._event(values)
            untold.pop(0)

    def _provisional(self, values):
        """What a movement is called at first: kept until its final name, and for listeners."""
        payload = wire.pack_event(values)
        self._backup.drop_row(values["number"])
        self._backup.put_row(payload)
        if self._roomy:  # its raw samples, if it is one of those chosen
            for part in self._waveforms.offer(values):
                self._records.append(wire.REC_SNIPPET, part)
        if self.on_provisional is not None:
            self.on_provisional(payload)

    def _event(self, values):
        if self._gap_sample is not None and values["onset_sample"] >= self._gap_sample:
            values["flags"] |= wire.FLAG_AFTER_GAP
            self._gap_sample = None
        if values["onset_sample"] + values["duration_samples"] > self._handled_sample:
            values["flags"] |= wire.FLAG_TRUNCATED
        self._records.append(wire.REC_EVENT, wire.pack_event(values))
        self._backup.drop_row(values["number"])

    def minute(self, values, battery_mv, temperature_q8_c):
        """Log a minute's summary, with what the detector does not know of it."""
        values["tick_ms"] = self._timeline.tick_at_end(values["sample"])
        values["battery_mv"] = battery_mv
        values["temperature_q8_c"] = temperature_q8_c
        if self._gap_in_minute:
            values["flags"] |= wire.MINUTE_GAP
            self._gap_in_minute = False
        if plausible.gravity_fault(*values["gravity_mg"]):
            values["flags"] |= wire.MINUTE_IMPLAUSIBLE
        self._records.append(wire.REC_MINUTE, wire.pack(wire.MINUTE_FIELDS, values))
