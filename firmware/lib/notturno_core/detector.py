"""The fixed-point detector: raw acceleration in, events out.

Touches its arguments alone. Speaks raw counts (int16) inside, mg and samples in the rows it gives.
A first version: one jerk path; its interface is the one that stays.
"""

from array import array

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# Names the viper emitter knows; elsewhere annotations are never evaluated to any use.
ptr16 = ptr32 = object

DETECTOR_VERSION = 1
MAX_CHUNK = 64  # samples a call
OUT_WORDS = const(24)  # int32 words of one row
MAX_ROWS = 16  # rows `out` must hold

OUT_KIND = const(0)
OUT_FLAGS = const(1)
OUT_CONFIDENCE = const(2)
OUT_ONSET = const(3)
OUT_DURATION = const(4)
OUT_PEAK = const(5)
OUT_JERK = const(6)

# state words
S_ROWS = const(0)
S_SAMPLE = const(1)
S_X = const(2)
S_Y = const(3)
S_Z = const(4)
S_FLOOR = const(5)
S_ACTIVE = const(6)
S_ONSET = const(7)
S_PEAK = const(8)
S_QUIET = const(9)
S_UG_PER_LSB = const(10)
S_ODR_MHZ = const(11)
STATE_WORDS = 256


def jerk_stage(state: ptr32, samples: ptr16, n: int, out: ptr32) -> int:
    """Find brief jerks by the L1 difference of neighbouring samples."""
    rows = state[S_ROWS]
    floor = state[S_FLOOR]
    i = 0
    while i < n:
        x = (samples[i * 3] ^ 0x8000) - 0x8000
        y = (samples[i * 3 + 1] ^ 0x8000) - 0x8000
        z = (samples[i * 3 + 2] ^ 0x8000) - 0x8000
        d = x - state[S_X]
        if d < 0:
            d = 0 - d
        e = y - state[S_Y]
        if e < 0:
            e = 0 - e
        d = d + e
        e = z - state[S_Z]
        if e < 0:
            e = 0 - e
        d = d + e
        state[S_X] = x
        state[S_Y] = y
        state[S_Z] = z
        if state[S_SAMPLE] == 0:
            d = 0
        state[S_SAMPLE] = state[S_SAMPLE] + 1
        floor = floor + ((d << 4) >> 7) - (floor >> 7)
        if state[S_ACTIVE]:
            if d > state[S_PEAK]:
                state[S_PEAK] = d
            if d * 16 < floor * 3:
                state[S_QUIET] = state[S_QUIET] + 1
            else:
                state[S_QUIET] = 0
            if state[S_QUIET] > 5:
                row = rows * OUT_WORDS
                out[row + OUT_KIND] = 1
                out[row + OUT_ONSET] = state[S_ONSET]
                out[row + OUT_DURATION] = state[S_SAMPLE] - state[S_ONSET]
                out[row + OUT_JERK] = state[S_PEAK]
                rows = rows + 1
                state[S_ACTIVE] = 0
        elif d * 16 > floor * 6 + 16 * 80:
            state[S_ACTIVE] = 1
            state[S_ONSET] = state[S_SAMPLE]
            state[S_PEAK] = d
            state[S_QUIET] = 0
        i = i + 1
    state[S_FLOOR] = floor
    state[S_ROWS] = rows
    return rows


STAGES = (jerk_stage,)


def new_state(odr_mhz, ug_per_lsb, **settings):
    """Return the state of a detector at rest: an array of STATE_WORDS int32.

    odr_mhz: sample rate, 1/1000 Hz. ug_per_lsb: scale of a raw count, 1/1000 mg.
    settings: names and values as in DEFAULTS, physical units.
    """
    state = array("i", [0] * STATE_WORDS)
    state[S_ODR_MHZ] = odr_mhz
    state[S_UG_PER_LSB] = ug_per_lsb
    state[S_FLOOR] = 16 * 40
    return state


def process(state, samples, n, out):
    """Run every stage over n <= MAX_CHUNK samples; return the number of rows written to `out`."""
    state[S_ROWS] = 0
    for stage in STAGES:
        stage(state, samples, n, out)
    return state[S_ROWS]


def gap(state, out):
    """Forget filter history after lost samples; return rows that closing open events wrote."""
    state[S_ROWS] = 0
    return 0


def finish(state, out):
    """Close open events at the end of a recording; return the number of rows written."""
    state[S_ROWS] = 0
    return 0


def event_values(state, out, row):
    """Return row number `row` of `out` as the values of wire.EVENT_FIELDS."""
    base = row * OUT_WORDS
    return {
        "kind": out[base + OUT_KIND],
        "flags": out[base + OUT_FLAGS],
        "confidence_pct": out[base + OUT_CONFIDENCE],
        "onset_sample": out[base + OUT_ONSET],
        "duration_samples": out[base + OUT_DURATION],
        "peak_mg": out[base + OUT_PEAK],
        "peak_jerk_mg_per_s": out[base + OUT_JERK],
    }
