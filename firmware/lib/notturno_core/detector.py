"""The fixed-point detector: raw acceleration in, events out. Written once, run four ways.

Touches its arguments alone. Speaks raw counts and samples inside; rows become physical units in
`event_values`. It is longer than other rooms because the viper emitter folds a `const` only in the
file that defines it, and the three stages share one state.

    samples -> jerk_path -> bursts ----------------> arbiter -> rows
               |                                     |
               +-> sums of 1, 2, 4 or 8 -> movement_path -> movements

**Jerk path**, every sample: one-pole high-pass near 2 Hz (removes gravity and breathing, keeps a
limb's 2-15 Hz response to a 20-250 ms contraction), a squared norm of three axes, a one-pole mean
of four samples. A *burst* opens when the envelope passes max(absolute, k x floor) and closes after
`jerk_quiet_ms` below the low threshold; its onset is where the norm first left the floor. Within
a burst, cycles are counted along the direction of its first peak.

**Movement path**, on sums near 26 Hz: high-pass at 0.5 Hz, so 0.5-8 Hz remains (the band used for
limb movements; a strong high-pass under-counts them: Gschliesser 2009). Opens above an absolute
15 mg region (published ankle thresholds: 15 mg Sicbaldi 2025, 20-30 mg NeuroMetrix), ends at the
start of 0.5 s below the low threshold (AASM/WASM offset rule). Gravity is a 2.5 s low-pass.

**Arbiter**, per chunk: a burst is a jerk if it is brief and sharp and no movement of 0.5 s or more
holds it; four or more bursts or cycles at an even pace are a rhythm; a movement that turned
gravity is a posture change; sustained movement is `awake` and nothing inside it is counted.
Entries wait `hold_s` so that what comes after can still decide what they were.

Floors follow the median of the norm by equal steps up and down (proportional to the floor), only
while nothing is open: a median does not follow single events, and no event can drag it.
"""

from array import array

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# The viper emitter knows these names by itself; elsewhere annotations mean nothing.
ptr16 = ptr32 = object

DETECTOR_VERSION = 3
MAX_CHUNK = 64  # samples a call
OUT_WORDS = const(24)  # int32 words of one row
MAX_ROWS = 72  # rows that `out` must hold

# --- a row, and an entry of the ring: the same words -------------------------------------------
OUT_KIND = const(0)  # wire.EVENT_*, or KIND_MINUTE; in the ring also _BURST; 0 = dropped
OUT_FLAGS = const(1)
OUT_CONFIDENCE = const(2)  # percent
OUT_ONSET = const(3)  # sample
OUT_END = const(4)  # last sample
OUT_PEAK = const(5)  # largest squared norm of the high-passed acceleration, counts^2
OUT_VX = const(6)  # the vector of the peak, counts
OUT_VY = const(7)
OUT_VZ = const(8)
OUT_JERK = const(9)  # largest squared difference of neighbouring samples, (4 counts)^2
OUT_ENERGY = const(10)  # sum of the squared norms, (16 counts)^2, saturating
OUT_G0X = const(11)  # gravity before, counts
OUT_G0Y = const(12)
OUT_G0Z = const(13)
OUT_G1X = const(14)  # gravity after
OUT_G1Y = const(15)
OUT_G1Z = const(16)
OUT_FLOOR = const(17)  # counts^2 q4
OUT_BEATS = const(18)
OUT_FIRST = const(19)  # samples of the first and the last beat
OUT_LAST = const(20)
OUT_AREA = const(21)  # burst: squared norm of the vector of the peak, (8 counts)^2
OUT_MORPH = const(22)  # movement: most samples above the low threshold in any 0.5 s
OUT_SEEN = const(23)

KIND_MINUTE = const(100)
_JERK = const(1)
_LM = const(2)
_POSTURE = const(3)
_RHYTHM = const(4)
_AWAKE = const(5)
_NOT_WORN = const(6)
_BURST = const(50)

# flags, as in wire.py (a test holds them equal); `const` folds only inside this file
_CLIPPED = const(1)
_IN_RHYTHM = const(4)
_POSTURE_CHANGED = const(32)
_NO_MORPHOLOGY = const(64)
_CLONIC = const(128)
_LARGE = const(256)
_TRUNCATED = const(1024)
_HELD = const(0x4000)  # in the ring only: part of a movement

# --- state: settings converted to counts and samples --------------------------------------------
S_ROWS = const(0)  # rows in `out` so far
S_SAMPLE = const(1)  # samples seen
S_ODR_MHZ = const(2)
S_UG_PER_LSB = const(3)
S_OFFSET = const(4)  # first sample of `samples` that the stages shall take
_DEC = const(6)  # samples summed for the movement path: 1, 2, 4 or 8
_DEC_SHIFT = const(7)  # and what makes a q4 mean of the sum
_J_ON = const(8)  # counts^2
_J_ON_FLOOR = const(9)  # multiples of the median of squares
_J_LOW = const(10)
_J_LOW_FLOOR = const(11)
_J_QUIET = const(12)  # samples
_J_MAX = const(13)
_J_MIN_PEAK = const(14)  # (8 counts)^2
_J_SHARP_Q8 = const(15)  # least squared step between samples over squared peak
_M_ON = const(16)  # counts^2
_M_ON_FLOOR = const(17)
_M_LOW = const(18)
_M_LOW_FLOOR = const(19)
_M_QUIET = const(20)  # decimated samples
_M_MIN = const(21)  # samples
_M_EFFECTIVE = const(22)  # decimated samples
_MARGIN = const(23)
_POSTURE_COS2_Q6 = const(24)
_SETTLE = const(25)  # samples
_LARGE_MIN = const(26)
_LARGE_MAX = const(27)
_R_SLOWEST = const(28)  # samples between beats
_R_FASTEST = const(29)
_R_TOL_Q8 = const(30)
_R_BEATS = const(31)
_C_BEATS = const(32)
_AWAKE_ON = const(33)  # q16 of time
_AWAKE_OFF = const(34)
_OCC_SHIFT = const(35)
_G_SHIFT = const(36)
_HOLD = const(37)  # samples
_STILL = const(38)  # counts^2
_NOT_WORN_MIN = const(39)  # minutes
_NW_SPAN = const(40)  # samples within which two moved minutes mean worn
_MINUTE = const(41)  # samples
_FIVE = const(42)
_C_TOL_Q8 = const(43)
_M_SURE = const(44)  # samples
_M_TAIL = const(45)
_R_MAX = const(46)
_E_SHIFT = const(47)
_J_STRONG = const(134)  # (8 counts)^2
_J_STRONG_Q8 = const(135)
_J_ALIVE = const(96)  # samples
_NW_END = const(97)
_C_QUICK = const(79)
_C_QUICK_BEATS = const(94)
_M_GAP = const(5)  # samples of silence before a movement's first

# --- state: jerk path ---------------------------------------------------------------------------
_LPX = const(48)  # 2 Hz low-pass, counts q4
_LPY = const(49)
_LPZ = const(50)
_ENV = const(51)  # mean square of some four samples, counts^2
_FLOOR = const(52)  # median of the squared norm, counts^2 q4
_STEP = const(53)  # its step
_ON = const(54)  # thresholds of this block, counts^2
_LOW = const(55)
_ABOVE = const(56)  # the last sample above the low threshold
_RISE = const(57)  # sample where it last rose above
_OPEN = const(58)
_PX = const(59)  # sample before
_PY = const(60)
_PZ = const(61)
_UX = const(62)  # direction of the first strong peak
_UY = const(63)
_UZ = const(64)
_UREF = const(65)  # its squared norm
_UTH = const(66)  # half its projection
_ARMED = const(67)
_SUMX = const(68)
_SUMY = const(69)
_SUMZ = const(70)
_SUMN = const(71)  # samples still to come into the sums
_DEC_STOP = const(72)  # one past the decimated triples of this call
_DEC_AT = const(78)  # the sample at which the first of them begins
_SEED = const(73)  # the next sample starts the filters
_WARM = const(74)  # samples until the floors have settled
_BX = const(75)  # where the limb lay when the norm last rose, counts
_BY = const(76)
_BZ = const(77)

