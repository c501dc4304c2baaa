"""The fixed-point detector: raw acceleration in, events out. Written once, run four ways.

Touches its arguments alone. Speaks raw counts and samples inside; rows become physical units in
`event_values`. It is longer than other rooms because the viper emitter folds a `const` only in the
file that defines it, and the three stages share one state.

    samples -> jerk_path ------> bursts --\
           \-> (sums of 2^k) -> movement_path -> movements --> arbiter -> rows
                                    \-> gravity, stillness, minute rows

**Jerk path**, every sample: one-pole high-pass near 2 Hz (removes gravity and breathing, keeps a
limb's 2-15 Hz response to a 20-250 ms contraction), a norm of three axes, a one-pole envelope of
four samples. A *burst* opens when the envelope passes max(absolute, k x floor) and closes after
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

DETECTOR_VERSION = 2
MAX_CHUNK = 64  # samples a call
OUT_WORDS = const(24)  # int32 words of one row
MAX_ROWS = 72  # rows that `out` must hold

# --- a row, and an entry of the ring: the same words -------------------------------------------
OUT_KIND = const(0)  # wire.EVENT_*, or KIND_MINUTE; in the ring also _BURST; 0 = dropped
OUT_FLAGS = const(1)
OUT_CONFIDENCE = const(2)  # percent
OUT_ONSET = const(3)  # sample
OUT_END = const(4)  # last sample
OUT_PEAK = const(5)  # norm of the high-passed acceleration, counts
OUT_VX = const(6)  # its vector
OUT_VY = const(7)
OUT_VZ = const(8)
OUT_JERK = const(9)  # largest norm of the difference of neighbouring samples, counts
OUT_ENERGY = const(10)  # sum of (norm/16)^2 over samples, saturating
OUT_G0X = const(11)  # gravity before, counts
OUT_G0Y = const(12)
OUT_G0Z = const(13)
OUT_G1X = const(14)  # gravity after
OUT_G1Y = const(15)
OUT_G1Z = const(16)
OUT_FLOOR = const(17)  # q4 counts
OUT_BEATS = const(18)
OUT_FIRST = const(19)  # samples of the first and the last beat
OUT_LAST = const(20)
OUT_AREA = const(21)  # movement: sum of the norm over its decimated samples
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

# --- state: settings converted to counts and samples --------------------------------------------
S_ROWS = const(0)  # rows in `out` so far
S_SAMPLE = const(1)  # samples seen
S_ODR_MHZ = const(2)
S_UG_PER_LSB = const(3)
_HP_SHIFT = const(4)
_DEC_LOG2 = const(5)
_J_ON = const(6)  # counts, q4
_J_ON_FLOOR = const(7)  # multiples of the floor, q4
_J_LOW = const(8)  # counts
_J_LOW_FLOOR = const(9)
_J_QUIET = const(10)  # samples
_J_MAX = const(11)
_J_SHARP_Q8 = const(12)  # jerk per sample over peak, q8
_M_ON = const(13)  # counts
_M_ON_FLOOR = const(14)
_M_LOW = const(15)
_M_LOW_FLOOR = const(16)
_M_QUIET = const(17)  # decimated samples
_M_MIN = const(18)  # samples
_M_EFFECTIVE = const(19)  # least area over peak of a movement, decimated samples
_POSTURE_COS2_Q6 = const(20)
_SETTLE = const(21)  # decimated samples
_R_MIN_GAP = const(22)  # samples between beats, bursts
_R_MAX_GAP = const(23)
_R_TOL_Q8 = const(24)
_R_BEATS = const(25)
_C_MIN_GAP = const(26)  # samples between cycles
_CLONIC_GAP = const(27)  # a shorter mean interval is clonic-like
_AWAKE_ON = const(28)  # q16 of time
_AWAKE_OFF = const(29)
_HOLD = const(30)  # samples
_STILL = const(31)  # counts
_NOT_WORN_MIN = const(32)  # minutes
_MINUTE = const(33)  # samples a minute
_MARGIN = const(34)  # samples around a movement in which a burst is part of it
_LARGE_MIN = const(35)
_LARGE_MAX = const(36)
_C_TOL_Q8 = const(37)
_C_BEATS = const(38)
_J_MIN_PEAK = const(39)
_OCC_SHIFT = const(40)
_FIVE = const(41)  # samples in 5 s
_NW_SPAN = const(42)  # samples within which two moved minutes mean worn

# --- state: jerk path ---------------------------------------------------------------------------
_LPX = const(48)  # counts, q4
_LPY = const(49)
_LPZ = const(50)
_ENV = const(51)  # q4
_FLOOR = const(52)  # q4
_BELOW = const(53)  # samples since the norm was above the low threshold
_RISE = const(54)  # sample where it last rose above
_OPEN = const(55)
_ONSET = const(56)
_LAST = const(57)
_PEAK = const(58)
_VX = const(59)
_VY = const(60)
_VZ = const(61)
_PJ = const(62)
_ENERGY = const(63)
_BFLAGS = const(64)
_PX = const(65)  # sample before the chunk
_PY = const(66)
_PZ = const(67)
_UX = const(68)  # direction of the first strong peak
_UY = const(69)
_UZ = const(70)
_UREF = const(71)
_ARMED = const(72)
_C_LAST = const(73)
_C_FIRST = const(74)
_C_COUNT = const(75)
_C_REF = const(76)
_C_BEST = const(77)
_C_BFIRST = const(78)
_C_BLAST = const(79)
_SUMX = const(80)
_SUMY = const(81)
_SUMZ = const(82)
_SUMN = const(83)
_DEC_N = const(84)  # decimated samples of this chunk
_WARM = const(85)  # samples until the filters have settled
_SEED = const(86)  # the next sample starts the filters
_UTH = const(87)  # half the projection of that peak

# --- state: movement path -----------------------------------------------------------------------
_MX = const(96)  # 0.5 Hz low-pass, q4
_MY = const(97)
_MZ = const(98)
_GX = const(99)  # gravity, q4
_GY = const(100)
_GZ = const(101)
_MFLOOR = const(102)
_MBELOW = const(103)
_MRISE = const(104)
_MOPEN = const(105)
_MONSET = const(106)
_MLAST = const(107)
_MPEAK = const(108)
_MVX = const(109)
_MVY = const(110)
_MVZ = const(111)
_MG0X = const(112)
_MG0Y = const(113)
_MG0Z = const(114)
_MAREA = const(115)
_MWIN = const(116)
_MCOUNT = const(117)
_MMORPH = const(118)
_MSETTLE = const(119)
_MENTRY = const(120)  # ring index + 1 of the movement whose gravity after is awaited
_OCC = const(121)  # share of time in movement, q16, 2.5 min
_MAX = const(122)  # largest norm of the minute
_MIN_N = const(123)  # samples into the minute
_ACT = const(124)  # sum of norms of the minute >> 4
_ACTN = const(125)
_MJERKS = const(126)
_MLMS = const(127)
_MCLIP = const(128)
_G5X = const(129)  # gravity at the last 5 s mark, counts
_G5Y = const(130)
_G5Z = const(131)
_G5N = const(132)
_TILT = const(133)  # largest squared chord between marks, (counts/64)^2
_STILL_MIN = const(134)  # minutes in a row without movement
_WORN_MIN = const(135)  # minutes in a row with
_NW_ONSET = const(136)
_LOX = const(137)  # smallest and largest decimated value of the minute
_LOY = const(138)
_LOZ = const(139)
_HIX = const(140)
_HIY = const(141)
_HIZ = const(142)
_MINUTE_ONSET = const(143)
_MENERGY = const(144)
_MFLAGS = const(145)
_NW_MOVED = const(146)

# --- state: arbiter ------------------------------------------------------------------------------
_HEAD = const(150)  # entries ever pushed
_TAIL = const(151)  # entries ever released
_SEEN = const(152)  # entries classified
_AWAKE_OPEN = const(153)
_AWAKE_ONSET = const(154)
_AWAKE_LAST = const(155)
_A_COUNT = const(156)  # run of bursts
_A_FIRST = const(157)
_A_LAST = const(158)
_A_REF = const(159)
_A_PEAK = const(160)
_A_END = const(161)
_QUIET_SINCE = const(162)
_LAST_LM_END = const(163)
_NOT_WORN_OPEN = const(164)
_FINISH = const(165)
_A_CLOSE = const(166)
_A_DONE = const(167)
_CHECKED = const(168)
_D_FIRST = const(169)
_D_LAST = const(170)
_D_END = const(171)
_D_COUNT = const(172)
_D_PEAK = const(173)

_DEC = const(176)  # decimated triples of the chunk: 64 x 3 words
_RING = const(368)
_RING_LEN = const(64)  # a power of two
STATE_WORDS = 368 + 64 * 24


def jerk_path(state: ptr32, samples: ptr16, n: int, out: ptr32) -> int:
    """Every sample: high-pass, envelope, bursts into the ring, sums for the movement path."""
    k = state[_HP_SHIFT]
    lpx = state[_LPX]
    lpy = state[_LPY]
    lpz = state[_LPZ]
    env = state[_ENV]
    floor = state[_FLOOR]
    sx = state[_SUMX]
    sy = state[_SUMY]
    sz = state[_SUMZ]
    sn = state[_SUMN]
    now = state[S_SAMPLE]
    below = state[_BELOW]
    opened = state[_OPEN]
    dec = 1 << state[_DEC_LOG2]
    dec_at = _DEC
    step = (floor >> 9) + 1
    low = (floor * state[_J_LOW_FLOOR]) >> 8
    if low < state[_J_LOW]:
        low = state[_J_LOW]
    on = (floor * state[_J_ON_FLOOR]) >> 4
    if on < state[_J_ON]:
        on = state[_J_ON]
    if state[_WARM] > 0:
        on = 0x3FFFFFFF
        step = (floor >> 5) + 1
        state[_WARM] = state[_WARM] - n
    if state[_SEED] and n > 0:
        lpx = ((samples[0] ^ 0x8000) - 0x8000) << 4
        lpy = ((samples[1] ^ 0x8000) - 0x8000) << 4
        lpz = ((samples[2] ^ 0x8000) - 0x8000) << 4
        state[_MX] = lpx
        state[_MY] = lpy
        state[_MZ] = lpz
        state[_GX] = lpx
        state[_GY] = lpy
        state[_GZ] = lpz
        state[_G5X] = lpx >> 4
        state[_G5Y] = lpy >> 4
        state[_G5Z] = lpz >> 4
        state[_SEED] = 0
    i = 0
    end = n * 3
    while i < end:
        x = (samples[i] ^ 0x8000) - 0x8000
        y = (samples[i + 1] ^ 0x8000) - 0x8000
        z = (samples[i + 2] ^ 0x8000) - 0x8000
        sx = sx + x
        sy = sy + y
        sz = sz + z
        sn = sn + 1
        if sn == dec:
            state[dec_at] = sx
            state[dec_at + 1] = sy
            state[dec_at + 2] = sz
            dec_at = dec_at + 3
            sx = 0
            sy = 0
            sz = 0
            sn = 0
        lpx = lpx + (((x << 4) - lpx) >> k)
        lpy = lpy + (((y << 4) - lpy) >> k)
        lpz = lpz + (((z << 4) - lpz) >> k)
        hx = x - (lpx >> 4)
        hy = y - (lpy >> 4)
        hz = z - (lpz >> 4)
        # norm: the largest axis and a quarter of the others (within 13 % of Euclid's)
        ax = hx
        if hx < 0:
            ax = 0 - hx
        ay = hy
        if hy < 0:
            ay = 0 - hy
        az = hz
        if hz < 0:
            az = 0 - hz
        s = ax + ay + az
        if ay > ax:
            ax = ay
        if az > ax:
            ax = az
        m = ax + ((s - ax) >> 2)
        env = env + (((m << 4) - env) >> 2)
        if m > low:
            if below > 3:
                state[_RISE] = now
            below = 0
        else:
            below = below + 1
        if opened == 0:
            if (m << 4) > floor:
                floor = floor + step
            else:
                floor = floor - step
            if env > on:
                opened = 1
                state[_ONSET] = state[_RISE]
                state[_LAST] = now
                state[_PEAK] = 0
                state[_PJ] = 0
                state[_ENERGY] = 0
                state[_BFLAGS] = 0
                state[_UREF] = 0
                state[_C_COUNT] = 0
                state[_C_BEST] = 0
        if opened:
            # steepest step between neighbours
            if i > 0:
                dx = x - ((samples[i - 3] ^ 0x8000) - 0x8000)
                dy = y - ((samples[i - 2] ^ 0x8000) - 0x8000)
                dz = z - ((samples[i - 1] ^ 0x8000) - 0x8000)
            else:
                dx = x - state[_PX]
                dy = y - state[_PY]
                dz = z - state[_PZ]
            if dx < 0:
                dx = 0 - dx
            if dy < 0:
                dy = 0 - dy
            if dz < 0:
                dz = 0 - dz
            s = dx + dy + dz
            if dy > dx:
                dx = dy
            if dz > dx:
                dx = dz
            s = dx + ((s - dx) >> 2)
            if s > state[_PJ]:
                state[_PJ] = s
            if x > 32700 or x < -32700 or y > 32700 or y < -32700 or z > 32700 or z < -32700:
                state[_BFLAGS] = _CLIPPED
            s = m >> 4
            s = state[_ENERGY] + s * s
            if s < 0x3FFFFFFF:
                state[_ENERGY] = s
            pk = state[_PEAK]
            if m > pk:
                pk = m
                state[_PEAK] = m
                state[_VX] = hx
                state[_VY] = hy
                state[_VZ] = hz
            # cycles along the direction of the peak, once it stands clear
            ref = state[_UREF]
            if m > ref + ref:
                s = m
                dx = hx
                dy = hy
                dz = hz
                while s > 127:
                    s = s >> 1
                    dx = dx >> 1
                    dy = dy >> 1
                    dz = dz >> 1
                state[_UX] = dx
                state[_UY] = dy
                state[_UZ] = dz
                state[_UREF] = m
                state[_UTH] = (hx * dx + hy * dy + hz * dz) >> 7
                state[_ARMED] = 0
                state[_C_COUNT] = 1
                state[_C_FIRST] = now
                state[_C_LAST] = now
            s = (hx * state[_UX] + hy * state[_UY] + hz * state[_UZ]) >> 6
            if state[_ARMED]:
                if s > state[_UTH] and now - state[_C_LAST] >= state[_C_MIN_GAP]:
                    d = now - state[_C_LAST]
                    state[_ARMED] = 0
                    s = d - state[_C_REF]
                    if s < 0:
                        s = 0 - s
                    if state[_C_COUNT] == 1 or (s << 8) > state[_C_REF] * state[_C_TOL_Q8]:
                        state[_C_FIRST] = state[_C_LAST]
                        state[_C_COUNT] = 2
                        state[_C_REF] = d
                    else:
                        state[_C_COUNT] = state[_C_COUNT] + 1
                        state[_C_REF] = (state[_C_REF] * 3 + d) >> 2
                    state[_C_LAST] = now
                    if state[_C_COUNT] >= state[_C_BEST]:
                        state[_C_BEST] = state[_C_COUNT]
                        state[_C_BFIRST] = state[_C_FIRST]
                        state[_C_BLAST] = now
            elif s < 0:
                state[_ARMED] = 1
            s = pk >> 3
            if s < low:
                s = low
            if m > s:
                state[_LAST] = now
            elif now - state[_LAST] > state[_J_QUIET]:
                opened = 0
                env = 0
                d = _RING + (state[_HEAD] & (_RING_LEN - 1)) * OUT_WORDS
                state[_HEAD] = state[_HEAD] + 1
                state[d + OUT_KIND] = _BURST
                state[d + OUT_FLAGS] = state[_BFLAGS]
                state[d + OUT_ONSET] = state[_ONSET]
                state[d + OUT_END] = state[_LAST]
                state[d + OUT_PEAK] = pk
                state[d + OUT_VX] = state[_VX]
                state[d + OUT_VY] = state[_VY]
                state[d + OUT_VZ] = state[_VZ]
                state[d + OUT_JERK] = state[_PJ]
                state[d + OUT_ENERGY] = state[_ENERGY]
                state[d + OUT_FLOOR] = floor
                state[d + OUT_BEATS] = state[_C_BEST]
                state[d + OUT_FIRST] = state[_C_BFIRST]
                state[d + OUT_LAST] = state[_C_BLAST]
        now = now + 1
        i = i + 3
    if n > 0:
        state[_PX] = (samples[end - 3] ^ 0x8000) - 0x8000
        state[_PY] = (samples[end - 2] ^ 0x8000) - 0x8000
        state[_PZ] = (samples[end - 1] ^ 0x8000) - 0x8000
    if floor < 16:
        floor = 16
    if below > 0x3FFFFF:
        below = 0x3FFFFF
    state[_LPX] = lpx
    state[_LPY] = lpy
    state[_LPZ] = lpz
    state[_ENV] = env
    state[_FLOOR] = floor
    state[_SUMX] = sx
    state[_SUMY] = sy
    state[_SUMZ] = sz
    state[_SUMN] = sn
    state[S_SAMPLE] = now
    state[_BELOW] = below
    state[_OPEN] = opened
    state[_DEC_N] = dec_at
    return state[S_ROWS]


def movement_path(state: ptr32, samples: ptr16, n: int, out: ptr32) -> int:
    """Every sum of 2^k samples: 0.5 Hz high-pass, movements, gravity, stillness, minute rows."""
    rows = state[S_ROWS]
    stop = state[_DEC_N]
    shift = 4 - state[_DEC_LOG2]
    dec = 1 << state[_DEC_LOG2]
    t = state[S_SAMPLE] - state[_SUMN]
    at = _DEC
    while at < stop:
        t = t - dec
        at = at + 3
    floor = state[_MFLOOR]
    low = (floor * state[_M_LOW_FLOOR]) >> 8
    if low < state[_M_LOW]:
        low = state[_M_LOW]
    on = (floor * state[_M_ON_FLOOR]) >> 8
    if on < state[_M_ON]:
        on = state[_M_ON]
    step = (floor >> 7) + 1
    if state[_WARM] > 0:
        on = 0x3FFFFFFF
        step = (floor >> 4) + 1
    at = _DEC
    while at < stop:
        x = state[at] << shift
        y = state[at + 1] << shift
        z = state[at + 2] << shift
        at = at + 3
        mx = state[_MX]
        my = state[_MY]
        mz = state[_MZ]
        mx = mx + ((x - mx) >> 3)
        my = my + ((y - my) >> 3)
        mz = mz + ((z - mz) >> 3)
        state[_MX] = mx
        state[_MY] = my
        state[_MZ] = mz
        state[_GX] = state[_GX] + ((x - state[_GX]) >> 6)
        state[_GY] = state[_GY] + ((y - state[_GY]) >> 6)
        state[_GZ] = state[_GZ] + ((z - state[_GZ]) >> 6)
        hx = (x - mx) >> 4
        hy = (y - my) >> 4
        hz = (z - mz) >> 4
        ax = hx
        if hx < 0:
            ax = 0 - hx
        ay = hy
        if hy < 0:
            ay = 0 - hy
        az = hz
        if hz < 0:
            az = 0 - hz
        s = ax + ay + az
        if ay > ax:
            ax = ay
        if az > ax:
            ax = az
        m = ax + ((s - ax) >> 2)
        if x < state[_LOX]:
            state[_LOX] = x
        if x > state[_HIX]:
            state[_HIX] = x
        if y < state[_LOY]:
            state[_LOY] = y
        if y > state[_HIY]:
            state[_HIY] = y
        if z < state[_LOZ]:
            state[_LOZ] = z
        if z > state[_HIZ]:
            state[_HIZ] = z
        state[_ACT] = state[_ACT] + m
        state[_ACTN] = state[_ACTN] + 1
        if m > state[_MAX]:
            state[_MAX] = m
        if m > low:
            if state[_MBELOW] > 3:
                state[_MRISE] = t
            state[_MBELOW] = 0
        elif state[_MBELOW] < 0xFFFF:
            state[_MBELOW] = state[_MBELOW] + 1
        occ = 0
        if state[_MOPEN] == 0:
            if (m << 4) > floor:
                floor = floor + step
            else:
                floor = floor - step
            if state[_MSETTLE] > 0:
                state[_MSETTLE] = state[_MSETTLE] - 1
            if m > on:
                state[_MOPEN] = 1
                s = state[_MRISE]
                # the jerk path sees the first instant at the full rate
                d = s - state[_ONSET]
                if state[_OPEN] and d < state[_MARGIN] and d > 0 - state[_MARGIN]:
                    s = state[_ONSET]
                state[_MONSET] = s
                state[_MLAST] = t
                state[_MPEAK] = 0
                state[_MENERGY] = 0
                state[_MFLAGS] = 0
                state[_MAREA] = 0
                state[_MWIN] = 0
                state[_MCOUNT] = 0
                state[_MMORPH] = 0
                if state[_MSETTLE] > 0:
                    state[_MSETTLE] = 0  # the one before gets its gravity after, now
                else:
                    state[_MG0X] = state[_GX] >> 4
                    state[_MG0Y] = state[_GY] >> 4
                    state[_MG0Z] = state[_GZ] >> 4
        if state[_MENTRY] and state[_MSETTLE] == 0:
            # gravity has settled after a movement: did it turn the limb?
            d = state[_MENTRY] - 1
            state[_MENTRY] = 0
            if state[_HEAD] - d < _RING_LEN and d >= state[_TAIL]:
                d = _RING + (d & (_RING_LEN - 1)) * OUT_WORDS
                gx = state[_GX] >> 4
                gy = state[_GY] >> 4
                gz = state[_GZ] >> 4
                state[d + OUT_G1X] = gx
                state[d + OUT_G1Y] = gy
                state[d + OUT_G1Z] = gz
                ax = state[d + OUT_G0X]
                ay = state[d + OUT_G0Y]
                az = state[d + OUT_G0Z]
                while gx > 127 or gx < -127 or gy > 127 or gy < -127 or gz > 127 or gz < -127:
                    gx = gx >> 1
                    gy = gy >> 1
                    gz = gz >> 1
                while ax > 127 or ax < -127 or ay > 127 or ay < -127 or az > 127 or az < -127:
                    ax = ax >> 1
                    ay = ay >> 1
                    az = az >> 1
                s = (ax * gx + ay * gy + az * gz) >> 4
                hx = (ax * ax + ay * ay + az * az) >> 4
                hy = (gx * gx + gy * gy + gz * gz) >> 4
                if s < 0 or ((s * s) << 6) < hx * hy * state[_POSTURE_COS2_Q6]:
                    if state[d + OUT_KIND] == _LM:
                        state[d + OUT_KIND] = _POSTURE
                        state[d + OUT_FLAGS] = state[d + OUT_FLAGS] | _POSTURE_CHANGED
            state[_MG0X] = state[_GX] >> 4
            state[_MG0Y] = state[_GY] >> 4
            state[_MG0Z] = state[_GZ] >> 4
        if state[_MOPEN]:
            occ = 65536
            if m > state[_MPEAK]:
                state[_MPEAK] = m
                state[_MVX] = hx
                state[_MVY] = hy
                state[_MVZ] = hz
            s = state[_MAREA] + m
            if s < 0x3FFFFFFF:
                state[_MAREA] = s
            s = m >> 4
            s = state[_MENERGY] + s * s
            if s < 0x3FFFFFFF:
                state[_MENERGY] = s
            if state[_BFLAGS]:
                state[_MFLAGS] = _CLIPPED
            s = state[_MPEAK] >> 4
            if s < low:
                s = low
            d = 0
            if m > s:
                d = 1
                state[_MLAST] = t
            # how many of the last 0.5 s were above: a register of bits
            s = state[_MWIN]
            state[_MCOUNT] = state[_MCOUNT] + d - ((s >> (state[_M_QUIET] - 1)) & 1)
            state[_MWIN] = ((s << 1) | d) & ((1 << state[_M_QUIET]) - 1)
            if state[_MCOUNT] > state[_MMORPH]:
                state[_MMORPH] = state[_MCOUNT]
            if d == 0 and state[_MCOUNT] == 0:
                state[_MOPEN] = 0
                d = state[_MLAST] + dec - state[_MONSET]
                if d >= state[_M_MIN] and state[_MAREA] >= state[_MPEAK] * state[_M_EFFECTIVE]:
                    d = _RING + (state[_HEAD] & (_RING_LEN - 1)) * OUT_WORDS
                    state[_HEAD] = state[_HEAD] + 1
                    state[_MENTRY] = state[_HEAD]
                    state[_MSETTLE] = state[_SETTLE]
                    s = state[_MFLAGS]
                    if state[_MMORPH] * 2 < state[_M_QUIET]:
                        s = s | _NO_MORPHOLOGY
                    state[d + OUT_KIND] = _LM
                    state[d + OUT_FLAGS] = s
                    state[d + OUT_ONSET] = state[_MONSET]
                    state[d + OUT_END] = state[_MLAST] + dec - 1
                    state[d + OUT_PEAK] = state[_MPEAK]
                    state[d + OUT_VX] = state[_MVX]
                    state[d + OUT_VY] = state[_MVY]
                    state[d + OUT_VZ] = state[_MVZ]
                    state[d + OUT_JERK] = 0
                    state[d + OUT_ENERGY] = state[_MENERGY]
                    state[d + OUT_G0X] = state[_MG0X]
                    state[d + OUT_G0Y] = state[_MG0Y]
                    state[d + OUT_G0Z] = state[_MG0Z]
                    state[d + OUT_FLOOR] = floor
                    state[d + OUT_BEATS] = 0
                    state[d + OUT_AREA] = state[_MAREA]
                    state[d + OUT_MORPH] = state[_MMORPH]
        state[_OCC] = state[_OCC] + ((occ - state[_OCC]) >> state[_OCC_SHIFT])
        t = t + dec
        # marks every 5 s: how far has gravity turned
        state[_G5N] = state[_G5N] + dec
        if state[_G5N] >= state[_FIVE]:
            state[_G5N] = 0
            gx = state[_GX] >> 4
            gy = state[_GY] >> 4
            gz = state[_GZ] >> 4
            hx = (gx - state[_G5X]) >> 3
            hy = (gy - state[_G5Y]) >> 3
            hz = (gz - state[_G5Z]) >> 3
            state[_G5X] = gx
            state[_G5Y] = gy
            state[_G5Z] = gz
            s = hx * hx + hy * hy + hz * hz
            if s > state[_TILT]:
                state[_TILT] = s
        state[_MIN_N] = state[_MIN_N] + dec
        if state[_MIN_N] >= state[_MINUTE]:
            state[_MIN_N] = state[_MIN_N] - state[_MINUTE]
            d = rows * OUT_WORDS
            rows = rows + 1
            s = 0
            if state[_MAX] < state[_STILL]:
                s = 2  # wire.MINUTE_STILL
                state[_STILL_MIN] = state[_STILL_MIN] + 1
            else:
                state[_STILL_MIN] = 0
                if state[_NOT_WORN_OPEN]:
                    if t - state[_NW_MOVED] < state[_NW_SPAN]:
                        state[_NOT_WORN_OPEN] = 2  # the arbiter closes it
                    state[_NW_MOVED] = t
            if state[_NOT_WORN_OPEN]:
                s = s | 1  # wire.MINUTE_NOT_WORN
            elif state[_STILL_MIN] >= state[_NOT_WORN_MIN]:
                state[_NOT_WORN_OPEN] = 1
                state[_NW_ONSET] = t - state[_STILL_MIN] * state[_MINUTE]
                state[_NW_MOVED] = t - state[_NW_SPAN]
                s = s | 1
            if state[_AWAKE_OPEN]:
                s = s | 8  # wire.MINUTE_AWAKE
            if (
                state[_HIX] == state[_LOX]
                or state[_HIY] == state[_LOY]
                or state[_HIZ] == state[_LOZ]
            ):
                s = s | 32  # wire.MINUTE_AXIS_DEAD: noise always moves a living axis
            ax = 32700 << 4
            hx = 0 - ax
            if (
                state[_HIX] > ax
                or state[_LOX] < hx
                or state[_HIY] > ax
                or state[_LOY] < hx
                or state[_HIZ] > ax
                or state[_LOZ] < hx
                or state[_MCLIP]
            ):
                s = s | 4  # wire.MINUTE_CLIPPED
            out[d + OUT_KIND] = KIND_MINUTE
            out[d + OUT_FLAGS] = s
            out[d + OUT_ONSET] = t - state[_MINUTE]
            out[d + OUT_END] = t
            out[d + OUT_PEAK] = state[_MAX]
            out[d + OUT_VX] = floor
            out[d + OUT_JERK] = state[_TILT]
            out[d + OUT_ENERGY] = state[_MCLIP]
            out[d + OUT_G1X] = state[_GX] >> 4
            out[d + OUT_G1Y] = state[_GY] >> 4
            out[d + OUT_G1Z] = state[_GZ] >> 4
            out[d + OUT_FLOOR] = state[_FLOOR]
            out[d + OUT_BEATS] = state[_MJERKS]
            out[d + OUT_MORPH] = state[_MLMS]
            out[d + OUT_AREA] = state[_ACT]
            out[d + OUT_SEEN] = state[_ACTN]
            state[_MAX] = 0
            state[_TILT] = 0
            state[_MCLIP] = 0
            state[_MJERKS] = 0
            state[_MLMS] = 0
            state[_ACT] = 0
            state[_ACTN] = 0
            state[_LOX] = 0x3FFFFFFF
            state[_LOY] = 0x3FFFFFFF
            state[_LOZ] = 0x3FFFFFFF
            state[_HIX] = -0x3FFFFFFF
            state[_HIY] = -0x3FFFFFFF
            state[_HIZ] = -0x3FFFFFFF
    if floor < 16:
        floor = 16
    state[_MFLOOR] = floor
    state[S_ROWS] = rows
    return rows


def arbiter(state: ptr32, samples: ptr16, n: int, out: ptr32) -> int:
    """Every chunk: say what the ring's entries are, and release those whose wait is over."""
    now = state[S_SAMPLE]
    rows = state[S_ROWS]
    mask = _RING_LEN - 1
    # -- classify what is new
    seen = state[_SEEN]
    while seen < state[_HEAD]:
        e = _RING + (seen & mask) * OUT_WORDS
        seen = seen + 1
        onset = state[e + OUT_ONSET]
        end = state[e + OUT_END]
        if state[e + OUT_KIND] == _BURST:
            state[_MCLIP] = state[_MCLIP] + state[e + OUT_FLAGS]
            state[e + OUT_G0X] = state[_GX] >> 4
            state[e + OUT_G0Y] = state[_GY] >> 4
            state[e + OUT_G0Z] = state[_GZ] >> 4
            state[e + OUT_G1X] = state[_GX] >> 4
            state[e + OUT_G1Y] = state[_GY] >> 4
            state[e + OUT_G1Z] = state[_GZ] >> 4
            kind = 0
            d = end - onset + 1
            if state[e + OUT_BEATS] >= state[_C_BEATS]:
                kind = _RHYTHM
            elif d <= state[_J_MAX] and state[e + OUT_PEAK] >= state[_J_MIN_PEAK]:
                if (state[e + OUT_JERK] << 8) >= state[e + OUT_PEAK] * state[_J_SHARP_Q8]:
                    kind = _JERK
                    state[_MJERKS] = state[_MJERKS] + 1
            state[e + OUT_KIND] = kind
            # the run of bursts
            d = onset - state[_A_LAST]
            s = d - state[_A_REF]
            if s < 0:
                s = 0 - s
            if kind == _RHYTHM or state[_A_COUNT] == 0 or d > state[_R_MAX_GAP]:
                state[_A_CLOSE] = 1
            elif state[_A_COUNT] == 1:
                state[_A_COUNT] = 2
                state[_A_REF] = d
            elif (s << 8) <= state[_A_REF] * state[_R_TOL_Q8]:
                state[_A_COUNT] = state[_A_COUNT] + 1
                state[_A_REF] = (state[_A_REF] * 3 + d) >> 2
            else:
                state[_A_CLOSE] = 2
            if state[_A_CLOSE]:
                if state[_A_COUNT] >= state[_R_BEATS]:
                    state[_A_DONE] = 1
                    state[_D_FIRST] = state[_A_FIRST]
                    state[_D_LAST] = state[_A_LAST]
                    state[_D_END] = state[_A_END]
                    state[_D_COUNT] = state[_A_COUNT]
                    state[_D_PEAK] = state[_A_PEAK]
                if state[_A_CLOSE] == 2:
                    # the last interval may begin another run
                    state[_A_FIRST] = state[_A_LAST]
                    state[_A_COUNT] = 2
                    state[_A_REF] = d
                else:
                    state[_A_FIRST] = onset
                    state[_A_COUNT] = 1
                state[_A_PEAK] = 0
                state[_A_CLOSE] = 0
            state[_A_LAST] = onset
            state[_A_END] = end
            if state[e + OUT_PEAK] > state[_A_PEAK]:
                state[_A_PEAK] = state[e + OUT_PEAK]
        elif state[e + OUT_KIND] == _LM:
            state[_MLMS] = state[_MLMS] + 1
            s = end - onset
            if s >= state[_LARGE_MIN] and s <= state[_LARGE_MAX]:
                state[e + OUT_FLAGS] = state[e + OUT_FLAGS] | _LARGE
    state[_SEEN] = seen
    # -- a run of bursts that has ended
    d = now - state[_A_LAST]
    if state[_A_COUNT] > 0 and d > state[_A_REF] * 2 + state[_J_MAX] and state[_OPEN] == 0:
        if state[_A_COUNT] >= state[_R_BEATS]:
            state[_A_DONE] = 1
            state[_D_FIRST] = state[_A_FIRST]
            state[_D_LAST] = state[_A_LAST]
            state[_D_END] = state[_A_END]
            state[_D_COUNT] = state[_A_COUNT]
            state[_D_PEAK] = state[_A_PEAK]
        if state[_A_COUNT] > 1 or d > state[_R_MAX_GAP]:
            state[_A_COUNT] = 0
    if state[_A_DONE]:
        state[_A_DONE] = 0
        e = _RING + (state[_HEAD] & mask) * OUT_WORDS
        state[_HEAD] = state[_HEAD] + 1
        state[_SEEN] = state[_HEAD]
        i = 0
        while i < OUT_WORDS:
            state[e + i] = 0
            i = i + 1
        state[e + OUT_KIND] = _RHYTHM
        state[e + OUT_ONSET] = state[_D_FIRST]
        state[e + OUT_END] = state[_D_END]
        state[e + OUT_PEAK] = state[_D_PEAK]
        state[e + OUT_BEATS] = state[_D_COUNT]
        state[e + OUT_FIRST] = state[_D_FIRST]
        state[e + OUT_LAST] = state[_D_LAST]
        state[e + OUT_FLOOR] = state[_FLOOR]
    # -- what holds what: rhythms hold bursts and movements, movements hold bursts
    i = state[_TAIL]
    if state[_CHECKED] == state[_HEAD]:
        i = state[_HEAD]
    while i < state[_HEAD]:
        e = _RING + (i & mask) * OUT_WORDS
        kind = state[e + OUT_KIND]
        if kind == _LM or kind == _POSTURE or kind == _RHYTHM:
            onset = state[e + OUT_ONSET] - state[_MARGIN]
            end = state[e + OUT_END] + state[_MARGIN]
            j = state[_TAIL]
            while j < state[_HEAD]:
                f = _RING + (j & mask) * OUT_WORDS
                j = j + 1
                other = state[f + OUT_KIND]
                if other and state[f + OUT_ONSET] <= end and state[f + OUT_END] >= onset:
                    if other == _JERK:
                        if kind == _RHYTHM:
                            state[f + OUT_FLAGS] = state[f + OUT_FLAGS] | _IN_RHYTHM
                        elif (state[f + OUT_FLAGS] & _IN_RHYTHM) == 0:
                            if state[f + OUT_JERK] > state[e + OUT_JERK]:
                                state[e + OUT_JERK] = state[f + OUT_JERK]
                            state[f + OUT_KIND] = 0
                    elif other == _LM and kind == _RHYTHM:
                        state[f + OUT_KIND] = 0
                    elif other == _RHYTHM and kind == _POSTURE:
                        state[f + OUT_KIND] = 0
        i = i + 1
    state[_CHECKED] = state[_HEAD]
    # -- awake: sustained movement
    occ = state[_OCC]
    if state[_AWAKE_OPEN] == 0:
        if occ < state[_AWAKE_OFF]:
            state[_QUIET_SINCE] = now
        elif occ > state[_AWAKE_ON]:
            state[_AWAKE_OPEN] = 1
            state[_AWAKE_ONSET] = state[_QUIET_SINCE]
    elif occ < state[_AWAKE_OFF] or state[_FINISH]:
        state[_AWAKE_OPEN] = 0
        state[_QUIET_SINCE] = now
        e = _RING + (state[_HEAD] & mask) * OUT_WORDS
        state[_HEAD] = state[_HEAD] + 1
        state[_SEEN] = state[_HEAD]
        state[_CHECKED] = state[_HEAD]
        i = 0
        while i < OUT_WORDS:
            state[e + i] = 0
            i = i + 1
        state[e + OUT_KIND] = _AWAKE
        state[e + OUT_ONSET] = state[_AWAKE_ONSET]
        state[e + OUT_END] = now
        j = state[_TAIL]
        while j < state[_HEAD]:
            f = _RING + (j & mask) * OUT_WORDS
            j = j + 1
            if state[f + OUT_KIND] < _AWAKE:
                state[f + OUT_KIND] = 0
    if state[_NOT_WORN_OPEN] == 2 or (state[_NOT_WORN_OPEN] and state[_FINISH]):
        state[_NOT_WORN_OPEN] = 0
        e = _RING + (state[_HEAD] & mask) * OUT_WORDS
        state[_HEAD] = state[_HEAD] + 1
        state[_SEEN] = state[_HEAD]
        state[_CHECKED] = state[_HEAD]
        i = 0
        while i < OUT_WORDS:
            state[e + i] = 0
            i = i + 1
        state[e + OUT_KIND] = _NOT_WORN
        state[e + OUT_ONSET] = state[_NW_ONSET]
        state[e + OUT_END] = now
    # -- release what has waited
    while state[_TAIL] < state[_HEAD]:
        e = _RING + (state[_TAIL] & mask) * OUT_WORDS
        kind = state[e + OUT_KIND]
        if kind == _JERK or kind == _LM or kind == _POSTURE or kind == _RHYTHM:
            if state[_AWAKE_OPEN] and state[e + OUT_END] >= state[_AWAKE_ONSET]:
                kind = 0
            elif state[_NOT_WORN_OPEN]:
                kind = 0
            elif now - state[e + OUT_END] < state[_HOLD] and state[_FINISH] == 0:
                if state[_HEAD] - state[_TAIL] < _RING_LEN - 8:
                    break
            if kind == _JERK and state[_MOPEN]:
                if state[e + OUT_END] >= state[_MONSET] - state[_MARGIN]:
                    kind = 0
        state[_TAIL] = state[_TAIL] + 1
        if kind:
            d = rows * OUT_WORDS
            rows = rows + 1
            i = 0
            while i < OUT_WORDS:
                out[d + i] = state[e + i]
                i = i + 1
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
    ("jerk_min_peak_ug", 5000, "least peak of a jerk"),
    ("jerk_sharpness_per_s", 25, "least jerk over acceleration: a limb answers above 4 Hz"),
    ("lm_on_ug", 13000, "norm that opens a movement (15 mg Sicbaldi 2025, less the band's loss)"),
    ("lm_on_floor_pct", 400, "or this share of the median"),
    ("lm_low_ug", 5000, "norm at which a movement begins and ends"),
    ("lm_low_floor_pct", 200, "or this share of the median"),
    ("lm_min_ms", 500, "shortest LM (AASM v3, WASM 2016)"),
    ("lm_quiet_ms", 500, "silence that ends an LM (AASM v3, WASM 2016)"),
    ("lm_effective_ms", 180, "least area over peak: the ringing of one jerk has less"),
    ("margin_ms", 300, "a burst this near to a movement belongs to it"),
    ("posture_deg", 20, "turn of gravity that makes a movement a posture change"),
    ("settle_ms", 4000, "wait for gravity after a movement"),
    ("large_min_ms", 3000, "large muscle group movement (Ferri 2021)"),
    ("large_max_ms", 45000, "and its longest"),
    ("rhythm_min_beats", 4, "beats of a rhythm (HFLM: Yang and Winkelman 2010)"),
    ("rhythm_tolerance_pct", 30, "how far an interval may be from the run's pace"),
    ("rhythm_slowest_mhz", 280, "0.3 Hz, less the error of a clock"),
    ("rhythm_clonic_mhz", 3000, "from here on clonic-like (3-8 Hz)"),
    ("rhythm_fastest_mhz", 9000, "8 Hz, and the jitter of one cycle"),
    ("cycle_min_beats", 5, "cycles inside one burst that make a rhythm"),
    ("cycle_tolerance_pct", 30, "as above, for cycles"),
    ("awake_on_pct", 35, "share of time in movement that means awake"),
    ("awake_off_pct", 5, "and the share at which it ends"),
    ("hold_s", 90, "how long an event waits for what comes after"),
    ("still_ug", 1500, "a minute whose largest norm is below has no living limb in it"),
    ("not_worn_min", 15, "so many such minutes mean: not worn"),
)
DEFAULTS = {name: value for name, value, _ in SETTINGS}
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

    def counts(name, gain=1):
        return min(0x3FFFFFF, value[name] * gain // ug_per_lsb)

    shift = 1  # 2 Hz corner: odr / (2 pi 2^shift)
    while odr_mhz > 12566 * 1.4 * (1 << shift) and shift < 4:
        shift += 1
    dec_log2 = 0
    while (odr_mhz >> dec_log2) > 37000:
        dec_log2 += 1

    def decimated(ms):
        return max(1, samples(ms) >> dec_log2)

    def gap_of(mhz):
        return max(2, odr_mhz // mhz)

    state = array("i", [0] * STATE_WORDS)
    state[S_ODR_MHZ] = odr_mhz
    state[S_UG_PER_LSB] = ug_per_lsb
    state[_HP_SHIFT] = shift
    state[_DEC_LOG2] = dec_log2
    state[_J_ON] = counts("jerk_on_ug", 16)
    state[_J_ON_FLOOR] = value["jerk_on_floor_pct"] * 16 // 100
    state[_J_LOW] = max(1, counts("jerk_low_ug"))
    state[_J_LOW_FLOOR] = value["jerk_low_floor_pct"] * 16 // 100
    state[_J_QUIET] = samples(value["jerk_quiet_ms"])
    state[_J_MAX] = samples(value["jerk_max_ms"])
    state[_J_MIN_PEAK] = counts("jerk_min_peak_ug")
    state[_J_SHARP_Q8] = value["jerk_sharpness_per_s"] * 256000 // odr_mhz
    state[_M_ON] = max(2, counts("lm_on_ug"))
    state[_M_ON_FLOOR] = value["lm_on_floor_pct"] * 16 // 100
    state[_M_LOW] = max(1, counts("lm_low_ug"))
    state[_M_LOW_FLOOR] = value["lm_low_floor_pct"] * 16 // 100
    state[_M_QUIET] = min(24, decimated(value["lm_quiet_ms"]))
    state[_M_MIN] = samples(value["lm_min_ms"])
    state[_M_EFFECTIVE] = decimated(value["lm_effective_ms"])
    state[_MARGIN] = samples(value["margin_ms"])
    state[_POSTURE_COS2_Q6] = _COS2_Q6[min(90, value["posture_deg"]) // 5]
    state[_SETTLE] = decimated(value["settle_ms"])
    state[_LARGE_MIN] = samples(value["large_min_ms"])
    state[_LARGE_MAX] = samples(value["large_max_ms"])
    state[_R_BEATS] = value["rhythm_min_beats"]
    state[_R_TOL_Q8] = value["rhythm_tolerance_pct"] * 256 // 100
    state[_R_MAX_GAP] = gap_of(value["rhythm_slowest_mhz"])
    state[_CLONIC_GAP] = gap_of(value["rhythm_clonic_mhz"])
    state[_C_MIN_GAP] = gap_of(value["rhythm_fastest_mhz"])
    state[_C_BEATS] = value["cycle_min_beats"]
    state[_C_TOL_Q8] = value["cycle_tolerance_pct"] * 256 // 100
    state[_AWAKE_ON] = value["awake_on_pct"] * 65536 // 100
    state[_AWAKE_OFF] = value["awake_off_pct"] * 65536 // 100
    state[_OCC_SHIFT] = 12
    state[_HOLD] = samples(value["hold_s"] * 1000)
    state[_STILL] = max(1, counts("still_ug"))
    state[_NOT_WORN_MIN] = value["not_worn_min"]
    state[_MINUTE] = samples(60000)
    state[_FIVE] = samples(5000)
    state[_NW_SPAN] = samples(600000)
    state[_FLOOR] = state[_J_ON] // 4
    state[_MFLOOR] = state[_M_LOW] * 8
    for lo in (_LOX, _LOY, _LOZ):
        state[lo] = 0x3FFFFFFF
        state[lo + 3] = -0x3FFFFFFF
    _restart(state)
    return state


def _restart(state):
    """Let the next sample start the filters, and the floors settle for two seconds."""
    state[_SEED] = 1
    state[_WARM] = state[S_ODR_MHZ] // 500
    state[_OPEN] = 0
    state[_MOPEN] = 0
    state[_ENV] = 0
    state[_BELOW] = 0
    state[_MBELOW] = 0
    state[_SUMX] = state[_SUMY] = state[_SUMZ] = state[_SUMN] = 0
    state[_DEC_N] = _DEC


def process(state, samples, n, out):
    """Run every stage over n <= MAX_CHUNK samples; return the number of rows written to `out`."""
    state[S_ROWS] = 0
    for stage in STAGES:
        stage(state, samples, n, out)
    return state[S_ROWS]


def gap(state, out):
    """Forget the filters' past after lost samples; return the rows written (none).

    What was open is given up, for its end was not seen; what had closed stays and is released in
    its time. A run of beats does not go on across a gap.
    """
    state[S_ROWS] = 0
    _restart(state)
    state[_A_COUNT] = 0
    return 0


def finish(state, out):
    """Release everything at the end of a recording; return the number of rows written."""
    state[S_ROWS] = 0
    state[_FINISH] = 1
    state[_MOPEN] = 0
    state[_DEC_N] = _DEC
    for stage in STAGES:
        stage(state, b"", 0, out)
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
    exact = _isqrt(sum(v * v for v in vector))
    odr_mhz = state[S_ODR_MHZ]
    ug = state[S_UG_PER_LSB]
    dec = 1 << state[_DEC_LOG2] if kind in (_LM, _POSTURE) else 1
    energy = out[base + OUT_ENERGY] * 256 * dec * ug * ug // 1000 // odr_mhz
    rhythm_mhz = 0
    beats = 0
    if kind == _RHYTHM:
        beats = out[base + OUT_BEATS]
        span = out[base + OUT_LAST] - out[base + OUT_FIRST]
        rhythm_mhz = odr_mhz * (beats - 1) // max(1, span)
        if rhythm_mhz >= 3000:
            flags |= _CLONIC
    floor = max(1, out[base + OUT_FLOOR])
    ratio = max(1, peak * 16 // floor)
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
        "peak_mg": min(65535, _mg(exact if exact else peak, state)),
        "peak_jerk_mg_per_s": out[base + OUT_JERK] * ug * odr_mhz // 1000000,
        "energy_mg2_s": min(0xFFFFFFFF, energy),
        "direction_q7": _unit_q7(*vector),
        "posture_before_q7": _unit_q7(
            out[base + OUT_G0X], out[base + OUT_G0Y], out[base + OUT_G0Z]
        ),
        "posture_after_q7": _unit_q7(
            out[base + OUT_G1X], out[base + OUT_G1Y], out[base + OUT_G1Z]
        ),
        "floor_q4_mg": min(65535, _mg(floor, state)),
        "rhythm_mhz": min(65535, rhythm_mhz),
        "beats": min(65535, beats),
    }


def minute_values(state, out, row):
    """Return a row of kind KIND_MINUTE as the values of wire.MINUTE_FIELDS the detector knows.

    The counts are of what closed in this minute, before anything that came later could decide
    otherwise; the events themselves are the final word.
    """
    base = row * OUT_WORDS
    activity = out[base + OUT_AREA] * 16 // max(1, out[base + OUT_SEEN])
    gravity = tuple(
        max(-32768, min(32767, _mg(out[base + i], state))) for i in (OUT_G1X, OUT_G1Y, OUT_G1Z)
    )
    chord_mg = _mg(_isqrt(out[base + OUT_JERK]) * 8, state)
    return {
        "sample": out[base + OUT_END],
        "activity_q4_mg": min(65535, _mg(activity, state)),
        "floor_jerk_q4_mg": min(65535, _mg(out[base + OUT_FLOOR], state)),
        "floor_move_q4_mg": min(65535, _mg(out[base + OUT_VX], state)),
        "gravity_mg": gravity,
        # a chord of unit length is 57.3 degrees; beyond 90 degrees the value saturates
        "tilt_max_deg": min(180, (chord_mg * 573 + 5000) // 10000),
        "flags": out[base + OUT_FLAGS],
        "jerks": min(255, out[base + OUT_BEATS]),
        "lms": min(255, out[base + OUT_MORPH]),
        "clipped": min(255, out[base + OUT_ENERGY]),
    }
