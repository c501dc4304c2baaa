"""What an event of layout 2 does not say, in its place: was its movement held, or did a limb ring?

Pure. From layout 3 on an event says how much of its energy came late (`later_pct`). Of an older
one length, bursts and strength must tell it. Bounds are ours, chosen on the tuning models of the
synthetic sleeper.
"""

from notturno_core import names, wire

SURE_MS = 690  # a movement this long is held
ALONE_MS = 650  # but after a lone burst shorter than this a slow limb just rings,
RINGS_MS = 950  # for no longer than so
EFFECTIVE_MS = 220  # least energy over squared peak of a shorter one: one jerk's ringing has less


def later_pct(values: dict, odr_mhz: int) -> int:
    """Return 100 where the movement of an event was held, else 0; values: wire.EVENT_FIELDS."""
    if values["source"] != wire.SOURCE_MOVE:
        return 0
    burst_ms = names.ms_of(values["burst_samples"], odr_mhz)
    alone = values["bursts"] == 1 and burst_ms < ALONE_MS
    if names.ms_of(values["move_samples"], odr_mhz) >= (RINGS_MS if alone else SURE_MS):
        return 100
    slow_mg = values["slow_peak_mg"]
    low = slow_mg > 0 and names.is_low(slow_mg, values["floor_q4_mg"], names.DEFAULTS)
    return 100 if low or values["effective_ms"] >= EFFECTIVE_MS else 0