# --- state: movement path -----------------------------------------------------------------------
_MX = const(80)  # 0.5 Hz low-pass, counts q4
_MY = const(81)
_MZ = const(82)
_MFLOOR = const(83)
_MSTEP = const(84)
_MON = const(85)  # thresholds of this block, counts^2
_MLOW = const(86)
_MABOVE = const(87)  # the last sample above the low threshold
_MRISE = const(88)
_MOPEN = const(89)
_MWIN = const(90)  # bits: which of the last 0.5 s were above
_MCOUNT = const(91)
_MAX = const(92)  # largest squared norm of the minute
_ACT = const(93)  # sum of the squared norms of the minute, each cut at 724 counts
_MFADE = const(95)  # a peak that fades by an eighth a decimated sample

# --- state: arbiter ------------------------------------------------------------------------------
_GX = const(100)  # gravity, counts q4
_GY = const(101)
_GZ = const(102)
_SETTLE_AT = const(103)
_SETTLING = const(104)  # ring index + 1 of the movement whose gravity after is awaited
_OCC = const(105)  # share of time in movement, q16, over 2.5 min
_MIN_AT = const(106)  # sample at which the minute ends
_FIVE_AT = const(107)
_MJERKS = const(108)
_MLMS = const(109)
_MCLIP = const(110)
_G5X = const(111)  # gravity at the last 5 s mark, counts
_G5Y = const(112)
_G5Z = const(113)
_TILT = const(114)  # largest squared chord between marks, (8 counts)^2
_STILL_RUN = const(115)  # minutes in a row without movement
_NW_OPEN = const(116)
_NW_ONSET = const(117)
_NW_MOVED = const(118)
_ALIVE = const(119)  # bits: axes that moved this minute
_QX = const(120)  # 2 Hz low-pass at the last block
_QY = const(121)
_QZ = const(122)
_HEAD = const(123)  # entries ever pushed
_TAIL = const(124)  # entries ever released
_SEEN = const(125)  # entries classified
_CHECKED = const(126)  # head when the ring was last compared with itself
_AWAKE_OPEN = const(127)
_AWAKE_ONSET = const(128)
_QUIET_SINCE = const(129)
_FINISH = const(130)
_RX = const(131)  # gravity when the limb last rested, counts
_RY = const(132)
_RZ = const(133)

# a run of beats: bursts, and cycles within bursts. Beat times wait in a buffer of 32.
RUN_WORDS = const(40)
_RUNS = const(136)
_RUN_IN = const(0)  # times ever written
_RUN_OUT = const(1)  # times ever read
_RUN_COUNT = const(2)
_RUN_FIRST = const(3)
_RUN_LAST = const(4)
_RUN_REF = const(5)
_RUN_BUF = const(8)
_CYCLES = const(176)  # _RUNS + RUN_WORDS: the second run

_J = const(216)  # the burst that is open, laid out as a row
_M = const(240)  # the movement that is open
_DECBUF = const(264)  # of the call: sums x, y, z, envelope, onset of the open burst; 64 x 5 words
_RING = const(584)
_RING_LEN = const(64)  # a power of two
STATE_WORDS = 584 + 64 * 24
# 0.47 g at +-4 g. While the floors warm up, each of a block's samples may add a sixteenth: nine
# times this must fit 31 bits.
_FLOOR_MOST = const(0xDFFFFFF)
BLOCK = const(128)  # the arbiter acts, and thresholds change, at multiples of it


def jerk_path(state: ptr32, samples: ptr16, n: int, out: ptr32) -> int:
    """Every sample: high-pass, envelope, bursts into the ring, sums for the movement path.

    Inside, samples are in offset binary (int16 + 0x8000): one operation less an axis.
    """
    i = state[S_OFFSET] * 3
    end = i + n * 3
    t = state[S_SAMPLE] - state[S_OFFSET]
    lpx = state[_LPX]
    lpy = state[_LPY]
    lpz = state[_LPZ]
    if state[_SEED] and n > 0:
        lpx = (samples[i] ^ 0x8000) << 4
        lpy = (samples[i + 1] ^ 0x8000) << 4
        lpz = (samples[i + 2] ^ 0x8000) << 4
        state[_MX] = lpx
        state[_MY] = lpy
        state[_MZ] = lpz
        state[_SEED] = 0
    k = state[_E_SHIFT]
    bx = lpx >> 4
    by = lpy >> 4
    bz = lpz >> 4
    env = state[_ENV]
    sx = state[_SUMX]
    sy = state[_SUMY]
    sz = state[_SUMZ]
    sn = state[_SUMN] * 3
    state[_DEC_AT] = state[S_SAMPLE] - state[_DEC] + state[_SUMN]
    at = _DECBUF
    opened = state[_OPEN]
    m = 0
    while i < end:
        stop = i + sn
        if stop > end:
            stop = end
        sn = sn + i - stop
        while i < stop:
            x = samples[i] ^ 0x8000
            y = samples[i + 1] ^ 0x8000
            z = samples[i + 2] ^ 0x8000
            sx = sx + x
            sy = sy + y
            sz = sz + z
            hx = x - bx
            hy = y - by
            hz = z - bz
            # squared norm; it saturates beyond +-16384 counts (2 g at +-4 g) to fit 30 bits
            if ((hx + 0x4000) | (hy + 0x4000) | (hz + 0x4000)) >> 15:
                m = 0x3FFFFFFF
            else:
                m = hx * hx + hy * hy + hz * hz
            if m > state[_LOW]:
                now = t + ((i * 21846) >> 16)  # i / 3
                if now - state[_ABOVE] > 4:
                    state[_RISE] = now
                    state[_BX] = bx
                    state[_BY] = by
                    state[_BZ] = bz
                    state[_PX] = bx
                    state[_PY] = by
                    state[_PZ] = bz
                    if opened == 0:
                        env = 0
                state[_ABOVE] = now
                if opened == 0:
                    env = env + ((m - env) >> k)
                if opened == 0 and env > state[_ON]:
                    opened = 1
                    j = _J
                    while j < _J + OUT_WORDS:
                        state[j] = 0
                        j = j + 1
                    state[_J + OUT_KIND] = _BURST
                    state[_J + OUT_ONSET] = state[_RISE]
                    state[_J + OUT_END] = now
                    state[_J + OUT_FLOOR] = state[_FLOOR]
                    state[_J + OUT_G0X] = state[_BX]
                    state[_J + OUT_G0Y] = state[_BY]
                    state[_J + OUT_G0Z] = state[_BZ]
                    state[_UREF] = 0
                if opened == 0:
                    state[_PX] = x
                    state[_PY] = y
                    state[_PZ] = z
            if opened:
                now = t + ((i * 21846) >> 16)
                env = env + ((m - env) >> k)
                # steepest step between neighbours
                a = (x - state[_PX]) >> 1
                b = (y - state[_PY]) >> 1
                j = (z - state[_PZ]) >> 1
                state[_PX] = x
                state[_PY] = y
                state[_PZ] = z
                a = ((a * a) >> 2) + ((b * b) >> 2) + ((j * j) >> 2)
                if a > state[_J + OUT_JERK]:
                    state[_J + OUT_JERK] = a
                if x > 65468 or x < 68 or y > 65468 or y < 68 or z > 65468 or z < 68:
                    state[_J + OUT_FLAGS] = _CLIPPED
                a = state[_J + OUT_ENERGY] + (m >> 8)
                if a < 0x3FFFFFFF:
                    state[_J + OUT_ENERGY] = a
                if m > state[_J + OUT_PEAK]:
                    state[_J + OUT_PEAK] = m
                # the peak that is reported, from where the limb lay before: no filter cuts it
                a = (x - state[_J + OUT_G0X]) >> 3
                b = (y - state[_J + OUT_G0Y]) >> 3
                j = (z - state[_J + OUT_G0Z]) >> 3
                a = a * a + b * b + j * j
                if a > state[_J + OUT_AREA]:
                    state[_J + OUT_AREA] = a
                    state[_J + OUT_VX] = x - state[_J + OUT_G0X]
                    state[_J + OUT_VY] = y - state[_J + OUT_G0Y]
                    state[_J + OUT_VZ] = z - state[_J + OUT_G0Z]
                # cycles: passages along the direction of the first strong peak
                j = 0
                if m >> 2 > state[_UREF]:
                    state[_UREF] = m
                    a = 0
                    while m >> a > 16383:
                        a = a + 2
                    a = a >> 1
                    state[_UX] = hx >> a
                    state[_UY] = hy >> a
                    state[_UZ] = hz >> a
                    j = 1
                a = hx * state[_UX] + hy * state[_UY] + hz * state[_UZ]
                if j:
                    state[_UTH] = a >> 1
                elif state[_ARMED]:
                    if a > state[_UTH]:
                        j = 1
                elif a < 0:
                    state[_ARMED] = 1
                if j:
                    state[_ARMED] = 0
                    j = state[_CYCLES + _RUN_IN]
                    state[_CYCLES + _RUN_IN] = j + 1
                    state[_CYCLES + _RUN_BUF + (j & 31)] = now
                if m > state[_LOW] and m > state[_J + OUT_PEAK] >> 6:
                    state[_J + OUT_END] = now
                elif env < state[_LOW] and now - state[_J + OUT_END] > state[_J_QUIET]:
                    opened = 0
                    env = 0
                    a = _RING + (state[_HEAD] & (_RING_LEN - 1)) * OUT_WORDS - _J
                    state[_HEAD] = state[_HEAD] + 1
                    j = _J
                    while j < _J + OUT_WORDS:
                        state[a + j] = state[j]
                        j = j + 1
            i = i + 3
        if sn == 0:
            sn = state[_DEC] * 3
            state[at] = sx
            state[at + 1] = sy
            state[at + 2] = sz
            j = state[_DEC_SHIFT]
            lpx = ((sx << j) + lpx) >> 1
            lpy = ((sy << j) + lpy) >> 1
            lpz = ((sz << j) + lpz) >> 1
            bx = lpx >> 4
            by = lpy >> 4
            bz = lpz >> 4
            sx = 0
            sy = 0
            sz = 0
            if opened:
                state[at + 3] = env
                state[at + 4] = state[_J + OUT_ONSET]
            else:
                state[at + 3] = m >> 1  # one sample is noisier than the envelope
                state[at + 4] = 0x3FFFFFFF
                # the floor follows the median
                a = state[_FLOOR]
                if m > a >> 4:
                    state[_FLOOR] = a + state[_STEP]
                else:
                    state[_FLOOR] = a - state[_STEP]
            at = at + 5
    state[_LPX] = lpx
    state[_LPY] = lpy
    state[_LPZ] = lpz
    state[_ENV] = env
    state[_SUMX] = sx
    state[_SUMY] = sy
    state[_SUMZ] = sz
    state[_SUMN] = (sn * 21846) >> 16
    state[_DEC_STOP] = at
    state[S_SAMPLE] = t + state[S_OFFSET] + n
    state[_OPEN] = opened
    return state[S_ROWS]


def movement_path(state: ptr32, samples: ptr16, n: int, out: ptr32) -> int:
    """Every sum of 1, 2, 4 or 8 samples: 0.5 Hz high-pass, norm, movements into the ring."""
    at = _DECBUF
    stop = state[_DEC_STOP]
    dec = state[_DEC]
    k = state[_DEC_SHIFT]
    t = state[_DEC_AT]
    mx = state[_MX]
    my = state[_MY]
    mz = state[_MZ]
    floor = state[_MFLOOR]
    while at < stop:
        x = state[at] << k
        y = state[at + 1] << k
        z = state[at + 2] << k
        mx = mx + ((x - mx) >> 3)
        my = my + ((y - my) >> 3)
        mz = mz + ((z - mz) >> 3)
        x = (x - mx) >> 4
        y = (y - my) >> 4
        z = (z - mz) >> 4
        if ((x + 0x4000) | (y + 0x4000) | (z + 0x4000)) >> 15:
            m = 0x3FFFFFFF
        else:
            m = x * x + y * y + z * z
        if m > state[_MAX]:
            state[_MAX] = m
        if m > state[_MLOW]:
            if t - state[_MABOVE] > state[_M_GAP]:
                state[_MRISE] = t
            state[_MABOVE] = t
            a = m
            if a > 0x7FFFF:
                a = 0x7FFFF
            state[_ACT] = state[_ACT] + a
        if state[_MOPEN] == 0:
            if m > floor >> 4:
                floor = floor + state[_MSTEP]
            else:
                floor = floor - state[_MSTEP]
            # the slow high-pass rings on after a strong movement: the quick one must agree
            if m > state[_MON] and state[at + 3] > state[_LOW]:
                state[_MOPEN] = 1
                state[_MWIN] = 0
                state[_MCOUNT] = 0
                state[_MFADE] = 0
                j = _M
                while j < _M + OUT_WORDS:
                    state[j] = 0
                    j = j + 1
                state[_M + OUT_KIND] = _LM
                state[_M + OUT_END] = t
                state[_M + OUT_FLOOR] = floor
                state[_M + OUT_G0X] = state[_RX]
                state[_M + OUT_G0Y] = state[_RY]
                state[_M + OUT_G0Z] = state[_RZ]
                # the jerk path sees the first instant at the full rate; while its burst is open
                # the limb has not been still since
                a = state[_MRISE]
                if state[at + 4] < a + state[_MARGIN]:
                    a = state[at + 4]
                state[_M + OUT_ONSET] = a
        if state[_MOPEN]:
            if m > state[_M + OUT_PEAK]:
                state[_M + OUT_PEAK] = m
                state[_M + OUT_VX] = x
                state[_M + OUT_VY] = y
                state[_M + OUT_VZ] = z
            a = state[_M + OUT_ENERGY] + (m >> 8)
            if a < 0x3FFFFFFF:
                state[_M + OUT_ENERGY] = a
            j = 0
            # the end is taken from the jerk path's envelope, whose high-pass rings off sooner, and
            # against a peak that fades, so that a strong part does not hide a weak one after it
            a = state[_MFADE]
            a = a - (a >> 3)
            if m > a:
                a = m
            state[_MFADE] = a
            b = state[at + 3]
            if b > state[_LOW]:
                j = 1
                if b > a >> 6 and b > state[_M + OUT_PEAK] >> 9:
                    state[_M + OUT_END] = t
            # how many of the last 0.5 s were above: the bits of a register
            b = state[_MWIN]
            a = state[_MCOUNT] + j - ((b >> (state[_M_QUIET] - 1)) & 1)
            state[_MCOUNT] = a
            state[_MWIN] = ((b << 1) | j) & ((1 << state[_M_QUIET]) - 1)
            if a > state[_M + OUT_MORPH]:
                state[_M + OUT_MORPH] = a
            if a == 0:
                state[_MOPEN] = 0
                a = state[_M + OUT_END] - state[_M_TAIL]
                state[_M + OUT_END] = a
                a = a - state[_M + OUT_ONSET]
                b = (state[_M + OUT_PEAK] >> 10) * state[_M_EFFECTIVE]
                if a >= state[_M_MIN] and (state[_M + OUT_ENERGY] >= b or a >= state[_M_SURE]):
                    a = _RING + (state[_HEAD] & (_RING_LEN - 1)) * OUT_WORDS - _M
                    state[_HEAD] = state[_HEAD] + 1
                    j = _M
                    while j < _M + OUT_WORDS:
                        state[a + j] = state[j]
                        j = j + 1
        t = t + dec
        at = at + 5
    state[_MX] = mx
    state[_MY] = my
    state[_MZ] = mz
    state[_MFLOOR] = floor
    return state[S_ROWS]


def arbiter(state: ptr32, samples: ptr16, n: int, out: ptr32) -> int:
    """Every block: thresholds, gravity, minutes; say what the entries are and release them."""
    now = state[S_SAMPLE]
    rows = state[S_ROWS]
    if (now & (BLOCK - 1)) and state[_FINISH] == 0:
        return rows
    mask = _RING_LEN - 1

    # -- thresholds of the next block; a floor above _FLOOR_MOST says no more
    s = state[_FLOOR]
    if s < 16:
        s = 16
    if s > _FLOOR_MOST:
        s = _FLOOR_MOST
    state[_FLOOR] = s
    state[_STEP] = (s >> 6) + 1
    s = s >> 4
    a = s * state[_J_LOW_FLOOR]
    if a < state[_J_LOW]:
        a = state[_J_LOW]
    state[_LOW] = a
    a = s * state[_J_ON_FLOOR]
    if a < state[_J_ON]:
        a = state[_J_ON]
    state[_ON] = a
    b = state[_MFLOOR]
    if b < 16:
        b = 16
    if b > _FLOOR_MOST:
        b = _FLOOR_MOST
    state[_MFLOOR] = b
    state[_MSTEP] = (b >> 6) + 1
    b = b >> 4
    a = b * state[_M_LOW_FLOOR]
    if a < state[_M_LOW]:
        a = state[_M_LOW]
    state[_MLOW] = a
    a = b * state[_M_ON_FLOOR]
    if a < state[_M_ON]:
        a = state[_M_ON]
    state[_MON] = a
    if state[_WARM] > 0:
        state[_WARM] = state[_WARM] - BLOCK
        state[_ON] = 0x3FFFFFFF
        state[_MON] = 0x3FFFFFFF
        state[_STEP] = s + 1
        state[_MSTEP] = b + 1
        state[_QX] = state[_LPX]
        state[_QY] = state[_LPY]
        state[_QZ] = state[_LPZ]
        state[_GX] = state[_MX]
        state[_GY] = state[_MY]
        state[_GZ] = state[_MZ]
        state[_G5X] = (state[_MX] >> 4) - 0x8000
        state[_G5Y] = (state[_MY] >> 4) - 0x8000
        state[_G5Z] = (state[_MZ] >> 4) - 0x8000

    # -- gravity, and whether the last movement turned it
    k = state[_G_SHIFT]
    state[_GX] = state[_GX] + ((state[_MX] - state[_GX]) >> k)
    state[_GY] = state[_GY] + ((state[_MY] - state[_GY]) >> k)
    state[_GZ] = state[_GZ] + ((state[_MZ] - state[_GZ]) >> k)
    gx = (state[_GX] >> 4) - 0x8000
    gy = (state[_GY] >> 4) - 0x8000
    gz = (state[_GZ] >> 4) - 0x8000
    if state[_MOPEN]:
        state[_SETTLING] = 0  # moved again before it rested: the next rest will tell
    elif state[_SETTLING] == 0:
        state[_RX] = gx
        state[_RY] = gy
        state[_RZ] = gz
    elif now >= state[_SETTLE_AT]:
        s = state[_SETTLING] - 1
        state[_SETTLING] = 0
        if s >= state[_TAIL]:
            e = _RING + (s & mask) * OUT_WORDS
            state[e + OUT_G1X] = gx
            state[e + OUT_G1Y] = gy
            state[e + OUT_G1Z] = gz
            ax = state[e + OUT_G0X]
            ay = state[e + OUT_G0Y]
            az = state[e + OUT_G0Z]
            x = gx
            y = gy
            z = gz
            while x > 127 or x < -127 or y > 127 or y < -127 or z > 127 or z < -127:
                x = x >> 1
                y = y >> 1
                z = z >> 1
            while ax > 127 or ax < -127 or ay > 127 or ay < -127 or az > 127 or az < -127:
                ax = ax >> 1
                ay = ay >> 1
                az = az >> 1
            s = (ax * x + ay * y + az * z) >> 4
            a = (ax * ax + ay * ay + az * az) >> 4
            b = (x * x + y * y + z * z) >> 4
            if s < 0 or ((s * s) << 6) < a * b * state[_POSTURE_COS2_Q6]:
                if state[e + OUT_KIND] == _LM:
                    state[e + OUT_KIND] = _POSTURE
                    state[_CHECKED] = 0
                    state[e + OUT_FLAGS] = state[e + OUT_FLAGS] | _POSTURE_CHANGED
    if now >= state[_FIVE_AT]:
        state[_FIVE_AT] = now + state[_FIVE]
        x = (gx - state[_G5X]) >> 3
        y = (gy - state[_G5Y]) >> 3
        z = (gz - state[_G5Z]) >> 3
        state[_G5X] = gx
        state[_G5Y] = gy
        state[_G5Z] = gz
        s = x * x + y * y + z * z
        if s > state[_TILT]:
            state[_TILT] = s

    # -- share of time in movement; axes that live (noise always moves one)
    s = 0
    if state[_MOPEN]:
        s = 65536
        if state[_CYCLES + _RUN_COUNT] >= 4:
            s = 32768  # a rhythm says less about being awake than movement does
    state[_OCC] = state[_OCC] + ((s - state[_OCC]) >> state[_OCC_SHIFT])
    if state[_LPX] != state[_QX]:
        state[_ALIVE] = state[_ALIVE] | 1
    if state[_LPY] != state[_QY]:
        state[_ALIVE] = state[_ALIVE] | 2
    if state[_LPZ] != state[_QZ]:
        state[_ALIVE] = state[_ALIVE] | 4
    state[_QX] = state[_LPX]
    state[_QY] = state[_LPY]
    state[_QZ] = state[_LPZ]
    s = 65468 << 4
    a = 68 << 4
    if (
        (state[_OPEN] and state[_J + OUT_FLAGS])
        or state[_MX] > s
        or state[_MX] < a
        or state[_MY] > s
        or state[_MY] < a
        or state[_MZ] > s
        or state[_MZ] < a
    ):
        state[_MCLIP] = state[_MCLIP] + 1

    # -- a minute has passed
    if now >= state[_MIN_AT]:
        e = rows * OUT_WORDS
        rows = rows + 1
        s = 0
        if state[_MAX] < state[_STILL]:
            s = 2  # wire.MINUTE_STILL
            state[_STILL_RUN] = state[_STILL_RUN] + 1
        else:
            state[_STILL_RUN] = 0
            if state[_NW_OPEN]:
                if now - state[_NW_MOVED] < state[_NW_SPAN]:
                    state[_NW_OPEN] = 2  # worn since the first of the two minutes
                    state[_NW_END] = state[_NW_MOVED] - state[_MINUTE]
                state[_NW_MOVED] = now
        if state[_NW_OPEN] == 0 and state[_STILL_RUN] >= state[_NOT_WORN_MIN]:
            state[_NW_OPEN] = 1
            state[_NW_ONSET] = now - state[_STILL_RUN] * state[_MINUTE]
            state[_NW_MOVED] = now - state[_NW_SPAN]
        if state[_NW_OPEN]:
            s = s | 1  # wire.MINUTE_NOT_WORN
        if state[_MCLIP]:
            s = s | 4  # wire.MINUTE_CLIPPED
        if state[_AWAKE_OPEN]:
            s = s | 8  # wire.MINUTE_AWAKE
        if state[_ALIVE] != 7:
            s = s | 32  # wire.MINUTE_AXIS_DEAD
        out[e + OUT_KIND] = KIND_MINUTE
        out[e + OUT_FLAGS] = s
        out[e + OUT_END] = now
        out[e + OUT_PEAK] = state[_MAX]
        out[e + OUT_VX] = state[_MFLOOR]
        out[e + OUT_JERK] = state[_TILT]
        out[e + OUT_ENERGY] = state[_MCLIP]
        out[e + OUT_G1X] = gx
        out[e + OUT_G1Y] = gy
        out[e + OUT_G1Z] = gz
        out[e + OUT_FLOOR] = state[_FLOOR]
        out[e + OUT_BEATS] = state[_MJERKS]
        out[e + OUT_MORPH] = state[_MLMS]
        out[e + OUT_AREA] = state[_ACT]
        state[_MIN_AT] = state[_MIN_AT] + state[_MINUTE]
        state[_MAX] = 0
        state[_ACT] = 0
        state[_TILT] = 0
        state[_ALIVE] = 0
        state[_MCLIP] = 0
        state[_MJERKS] = 0
        state[_MLMS] = 0

    # -- what new entries are
    a = state[_SEEN]
    while a < state[_HEAD]:
        e = _RING + (a & mask) * OUT_WORDS
        a = a + 1
        b = state[e + OUT_END] - state[e + OUT_ONSET]
        if state[e + OUT_KIND] == _BURST:
            if state[e + OUT_FLAGS]:
                state[_MCLIP] = state[_MCLIP] + 1
            state[e + OUT_G0X] = state[e + OUT_G0X] - 0x8000
            state[e + OUT_G0Y] = state[e + OUT_G0Y] - 0x8000
            state[e + OUT_G0Z] = state[e + OUT_G0Z] - 0x8000
            state[e + OUT_G1X] = gx
            state[e + OUT_G1Y] = gy
            state[e + OUT_G1Z] = gz
            state[e + OUT_KIND] = 0
            if b < state[_R_MAX]:
                s = state[_RUNS + _RUN_IN]
                state[_RUNS + _RUN_IN] = s + 1
                state[_RUNS + _RUN_BUF + (s & 31)] = state[e + OUT_ONSET]
            if b < state[_J_MAX]:
                # sharp enough? (4 counts)^2 of step, less what noise adds, by (8 counts)^2 of peak
                s = state[e + OUT_AREA]
                t = state[_J_SHARP_Q8]
                if s >= state[_J_STRONG]:
                    t = state[_J_STRONG_Q8]
                if s < 0x400000:
                    s = (s * t) >> 6
                else:
                    s = (s >> 6) * t
                s = s + (state[e + OUT_FLOOR] >> 6)
                if state[e + OUT_AREA] >= state[_J_MIN_PEAK] and state[e + OUT_JERK] >= s:
                    state[e + OUT_KIND] = _JERK
                    state[_MJERKS] = state[_MJERKS] + 1
        elif state[e + OUT_KIND] == _LM:
            state[_MLMS] = state[_MLMS] + 1
            state[_SETTLING] = a
            state[_SETTLE_AT] = state[e + OUT_END] + state[_SETTLE]
            if b >= state[_LARGE_MIN] and b <= state[_LARGE_MAX]:
                state[e + OUT_FLAGS] = state[e + OUT_FLAGS] | _LARGE
            if state[e + OUT_MORPH] * 2 < state[_M_QUIET]:
                state[e + OUT_FLAGS] = state[e + OUT_FLAGS] | _NO_MORPHOLOGY
    state[_SEEN] = a

    # -- runs of beats: bursts first, then cycles within bursts
    r = _RUNS
    while r <= _CYCLES:
        y = state[_R_BEATS]
        gx = state[_R_TOL_Q8]
        if r == _CYCLES:
            y = state[_C_BEATS]
            gx = state[_C_TOL_Q8]
        if state[r + _RUN_IN] - state[r + _RUN_OUT] > 32:
            state[r + _RUN_OUT] = state[r + _RUN_IN] - 32
        x = 1
        while x:
            # x: 1 a beat to take, 2 none and the run may be over
            t = now
            x = 2
            if state[r + _RUN_OUT] < state[r + _RUN_IN]:
                t = state[r + _RUN_BUF + (state[r + _RUN_OUT] & 31)]
                state[r + _RUN_OUT] = state[r + _RUN_OUT] + 1
                x = 1
            a = t - state[r + _RUN_LAST]
            b = state[r + _RUN_REF]
            s = a - b
            if s < 0:
                s = 0 - s
            k = 0  # the run goes on
            if x == 1:
                if state[r + _RUN_COUNT] == 0 or a > state[_R_SLOWEST]:
                    k = 1
                elif a < state[_R_FASTEST]:
                    k = 1  # faster than a rhythm: a ring or a vibration, and no run goes through
                elif state[r + _RUN_COUNT] == 1:
                    state[r + _RUN_COUNT] = 2
                    state[r + _RUN_REF] = a
                    state[r + _RUN_LAST] = t
                elif ((s - 1) << 8) <= b * gx:
                    state[r + _RUN_COUNT] = state[r + _RUN_COUNT] + 1
                    state[r + _RUN_REF] = (b * 3 + a) >> 2
                    state[r + _RUN_LAST] = t
                else:
                    k = 2
            elif state[_FINISH] or (a > b + b and a > state[_J_MAX] + state[_J_MAX]):
                k = 4
            if k:
                # quick cycles must be more: a movement's own sway holds a few that are nearly even
                gz = y
                if r == _CYCLES and b < state[_C_QUICK]:
                    gz = state[_C_QUICK_BEATS]
                if state[r + _RUN_COUNT] >= gz:
                    e = _RING + (state[_HEAD] & mask) * OUT_WORDS
                    state[_HEAD] = state[_HEAD] + 1
                    state[_SEEN] = state[_HEAD]
                    s = e
                    while s < e + OUT_WORDS:
                        state[s] = 0
                        s = s + 1
                    state[e + OUT_KIND] = _RHYTHM
                    state[e + OUT_ONSET] = state[r + _RUN_FIRST]
                    state[e + OUT_END] = state[r + _RUN_LAST] + (b >> 1)
                    state[e + OUT_BEATS] = state[r + _RUN_COUNT]
                    state[e + OUT_FIRST] = state[r + _RUN_FIRST]
                    state[e + OUT_LAST] = state[r + _RUN_LAST]
                    state[e + OUT_FLOOR] = state[_FLOOR]
                if k == 2:
                    # the last interval may begin another run
                    state[r + _RUN_FIRST] = state[r + _RUN_LAST]
                    state[r + _RUN_COUNT] = 2
                    state[r + _RUN_REF] = a
                    state[r + _RUN_LAST] = t
                elif k == 1:
                    state[r + _RUN_FIRST] = t
                    state[r + _RUN_COUNT] = 1
                    state[r + _RUN_LAST] = t
                elif state[r + _RUN_COUNT] > 1:
                    state[r + _RUN_COUNT] = 0
            if x == 2:
                x = 0
        r = r + RUN_WORDS

    # -- what holds what: rhythms hold bursts and movements, movements hold bursts
    r = state[_TAIL]
    if state[_CHECKED] == state[_HEAD]:
        r = state[_HEAD]
    while r < state[_HEAD]:
        e = _RING + (r & mask) * OUT_WORDS
        r = r + 1
        k = state[e + OUT_KIND]
        if k == _LM or k == _POSTURE or k == _RHYTHM:
            x = state[_MARGIN]
            if k == _POSTURE:
                x = x << 3  # a turn comes in several moves
            a = state[e + OUT_ONSET] - x
            b = state[e + OUT_END] + x
            t = state[_TAIL]
            while t < state[_HEAD]:
                s = _RING + (t & mask) * OUT_WORDS
                t = t + 1
                x = state[s + OUT_KIND]
                if s != e and state[s + OUT_ONSET] <= b and state[s + OUT_END] >= a:
                    if x <= _JERK:
                        if state[s + OUT_JERK] > state[e + OUT_JERK]:
                            state[e + OUT_JERK] = state[s + OUT_JERK]
                        if k == _RHYTHM:
                            if state[s + OUT_PEAK] > state[e + OUT_PEAK]:
                                state[e + OUT_PEAK] = state[s + OUT_PEAK]
                                state[e + OUT_VX] = state[s + OUT_VX]
                                state[e + OUT_VY] = state[s + OUT_VY]
                                state[e + OUT_VZ] = state[s + OUT_VZ]
                            state[s + OUT_FLAGS] = state[s + OUT_FLAGS] | _IN_RHYTHM
                        else:
                            state[s + OUT_FLAGS] = state[s + OUT_FLAGS] | _HELD
                    elif x == _LM and k == _RHYTHM:
                        state[s + OUT_KIND] = 0
                    elif x == _RHYTHM and k == _POSTURE:
                        state[s + OUT_KIND] = 0
                    elif (x == _LM or x == _POSTURE) and k == _POSTURE:
                        state[s + OUT_KIND] = 0
                        if state[s + OUT_ONSET] < state[e + OUT_ONSET]:
                            state[e + OUT_ONSET] = state[s + OUT_ONSET]
                        if state[s + OUT_END] > state[e + OUT_END]:
                            state[e + OUT_END] = state[s + OUT_END]
                        if state[s + OUT_PEAK] > state[e + OUT_PEAK]:
                            state[e + OUT_PEAK] = state[s + OUT_PEAK]
                            state[e + OUT_VX] = state[s + OUT_VX]
                            state[e + OUT_VY] = state[s + OUT_VY]
                            state[e + OUT_VZ] = state[s + OUT_VZ]
                    elif x == _RHYTHM and k == _RHYTHM:
                        if state[s + OUT_BEATS] <= state[e + OUT_BEATS]:
                            state[s + OUT_KIND] = 0
    state[_CHECKED] = state[_HEAD]

    # -- awake: sustained movement
    if state[_AWAKE_OPEN] == 0:
        if state[_OCC] < state[_AWAKE_OFF]:
            state[_QUIET_SINCE] = now
        elif state[_OCC] > state[_AWAKE_ON]:
            state[_AWAKE_OPEN] = 1
            state[_AWAKE_ONSET] = state[_QUIET_SINCE]
    elif state[_OCC] < state[_AWAKE_OFF] or state[_FINISH]:
        state[_AWAKE_OPEN] = 0
        state[_QUIET_SINCE] = now
        t = state[_TAIL]
        while t < state[_HEAD]:
            state[_RING + (t & mask) * OUT_WORDS + OUT_KIND] = 0
            t = t + 1
        e = _RING + (state[_HEAD] & mask) * OUT_WORDS
        state[_HEAD] = state[_HEAD] + 1
        state[_SEEN] = state[_HEAD]
        state[_CHECKED] = state[_HEAD]
        s = e
        while s < e + OUT_WORDS:
            state[s] = 0
            s = s + 1
        state[e + OUT_KIND] = _AWAKE
        state[e + OUT_ONSET] = state[_AWAKE_ONSET]
        state[e + OUT_END] = now - 1

    # -- release what has waited
    r = 1
    while r and state[_TAIL] < state[_HEAD]:
        e = _RING + (state[_TAIL] & mask) * OUT_WORDS
        k = state[e + OUT_KIND]
        a = state[e + OUT_END]
        if k and k <= _RHYTHM:
            b = state[e + OUT_FLAGS]
            state[e + OUT_FLAGS] = b & (_HELD - 1)
            if state[_AWAKE_OPEN] and a >= state[_AWAKE_ONSET]:
                k = 0
            elif state[_NW_OPEN] and k == _JERK and a - state[e + OUT_ONSET] < state[_J_ALIVE]:
                k = 0
            elif now - a < state[_HOLD] and state[_FINISH] == 0:
                if state[_HEAD] - state[_TAIL] < _RING_LEN - 16:
                    r = 0
                    state[e + OUT_FLAGS] = b
            if r and k == _JERK and (b & _IN_RHYTHM) == 0:
                if b & _HELD:
                    k = 0
                elif state[_MOPEN] and a >= state[_M + OUT_ONSET] - state[_MARGIN]:
                    k = 0
        if r:
            state[_TAIL] = state[_TAIL] + 1
            if k:
                if k <= _RHYTHM and state[_NW_OPEN] == 1:
                    state[_NW_OPEN] = 2  # a limb: the span ended before it
                    state[_NW_END] = state[e + OUT_ONSET]
                s = rows * OUT_WORDS - e
                rows = rows + 1
                t = e
                while t < e + OUT_WORDS:
                    out[s + t] = state[t]
                    t = t + 1

    # -- not worn: no living limb. Its end is known once what has waited is released
    if state[_NW_OPEN] == 1 and state[_FINISH]:
        state[_NW_OPEN] = 2
        state[_NW_END] = now
    if state[_NW_OPEN] == 2:
        state[_NW_OPEN] = 0
        e = rows * OUT_WORDS
        rows = rows + 1
        s = e
        while s < e + OUT_WORDS:
            out[s] = 0
            s = s + 1
        out[e + OUT_KIND] = _NOT_WORN
        out[e + OUT_ONSET] = state[_NW_ONSET]
        out[e + OUT_END] = state[_NW_END] - 1
    state[S_ROWS] = rows
    return rows


STAGES = (jerk_path, movement_path, arbiter)

# Settings a user may change: name -> (default, what it means). Units stand in the names.
SETTINGS = (
    ("jerk_on_ug", 4000, "envelope that opens a burst: twice the ballistocardiogram at a limb"),
    ("jerk_on_floor_pct", 350, "or this share of the median noise"),
    ("jerk_low_ug", 2000, "norm at which a burst begins and ends"),
    ("jerk_low_floor_pct", 200, "or this share of the median noise"),
    ("jerk_quiet_ms", 130, "silence that ends a burst"),
    ("jerk_max_ms", 600, "a longer burst is no jerk: 250 ms of muscle and the limb's ringing"),
    ("jerk_min_peak_ug", 7500, "least peak of a jerk: what a mattress passes on stays below"),
    ("jerk_sharpness_per_s", 24, "least jerk over acceleration: a limb answers above 4 Hz"),
    ("jerk_strong_ug", 25000, "a mattress hardly passes on so much: such a jerk may be rounder"),
    ("jerk_strong_sharpness_per_s", 7, "a half-sine of 250 ms has 12.6, a bell of 200 ms has 7"),
    ("jerk_alive_ms", 120, "what knocks a band that nobody wears rings off sooner"),
    ("lm_on_ug", 10000, "in the band; some 15 mg at the sensor (15 mg: Sicbaldi 2025)"),
    ("lm_on_floor_pct", 400, "or this share of the median"),
    ("lm_low_ug", 5000, "norm at which a movement begins and ends"),
    ("lm_low_floor_pct", 200, "or this share of the median"),
    ("lm_min_ms", 500, "shortest LM (AASM v3, WASM 2016)"),
    ("lm_quiet_ms", 500, "silence that ends an LM (AASM v3, WASM 2016)"),
    ("lm_effective_ms", 150, "least energy over squared peak: the ringing of one jerk has less"),
    ("lm_tail_ms", 110, "how long the high-pass itself rings off after a movement"),
    ("lm_sure_ms", 700, "a movement this long needs no such proof"),
    ("margin_ms", 300, "a burst this near to a movement belongs to it"),
    ("posture_deg", 20, "turn of gravity that makes a movement a posture change"),
    ("settle_ms", 4000, "wait for gravity after a movement"),
    ("large_min_ms", 3000, "large muscle group movement (Ferri 2021)"),
    ("large_max_ms", 45000, "and its longest"),
    ("rhythm_min_beats", 4, "beats of a rhythm (HFLM: Yang and Winkelman 2010)"),
    ("rhythm_tolerance_pct", 30, "how far an interval may be from the run's pace"),
    ("rhythm_slowest_mhz", 280, "0.3 Hz, less the error of a clock"),
    ("rhythm_fastest_mhz", 9000, "8 Hz, and the jitter of one cycle"),
    ("rhythm_longest_beat_ms", 1200, "foot tremor bursts last up to 0.7 s, and the limb rings on"),
    ("cycle_min_beats", 6, "cycles inside one burst that make a rhythm"),
    ("cycle_min_beats_quick", 8, "and if they are faster than 2 Hz"),
    ("cycle_tolerance_pct", 28, "a movement's own sway is near to even; a rhythm is nearer"),
    ("awake_on_pct", 35, "share of time in movement that means awake"),
    ("awake_off_pct", 5, "and the share at which it ends"),
    ("hold_s", 90, "how long an event waits for what comes after"),
    ("still_ug", 1500, "a minute whose largest norm is below has no living limb in it"),
    ("not_worn_min", 15, "so many such minutes mean: not worn"),
)
DEFAULTS = {name: value for name, value, _ in SETTINGS}
CLONIC_MHZ = 3000  # from here on clonic-like (3-8 Hz), below it leg rhythms (0.3-4 Hz)
MIN_ODR_MHZ = 24000
MAX_ODR_MHZ = 213000
# cos^2 of 0, 5, .. 90 degrees, q6
_COS2_Q6 = (64, 64, 62, 60, 57, 53, 48, 43, 38, 32, 26, 21, 16, 11, 7, 4, 2, 0, 0)


def new_state(odr_mhz, ug_per_lsb, **settings):
    """Return the state of a detector at rest: an array of STATE_WORDS int32.

    odr_mhz: sample rate, 1/1000 Hz, 24 000 to 213 000 (25 to 208 Hz with a chip's 2 % error).
    ug_per_lsb: scale of a raw count, 1/1000 mg. settings: names as in DEFAULTS.
    Raises ValueError for a rate or a scale outside the range, or an unknown setting.
    """
    if not MIN_ODR_MHZ <= odr_mhz <= MAX_ODR_MHZ:
        raise ValueError("rate of %d mHz; 25 to 208 Hz are possible" % odr_mhz)
    if not 1 <= ug_per_lsb <= 65535:
        raise ValueError("scale of %d ug per count; 1 to 65535 are possible" % ug_per_lsb)
    value = dict(DEFAULTS)
    for name in settings:
        if name not in value:
            raise ValueError("no setting is called %s; there are: %s" % (name, ", ".join(value)))
        value[name] = int(settings[name])

    def samples(ms):
        return max(1, (ms * odr_mhz + 500000) // 1000000)

    def squared(name):
        return max(1, min(0x1FFFFFFF, value[name] * value[name] // (ug_per_lsb * ug_per_lsb)))

    def multiple(name):
        return max(1, min(32, (value[name] * value[name] + 5000) // 10000))

    dec_log2 = 0
    while (odr_mhz >> dec_log2) > 37000:
        dec_log2 += 1

    def decimated(ms):
        return max(1, samples(ms) >> dec_log2)

    def gap_of(mhz):
        return max(2, odr_mhz // mhz)

    def log2(n):
        return 0 if n < 2 else 1 + log2(n >> 1)

    state = array("i", [0] * STATE_WORDS)
    state[S_ODR_MHZ] = odr_mhz
    state[S_UG_PER_LSB] = ug_per_lsb
    state[_DEC] = 1 << dec_log2
    state[_DEC_SHIFT] = 4 - dec_log2
    state[_E_SHIFT] = log2((odr_mhz + 8000) // 25000)  # some 40 ms: 4 samples at 104 Hz
    state[_J_ON] = squared("jerk_on_ug")
    state[_J_ON_FLOOR] = multiple("jerk_on_floor_pct")
    state[_J_LOW] = squared("jerk_low_ug")
    state[_J_LOW_FLOOR] = multiple("jerk_low_floor_pct")
    state[_J_QUIET] = samples(value["jerk_quiet_ms"])
    state[_J_MAX] = samples(value["jerk_max_ms"])
    state[_J_MIN_PEAK] = max(1, squared("jerk_min_peak_ug") // 64)
    # below 40 Hz a step between samples cannot show the whole slope of a jerk
    slope_pct = 75 if odr_mhz < 40000 else 100

    def slope2_q8(per_s):
        slope_q8 = per_s * slope_pct * 2560 // odr_mhz
        return min(255, max(1, slope_q8 * slope_q8 // 256))

    state[_J_SHARP_Q8] = slope2_q8(value["jerk_sharpness_per_s"])
    state[_J_STRONG_Q8] = slope2_q8(value["jerk_strong_sharpness_per_s"])
    state[_J_STRONG] = max(1, squared("jerk_strong_ug") // 64)
    state[_J_ALIVE] = samples(value["jerk_alive_ms"])
    state[_M_ON] = squared("lm_on_ug")
    state[_M_ON_FLOOR] = multiple("lm_on_floor_pct")
    state[_M_LOW] = squared("lm_low_ug")
    state[_M_LOW_FLOOR] = multiple("lm_low_floor_pct")
    state[_M_QUIET] = min(24, decimated(value["lm_quiet_ms"]))
    state[_M_MIN] = samples(value["lm_min_ms"])
    state[_M_EFFECTIVE] = samples(value["lm_effective_ms"] * 4) >> dec_log2
    state[_M_TAIL] = samples(value["lm_tail_ms"])
    state[_M_GAP] = 4 << dec_log2
    state[_M_SURE] = samples(value["lm_sure_ms"])
    state[_MARGIN] = samples(value["margin_ms"])
    state[_POSTURE_COS2_Q6] = _COS2_Q6[min(90, value["posture_deg"]) // 5]
    state[_SETTLE] = samples(value["settle_ms"])
    state[_LARGE_MIN] = samples(value["large_min_ms"])
    state[_LARGE_MAX] = samples(value["large_max_ms"])
    state[_R_BEATS] = value["rhythm_min_beats"]
    state[_R_TOL_Q8] = value["rhythm_tolerance_pct"] * 256 // 100
    state[_R_SLOWEST] = gap_of(value["rhythm_slowest_mhz"])
    state[_R_FASTEST] = gap_of(value["rhythm_fastest_mhz"])
    state[_R_MAX] = samples(value["rhythm_longest_beat_ms"])
    state[_C_BEATS] = value["cycle_min_beats"]
    state[_C_QUICK] = odr_mhz // 2000  # faster than 2 Hz
    state[_C_QUICK_BEATS] = value["cycle_min_beats_quick"]
    state[_C_TOL_Q8] = value["cycle_tolerance_pct"] * 256 // 100
    state[_AWAKE_ON] = value["awake_on_pct"] * 65536 // 100
    state[_AWAKE_OFF] = value["awake_off_pct"] * 65536 // 100
    state[_OCC_SHIFT] = log2(samples(150000) // BLOCK)
    state[_G_SHIFT] = max(1, log2(samples(2000) // BLOCK))
    state[_HOLD] = samples(value["hold_s"] * 1000)
    state[_STILL] = squared("still_ug")
    state[_NOT_WORN_MIN] = value["not_worn_min"]
    state[_MINUTE] = samples(60000)
    state[_MIN_AT] = samples(60000)
    state[_FIVE] = samples(5000)
    state[_FIVE_AT] = samples(5000)
    state[_NW_SPAN] = samples(600000)
    state[_FLOOR] = max(16, state[_J_ON])
    state[_MFLOOR] = max(16, state[_M_LOW])
    _restart(state)
    return state


def _restart(state):
    """Let the next sample start the filters, and the floors settle for two seconds."""
    state[_SEED] = 1
    state[_WARM] = state[S_ODR_MHZ] // 500
    state[_ON] = state[_MON] = state[_LOW] = state[_MLOW] = 0x3FFFFFFF
    for floor in (_FLOOR, _MFLOOR):
        state[floor] = max(16, min(_FLOOR_MOST, state[floor]))
    state[_STEP] = state[_FLOOR] // 16 + 1
    state[_MSTEP] = state[_MFLOOR] // 16 + 1
    for word in (_OPEN, _MOPEN, _ENV, _SUMX, _SUMY, _SUMZ, _SETTLING):
        state[word] = 0
    state[_SUMN] = state[_DEC]
    state[_ABOVE] = state[S_SAMPLE] - 5
    state[_MABOVE] = state[S_SAMPLE] - 5 * state[_DEC]
    for run in (_RUNS, _CYCLES):
        state[run + _RUN_OUT] = state[run + _RUN_IN]
        state[run + _RUN_COUNT] = 0
    state[_DEC_STOP] = _DECBUF


def process(state, samples, n, out):
    """Run the stages over n <= MAX_CHUNK samples; return the number of rows written to `out`.

    Blocks lie at multiples of BLOCK samples of the recording, however the caller cuts it.
    """
    state[S_ROWS] = 0
    state[S_OFFSET] = 0
    while n > 0:
        take = BLOCK - (state[S_SAMPLE] & (BLOCK - 1))
        if take > n:
            take = n
        for stage in STAGES:
            stage(state, samples, take, out)
        state[S_OFFSET] += take
        n -= take
    return state[S_ROWS]


def gap(state, out):
    """Forget the filters' past after lost samples; return the rows written (none).

    What was open is given up, for its end was not seen; what had closed stays and is released in
    its time. A run of beats does not go on across a gap.
    """
    state[S_ROWS] = 0
    _restart(state)
    return 0


def finish(state, out):
    """Release everything at the end of a recording; return the number of rows written."""
    state[S_ROWS] = 0
    state[_FINISH] = 1
    state[_OPEN] = state[_MOPEN] = 0
    arbiter(state, b"", 0, out)
    state[_FINISH] = 0
    return state[S_ROWS]


def _isqrt(n):
    """Integer square root, for the cold path only."""
    if n < 2:
        return n
    x = 1 << ((n.bit_length() if hasattr(n, "bit_length") else len(bin(n)) - 2) + 1) // 2
    while True:
        y = (x + n // x) // 2
        if y >= x:
            return x
        x = y


def _unit_q7(x, y, z):
    """Return the vector as a unit vector, 1/127."""
    length = _isqrt(x * x + y * y + z * z)
    if length == 0:
        return (0, 0, 0)
    return tuple((v * 254 + length) // (2 * length) for v in (x, y, z))


def _mg(counts, state):
    return counts * state[S_UG_PER_LSB] // 1000


def event_values(state, out, row):
    """Return row number `row` of `out` in physical units, as wire.EVENT_FIELDS names them.

    The confidence (percent) grows with the peak over the noise at the time: 50 at 4 x, 10 more for
    each doubling, at most 99; it is a measure of clearness, not a probability of a diagnosis.
    """
    base = row * OUT_WORDS
    kind = out[base + OUT_KIND]
    flags = out[base + OUT_FLAGS]
    onset = out[base + OUT_ONSET]
    end = out[base + OUT_END]
    vector = out[base + OUT_VX], out[base + OUT_VY], out[base + OUT_VZ]
    peak = out[base + OUT_PEAK]
    exact = _isqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2])
    odr_mhz = state[S_ODR_MHZ]
    ug = state[S_UG_PER_LSB]
    dec = state[_DEC] if kind in (_LM, _POSTURE) else 1
    energy = out[base + OUT_ENERGY] * 256 * dec * ug * ug // 1000 // odr_mhz
    rhythm_mhz = 0
    beats = 0
    if kind == _RHYTHM:
        beats = out[base + OUT_BEATS]
        span = out[base + OUT_LAST] - out[base + OUT_FIRST]
        rhythm_mhz = odr_mhz * (beats - 1) // max(1, span)
        if rhythm_mhz >= CLONIC_MHZ:
            flags |= _CLONIC
    floor = max(1, out[base + OUT_FLOOR])
    ratio = _isqrt(peak * 16 // floor)
    confidence = 30
    while ratio > 1:
        confidence += 10
        ratio >>= 1
    return {
        "kind": kind,
        "flags": flags,
        "confidence_pct": min(99, confidence),
        "onset_sample": max(0, onset),
        "duration_samples": max(1, end - onset + 1),
        "peak_mg": min(65535, _mg(exact, state)),
        "peak_jerk_mg_per_s": _isqrt(out[base + OUT_JERK]) * 4 * ug * odr_mhz // 1000000,
        "energy_mg2_s": min(0xFFFFFFFF, energy),
        "direction_q7": _unit_q7(*vector),
        "posture_before_q7": _unit_q7(
            out[base + OUT_G0X], out[base + OUT_G0Y], out[base + OUT_G0Z]
        ),
        "posture_after_q7": _unit_q7(
            out[base + OUT_G1X], out[base + OUT_G1Y], out[base + OUT_G1Z]
        ),
        "floor_q4_mg": min(65535, _mg(_isqrt(floor) * 4, state)),
        "rhythm_mhz": min(65535, rhythm_mhz),
        "beats": min(65535, beats),
    }


def minute_values(state, out, row):
    """Return a row of kind KIND_MINUTE as the values of wire.MINUTE_FIELDS the detector knows.

    The counts are of what closed in this minute, before anything that came later could decide
    otherwise; the events themselves are the final word.
    """
    base = row * OUT_WORDS
    mean_square = out[base + OUT_AREA] * 256 * state[_DEC] // state[_MINUTE]
    gravity = tuple(
        max(-32768, min(32767, _mg(out[base + i], state))) for i in (OUT_G1X, OUT_G1Y, OUT_G1Z)
    )
    chord_mg = _mg(_isqrt(out[base + OUT_JERK]) * 8, state)
    return {
        "sample": out[base + OUT_END],
        "activity_q4_mg": min(65535, _mg(_isqrt(mean_square), state)),
        "floor_jerk_q4_mg": min(65535, _mg(_isqrt(out[base + OUT_FLOOR]) * 4, state)),
        "floor_move_q4_mg": min(65535, _mg(_isqrt(out[base + OUT_VX]) * 4, state)),
        "gravity_mg": gravity,
        # a chord of unit length is 57.3 degrees; beyond 90 degrees the value saturates
        "tilt_max_deg": min(180, (chord_mg * 573 + 5000) // 10000),
        "flags": out[base + OUT_FLAGS],
        "jerks": min(255, out[base + OUT_BEATS]),
        "lms": min(255, out[base + OUT_MORPH]),
        "clipped": min(255, out[base + OUT_ENERGY]),
    }
