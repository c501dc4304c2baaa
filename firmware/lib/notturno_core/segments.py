"""Finds the segments of a recording and measures them: raw samples in, facts out, in fixed point.

Touches its arguments alone. It knows no kind of movement and no threshold of medicine: what a
segment is called is decided in `names`, from the facts that `facts` puts into physical units.
Written once, run four ways (viper on the band, bytecode in the VM, plain Python as the reference,
LLVM on the host), equal bit for bit. The stages stand in one file because the viper emitter folds
a `const` only in the file that defines it, and they share one state.

    samples -> quick_path -> bursts, times of cycles
               | sums of 1, 2, 4 or 8, the busy ones with their envelope
               +-> movement_path -> movements, times of beats
    every block: floor_stage (floors, thresholds), rest_stage (gravity, who lives there)
    seldom, not in machine code: seed, turn (a row begins or ends), tilt, times, minute

**Quick path**, every sample: one-pole high-pass near 2 Hz (removes gravity and breathing, keeps a
limb's 2-14 Hz answer to a contraction of 20-250 ms), a squared norm of three axes. Samples above
the low threshold, and what follows them, are *busy*: they alone are looked at more closely. There
a one-pole mean of some four samples opens a *burst*; its onset is where the norm first left the
floor. Within it cycles are counted along the direction of its first peak; how far the limb went is
measured where the norm is above half its peak; its end is seen once a sum. What is four times
what stood for half a second ends it and begins the next: a jerk upon a snore.

**Slow path**, on sums near 26 Hz: high-pass at 0.5 Hz (0.5-8 Hz is the band of limb movements; a
strong high-pass under-counts them: Gschliesser 2009). A *movement* ends at the start of 0.5 s
below the low threshold (offset rule of AASM and WASM). A *beat* is a rise of the envelope to half
of what it was before, out of a quarter of it. A movement needs the envelope, too, for the slow
high-pass rings on; where noise or a tone stands all the time, and so hides a weak jerk from it,
a sum's own quick high-pass will do. A pulse comes and goes, and is told so by its low median.

**Floors.** Of every block, long enough to hold a heart beat, the largest envelope is taken; a
floor is the lower third of these, found by unequal steps, a share of itself. It always moves: what
lasts becomes the floor (a pump within minutes, a pulse for good), and movements that fill less
than two thirds of the blocks never do.

**Rest.** The slow low-pass, looked at once a block, is still where nobody lives: white noise gives
its steps a known share of the slow path's own square, breathing gives many times that. The share
does not depend on how noisy the sensor is.

**Spelling.** viper keeps the first two arguments of a function in registers and no other variable.
So `v`, the second, is what is computed with; what was in it is kept by a word of the state in one
instruction, by a variable in two. Of two things that meet, one is fresh or a word of the state, to
the left, and the other `v`: each spares the band a way over the stack. Spelled as one would, it
costs a quarter more.
"""

from array import array

try:
    from micropython import const
except ImportError:

    def const(value):
        return value


# The viper emitter knows these names by itself; elsewhere annotations mean nothing.
ptr16 = ptr32 = object

DETECTOR_VERSION = 7
MAX_CHUNK = 64  # samples a call
OUT_WORDS = const(28)  # int32 words of one row
MAX_ROWS = 40  # rows that `out` must hold

# --- a row ---------------------------------------------------------------------------------------
OUT_KIND = const(0)  # ROW_*
OUT_FLAGS = const(1)
OUT_ONSET = const(2)  # sample
OUT_END = const(3)  # last sample
OUT_CLOSED = const(4)  # sample at which all of this was known
OUT_PEAK = const(5)  # largest squared norm of the high-passed acceleration, (4 counts)^2
OUT_VX = const(6)  # the vector of the peak, counts
OUT_VY = const(7)
OUT_VZ = const(8)
OUT_AREA = const(9)  # burst: squared norm of that vector, (8 counts)^2
# (4 counts)^2. Burst: largest squared difference of neighbouring samples. Movement: largest
# squared norm of a sum's quick high-pass, where that is far above what stands all the time.
OUT_STEP = const(10)
OUT_ENERGY = const(11)  # sum of the squared norms, (8 counts)^2, saturating
OUT_STEPS = const(12)  # burst: sum of those differences, (4 counts)^2
OUT_EARLY = const(12)  # movement: what OUT_ENERGY was at the end of its first 0.5 s
OUT_G0X = const(13)  # gravity before, counts
OUT_G0Y = const(14)
OUT_G0Z = const(15)
OUT_G1X = const(16)  # gravity after
OUT_G1Y = const(17)
OUT_G1Z = const(18)
OUT_FLOOR = const(19)  # (4 counts)^2
OUT_CYCLES = const(20)
OUT_MORPH = const(21)  # movement: most decimated samples above the low threshold in any 0.5 s
OUT_MOVED = const(22)  # minute: quiet blocks; of the rest see `minute`
OUT_LOW = const(23)
OUT_NOISE = const(22)  # burst: median of the squared norm, (4 counts)^2 q4
# Burst: the first sample of its sums. Movement: its onset, or shortly before it opened if that
# lies far back.
OUT_RISE = const(24)
OUT_HIGH = const(24)
OUT_TILT = const(25)
OUT_TIMES = const(5)  # ROW_BEATS: cycles and beats, their numbers in OUT_ONSET and OUT_END

ROW_BURST = const(1)
ROW_OPEN = const(2)  # a movement opened: its onset
ROW_MOVE = const(3)
ROW_BEATS = const(4)
ROW_MINUTE = const(5)

# flags of a row
CLIPPED = const(1)  # a sample at full scale, and strong as the burst goes
CUT = const(2)  # its end was not seen: a gap, or the end of the recording
LONG = const(4)  # closed because it went on and on; another follows
MORE_CYCLES = const(8)  # ROW_BEATS: more cycles than it holds
AXIS_DEAD = const(16)
_SPLIT = const(32)  # of a burst: something many times stronger rose upon it, and is the next

# --- state: settings converted to counts and samples --------------------------------------------
S_ROWS = const(0)  # rows in `out` so far
S_SAMPLE = const(1)  # samples seen, those of the call included
S_ODR_MHZ = const(2)
S_UG_PER_LSB = const(3)
S_OFFSET = const(4)  # one past the last sample of `samples` that the stages shall take
S_BLOCK = const(5)  # samples of a block, a power of two
_DEC = const(6)  # samples summed for the slow path: 1, 2, 4 or 8
_DEC_SHIFT = const(7)  # and what makes a q4 mean of the sum
_J_LOW = const(8)  # the least of the four thresholds, (4 counts)^2, in the order of _LOW
_M_LOW = const(9)
_J_ON = const(10)
_M_ON = const(11)
_J_LOW_FLOOR = const(12)  # and the multiples of the floor, q4, in the same order
_M_LOW_FLOOR = const(13)
_J_ON_FLOOR = const(14)
_M_ON_FLOOR = const(15)
_J_QUIET = const(16)  # samples
_LONG = const(17)
_M_SUMS = const(18)  # busy sums of the slow path after the last above
_M_GAP = const(19)  # samples of silence before a movement's first
_E_SHIFT = const(20)
_MINUTE = const(21)
_FIVE = const(22)

# --- state: quick path --------------------------------------------------------------------------
_LPX = const(23)  # 2 Hz low-pass, counts q4
_LPY = const(24)
_LPZ = const(25)
_SUMX = const(26)
_SUMY = const(27)
_SUMZ = const(28)
_SUMN = const(29)  # words of samples still to come into the sums
_HOT = const(30)  # busy sums to come after the last sample above the low threshold
_EARLY = const(31)  # a setting: samples of a movement's first 0.5 s
_SLOW_AT = const(33)  # the busy sum that is looked at next
_SLOW_STOP = const(34)  # one past the busy sums of this call
_MHOT = const(35)  # busy sums to come after the last above
_SEED = const(36)  # the next sample starts the filters

# --- state: burst path --------------------------------------------------------------------------
_ENV = const(37)  # mean square of some four samples, (4 counts)^2
_OPEN = const(38)
_ABOVE = const(39)  # the last sample above the low threshold
_RISE = const(40)  # sample where it last rose above
_BX = const(41)  # where the limb lay then, offset binary
_BY = const(42)
_BZ = const(43)
_UX = const(44)  # direction of the first strong peak
_UY = const(45)
_UZ = const(46)
_UREF = const(47)  # its squared norm
_HOT_SUMS = const(48)  # a setting: what _HOT begins with
_ARMED = const(49)

# --- state: slow path ---------------------------------------------------------------------------
_MX = const(50)  # 0.5 Hz low-pass, counts q4
_MY = const(51)
_MZ = const(52)
_MABOVE = const(53)
_MRISE = const(54)
_MOPEN = const(55)
_MWIN = const(56)  # bits: which of the last 0.5 s were above
_MCOUNT = const(57)  # how many of them
_MFADE = const(58)  # a peak that fades by an eighth a decimated sample
_BEAT = const(59)  # an envelope that fades by a sixteenth a decimated sample
_BEAT_ARMED = const(60)
_BEAT_AT = const(61)
_ACT = const(62)  # sum of the squared norms of the minute, each cut at 181 times 4 counts

# --- state: blocks ------------------------------------------------------------------------------
_WARM = const(63)  # blocks until the floors have settled
_FLOOR = const(64)  # (4 counts)^2 q6, of the quick path and, in the next word, of the slow one
_MFLOOR = const(65)
_BMAX = const(66)  # likewise the largest norm of the block; of the quick path one sample in _DEC
_MBMAX = const(67)
_LOW = const(68)  # thresholds of this block, (4 counts)^2
_MLOW = const(69)
_ON = const(70)
_MON = const(71)
_NOISE = const(72)  # the median of the squared norm, (4 counts)^2 q4
_NSTEP = const(73)  # its step
_NOISE_WAS = const(74)  # the median at the end of the last block
_GX = const(75)  # gravity, counts q4
_GY = const(76)
_GZ = const(77)
_G5X = const(78)  # gravity at the last 5 s mark, counts
_G5Y = const(79)
_G5Z = const(80)
_FIVE_AT = const(81)
_TILT = const(82)  # largest squared chord between marks, (8 counts)^2
_CLIP = const(83)  # 1: a sample of this block at full scale
_MCLIP = const(84)  # such blocks of the minute
_ALIVE = const(85)  # bits: axes that moved this minute
_NX = const(86)  # the slow low-pass at the last block
_NY = const(87)
_NZ = const(88)
_QUIET = const(89)  # 1: nothing was busy in this block
_QUIETS = const(90)  # quiet blocks of the minute
_NLOW = const(91)  # their sums: squared steps of the slow low-pass, between both low-passes
_NHIGH = const(92)
_MIN_AT = const(93)  # sample at which the minute ends

# --- state: tables ------------------------------------------------------------------------------
_CYC_N = const(94)
_BEAT_N = const(95)
_CYC = const(96)  # times of cycles, 16
_CYC_LEN = const(16)
_BEATS = const(112)  # times of beats, 6
_BEATS_LEN = const(6)
_J = const(118)  # the burst that is open, laid out as a row
_M = const(146)  # the movement that is open
_PX = const(174)  # the last busy sample, offset binary
_PY = const(175)
_PZ = const(176)
_M_FIRST = const(177)  # a setting: the newest bit of _MWIN
_WORDS = const(178)  # a setting: of a sum's samples
_AT = const(179)  # the word of `samples` that is looked at next
_HX = const(180)  # the slow high-pass of a sum
_HY = const(181)
_HZ = const(182)
_HNORM = const(183)  # its squared norm
_NORM = const(184)  # that of a sum's last sample, (4 counts)^2
_X = const(185)  # the last sample, offset binary
_Y = const(186)
_Z = const(187)
_DX = const(188)  # and its quarter above the low-pass
_DY = const(189)
_DZ = const(190)
_STOOD = const(191)  # the open burst's peak two sums ago
_STANDS = const(192)  # and one
# Of a call, 64 times: hx, hy, hz, norm, envelope, sample, low-pass, norm of the quick high-pass.
_SLOW = const(193)
_SLOW_WORDS = const(10)
STATE_WORDS = 193 + 64 * 10

_FLOOR_MOST = const(0xFFFFFF)  # (4 counts)^2: 2 g at +-4 g; above it a floor says no more
_SATURATED = const(0x3FFFFFFF)


def quick_path(state: ptr32, v: int, samples: ptr16, out: ptr32) -> int:
    """Every sample: both high-passes and their squared norms; of busy ones bursts and their facts.

    Inside, samples are in offset binary (int16 + 0x8000): one operation less an axis. Norms are of
    quarters of the high-passed counts, for then no square leaves 30 bits. Stops where a burst
    opens, to be called again for the same sample, and after one has ended.
    """
    end = state[S_OFFSET] * 3
    more = end - state[_AT]  # words to come
    t = state[S_SAMPLE] - state[S_OFFSET]
    at = state[_SLOW_STOP]
    row = 0
    whole = 1  # the sum that is looked at ends in this call
    stop = state[_AT] + state[_SUMN]
    state[_SUMN] = 0
    if stop > end:
        state[_SUMN] = stop - end
        stop = end
        whole = 0
    while more:
        bx = state[_LPX] >> 4
        by = state[_LPY] >> 4
        bz = state[_LPZ] >> 4
        v = state[_AT]
        while stop > v:
            y = samples[1 + v]
            z = samples[2 + v]
            v = samples[v] ^ 0x8000
            state[_X] = v
            state[_SUMX] = state[_SUMX] + v
            v = (v - bx) >> 2
            state[_DX] = v
            m = v * v
            v = y ^ 0x8000
            state[_Y] = v
            state[_SUMY] = state[_SUMY] + v
            v = (v - by) >> 2
            state[_DY] = v
            m = v * v + m
            v = z ^ 0x8000
            state[_Z] = v
            state[_SUMZ] = state[_SUMZ] + v
            v = (v - bz) >> 2
            state[_DZ] = v
            v = v * v + m
            state[_NORM] = v
            if state[_LOW] < v:
                state[_HOT] = state[_HOT_SUMS]
            if state[_HOT]:
                now = ((state[_AT] * 86) >> 8) + t  # / 3
                state[_QUIET] = 0
                state[_ENV] = ((v - state[_ENV]) >> state[_E_SHIFT]) + state[_ENV]
                if state[_OPEN]:
                    if state[_LOW] < v:
                        state[_ABOVE] = now
                        if state[_J + OUT_PEAK] >> 6 < v:
                            state[_J + OUT_END] = now
                    a = (v >> 2) + state[_J + OUT_ENERGY]
                    along = state[_UX] * state[_DX] + state[_UY] * state[_DY]
                    along = state[_UZ] * state[_DZ] + along
                    if state[_J + OUT_PEAK] >> 1 < v:
                        # four times what stood for half a second is no part of it, but upon it
                        if state[_STOOD] < v >> 4 and now - state[_EARLY] > state[_J + OUT_ONSET]:
                            state[_OPEN] = 0
                            state[_J + OUT_END] = state[_J + OUT_CLOSED] = now - 1
                            state[_J + OUT_FLAGS] = _SPLIT
                            row = _J
                            state[_SUMN] = state[_SUMN] + stop - state[_AT]
                            state[_AT] = state[_AT] - 3  # it will be looked at again
                            stop = more = whole = 0
                        else:
                            if (
                                (state[_X] + 71) & 65535 < 139
                                or (state[_Y] + 71) & 65535 < 139
                                or (state[_Z] + 71) & 65535 < 139
                            ):
                                state[_J + OUT_FLAGS] = state[_CLIP] = CLIPPED
                            v = (state[_X] - state[_BX]) >> 3  # from where it lay: no filter cuts
                            m = v * v
                            v = (state[_Y] - state[_BY]) >> 3
                            m = v * v + m
                            v = (state[_Z] - state[_BZ]) >> 3
                            v = v * v + m
                            if state[_J + OUT_AREA] < v:
                                state[_J + OUT_AREA] = v
                                state[_J + OUT_VX] = state[_X]
                                state[_J + OUT_VY] = state[_Y]
                                state[_J + OUT_VZ] = state[_Z]
                            v = state[_NORM]
                            if state[_J + OUT_PEAK] < v:
                                state[_J + OUT_PEAK] = v
                                if v >> 2 > state[_UREF]:
                                    state[_UREF] = v
                                    along = v
                                    state[_UX] = state[_DX]  # along it cycles are counted
                                    state[_UY] = state[_DY]
                                    state[_UZ] = state[_DZ]
                                    state[_ARMED] = 1
                    if more:
                        v = (state[_X] - state[_PX]) >> 1  # the steepest step between neighbours
                        m = (v * v) >> 2
                        v = (state[_Y] - state[_PY]) >> 1
                        m = ((v * v) >> 2) + m
                        v = (state[_Z] - state[_PZ]) >> 1
                        v = ((v * v) >> 2) + m
                        if state[_J + OUT_STEP] < v:
                            state[_J + OUT_STEP] = v
                        v = state[_J + OUT_STEPS] + v
                        if v | a < _SATURATED:
                            state[_J + OUT_ENERGY] = a
                            state[_J + OUT_STEPS] = v
                        if along < 0:
                            state[_ARMED] = 1
                        elif state[_ARMED] and state[_UREF] >> 1 < along:
                            state[_ARMED] = 0
                            state[_J + OUT_CYCLES] = state[_J + OUT_CYCLES] + 1
                            if state[_CYC_N] < _CYC_LEN:
                                state[_CYC + state[_CYC_N]] = now
                            state[_CYC_N] = state[_CYC_N] + 1
                        state[_PX] = state[_X]
                        state[_PY] = state[_Y]
                        state[_PZ] = state[_Z]
                else:
                    if state[_LOW] < v:
                        if now - state[_ABOVE] > 4:
                            state[_RISE] = now
                            state[_BX] = state[_PX] = bx  # the first step is from there
                            state[_BY] = state[_PY] = by
                            state[_BZ] = state[_PZ] = bz
                            state[_ENV] = v >> state[_E_SHIFT]
                        state[_ABOVE] = now
                    if state[_ENV] > state[_ON] and now - state[_J_QUIET] <= state[_ABOVE]:
                        state[_OPEN] = 1
                        row = _J
                        state[_SUMN] = state[_SUMN] + stop - state[_AT]
                        state[_AT] = state[_AT] - 3  # it will be looked at again
                        stop = more = whole = 0
                    if more:
                        state[_PX] = state[_X]
                        state[_PY] = state[_Y]
                        state[_PZ] = state[_Z]
            v = state[_AT] + 3
            state[_AT] = v
        if whole:
            v = state[_WORDS] + v
            if end < v:
                state[_SUMN] = v - end
                more = end - state[_AT]
                v = end
                whole = 0
            stop = v
            v = state[_NORM]
            if state[_BMAX] < v:
                state[_BMAX] = v
            if state[_NOISE] >> 4 < v:
                state[_NOISE] = state[_NOISE] + state[_NSTEP]
            else:
                state[_NOISE] = state[_NOISE] - state[_NSTEP]
            v = state[_SUMX] << state[_DEC_SHIFT]
            state[_LPX] = (state[_LPX] + v) >> 1
            state[_MX] = ((v - state[_MX]) >> 3) + state[_MX]
            v = (v - state[_MX]) >> 6
            state[_HX] = v
            m = v * v
            v = state[_SUMY] << state[_DEC_SHIFT]
            state[_LPY] = (state[_LPY] + v) >> 1
            state[_MY] = ((v - state[_MY]) >> 3) + state[_MY]
            v = (v - state[_MY]) >> 6
            state[_HY] = v
            m = v * v + m
            v = state[_SUMZ] << state[_DEC_SHIFT]
            state[_LPZ] = (state[_LPZ] + v) >> 1
            state[_MZ] = ((v - state[_MZ]) >> 3) + state[_MZ]
            v = (v - state[_MZ]) >> 6
            state[_HZ] = v
            v = v * v + m
            state[_HNORM] = v
            if state[_MBMAX] < v:
                state[_MBMAX] = v
            if state[_HOT]:
                state[_HOT] = state[_HOT] - 1
                state[_MHOT] = state[_M_SUMS]
            elif state[_MLOW] < v:
                state[_MHOT] = state[_M_SUMS]
            if state[_MHOT]:
                state[_MHOT] = state[_MHOT] - 1
                now = ((state[_AT] * 86) >> 8) + t
                v = at
                state[v] = state[_HX]
                state[1 + v] = state[_HY]
                state[2 + v] = state[_HZ]
                state[3 + v] = state[_HNORM]
                state[4 + v] = state[_NORM] >> 1  # one sample is noisier than the envelope
                state[5 + v] = now - state[_DEC]
                state[6 + v] = state[_LPX]
                state[7 + v] = state[_LPY]
                state[8 + v] = state[_LPZ]
                at = _SLOW_WORDS + v
                if not state[_OPEN]:
                    # what the quick high-pass leaves of the sum, in which is less noise
                    v = ((state[_SUMX] << state[_DEC_SHIFT]) - state[_LPX]) >> 5
                    m = v * v
                    v = ((state[_SUMY] << state[_DEC_SHIFT]) - state[_LPY]) >> 5
                    m = v * v + m
                    v = ((state[_SUMZ] << state[_DEC_SHIFT]) - state[_LPZ]) >> 5
                    v = v * v + m
                    state[at - 1] = v
                else:
                    state[4 + v] = state[_ENV]
                    state[9 + v] = 0
                    state[_STOOD] = state[_STANDS]
                    state[_STANDS] = state[_J + OUT_PEAK]
                    v = now - state[_J_QUIET]
                    if state[_J + OUT_END] < v and state[_ENV] < state[_LOW]:
                        state[_ABOVE] = v - 1  # single samples above hold nothing open
                    if state[_ABOVE] < v or now - state[_LONG] > state[_J + OUT_ONSET]:
                        state[_OPEN] = 0
                        state[_ENV] = 0
                        state[_J + OUT_CLOSED] = now - 1
                        row = _J
                        state[_SUMN] = state[_WORDS]
                        more = 0
            v = 0
            state[_SUMX] = v
            state[_SUMY] = v
            state[_SUMZ] = v
        else:
            more = 0
    state[_SLOW_STOP] = at
    return row


def movement_path(state: ptr32, v: int, samples: ptr16, out: ptr32) -> int:
    """Busy sums: beats of the envelope, movements and their facts.

    Stops where a movement opens, to be called again for the same sum, and after one has ended.
    """
    n = state[_SLOW_AT]
    while n < state[_SLOW_STOP]:
        v = n
        e = state[4 + v]
        t = state[5 + v]
        m = state[3 + v]
        v = state[9 + v]
        # what stands all the time hides a jerk from the envelope, and less from a sum
        if state[_MON] < v >> 1 and state[_LOW] < state[_NOISE]:
            if state[_M + OUT_STEP] < v:
                state[_M + OUT_STEP] = v
            v = state[_LOW] >> 1
            if e <= v:
                e = v + 1
        v = m
        if state[_MLOW] < v:
            if t - state[_MABOVE] > state[_M_GAP]:
                state[_MRISE] = t
            state[_MABOVE] = t
            if v > 0x7FFF:
                v = 0x7FFF
            state[_ACT] = state[_ACT] + v
        # the slow high-pass rings on after a strong movement: the quick one must agree
        if not state[_MOPEN] and state[_MON] < m and state[_LOW] >> 1 < e:
            if state[_MLOW] < m:
                state[_ACT] = state[_ACT] - v  # it will be looked at again
            state[_MOPEN] = 1
            state[_SLOW_AT] = n
            return _M
        # a beat: out of a quarter of the fading envelope, up to half of it
        v = t - state[_BEAT_AT]
        state[_BEAT_AT] = t
        if state[_DEC] < v:
            state[_BEAT] = 0
        v = state[_BEAT]
        v = v - (v >> 4)
        if v >> 2 >= e or not v:
            state[_BEAT_ARMED] = 1
        if state[_BEAT_ARMED] and v >> 1 < e and state[_LOW] < e:
            state[_BEAT_ARMED] = 0
            if state[_BEAT_N] < _BEATS_LEN:
                state[_BEATS + state[_BEAT_N]] = t
                state[_BEAT_N] = state[_BEAT_N] + 1
        if v < e:
            v = e
        state[_BEAT] = v
        n = n + _SLOW_WORDS
        if state[_MOPEN]:
            v = m
            if state[_M + OUT_PEAK] < v:
                state[_M + OUT_PEAK] = v
                v = n - _SLOW_WORDS
                state[_M + OUT_VX] = state[v] << 2
                state[_M + OUT_VY] = state[1 + v] << 2
                state[_M + OUT_VZ] = state[2 + v] << 2
                v = m
            v = (v >> 2) + state[_M + OUT_ENERGY]
            if v < _SATURATED:
                state[_M + OUT_ENERGY] = v
                if t - state[_EARLY] <= state[_M + OUT_RISE]:
                    state[_M + OUT_EARLY] = v
            # the end is of the quick path's envelope, whose high-pass rings off sooner, and
            # against a peak that fades, so that a strong part does not hide a weak one after it
            v = state[_MFADE]
            v = v - (v >> 3)
            if v < m:
                v = m
            state[_MFADE] = v
            # how many of the last 0.5 s were above: the bits of a register
            v = state[_MWIN]
            b = state[_MCOUNT] - (v & 1)
            v = v >> 1
            if state[_LOW] >> 1 < e:
                if state[_MFADE] >> 6 < e and state[_M + OUT_PEAK] >> 9 < e:
                    state[_M + OUT_END] = t
                v = state[_M_FIRST] + v
                b = b + 1
            state[_MWIN] = v
            v = b
            state[_MCOUNT] = v
            if state[_M + OUT_MORPH] < v:
                state[_M + OUT_MORPH] = v
            if not v or t - state[_M + OUT_ONSET] > state[_LONG]:
                state[_MOPEN] = 0
                state[_M + OUT_CLOSED] = t
                state[_SLOW_AT] = n
                return _M
    return 0


def floor_stage(state: ptr32, n: int, samples: ptr16, out: ptr32) -> int:
    """Both floors, the thresholds of the next block."""
    # the floor of the quick path, and that of the slow one
    n = 0
    while n < 2:
        b = state[_BMAX + n]
        state[_BMAX + n] = 0
        if b > _FLOOR_MOST:
            b = _FLOOR_MOST
        s = state[_FLOOR + n]
        if state[_WARM]:
            # the least of the first blocks: who is moving when a recording begins rests at times
            if b << 6 < s:
                s = b << 6
        elif b > s >> 6:
            s = s + (s >> 5) + 1
        elif b < s >> 8:
            s = s - (s >> 3)  # half the floor or less: something that lasted is over
        else:
            s = s - (s >> 4) - 1
        if s < 64:
            s = 64
        if s > _FLOOR_MOST << 6:
            s = _FLOOR_MOST << 6
        state[_FLOOR + n] = s
        n = n + 1
    # four thresholds: each a multiple of its floor, and never below its least
    n = 0
    while n < 4:
        s = state[_FLOOR + (n & 1)]
        a = state[_J_LOW_FLOOR + n]
        if s < 0x400000:
            a = (s * a) >> 10
        else:
            a = ((s >> 8) * a) >> 2
        if a < state[_J_LOW + n]:
            a = state[_J_LOW + n]
        state[_LOW + n] = a
        n = n + 1
    # the median moves by a share of itself, up to 2 g
    s = state[_NOISE]
    if s < 16:
        s = 16
    if s > _FLOOR_MOST:
        s = _FLOOR_MOST
    state[_NOISE] = s
    state[_NOISE_WAS] = s
    state[_NSTEP] = (s >> 6) + 1
    if state[_WARM]:
        state[_WARM] = state[_WARM] - 1
    if state[_WARM]:
        state[_NSTEP] = (s >> 4) + 1
        state[_LOW] = _SATURATED
        state[_ON] = _SATURATED
        state[_MON] = _SATURATED
    return 0


def rest_stage(state: ptr32, n: int, samples: ptr16, out: ptr32) -> int:
    """Gravity, axes that live, and what says that nobody is there."""
    n = 0
    while n < 3:
        x = state[_MX + n]
        b = x - state[_NX + n]
        state[_NX + n] = x
        if state[_WARM]:
            b = 0
        if b:
            state[_ALIVE] = state[_ALIVE] | (1 << n)  # noise always moves it
        if x > 65464 << 4 or x < 68 << 4:
            state[_CLIP] = 1
        if state[_QUIET]:
            b = b >> 1
            if b > 2047 or b < -2047:
                b = 2047
            state[_NLOW] = state[_NLOW] + ((b * b) >> 2)
            b = (state[_LPX + n] - x) >> 1
            if b > 2047 or b < -2047:
                b = 2047
            state[_NHIGH] = state[_NHIGH] + ((b * b) >> 2)
        b = state[_GX + n]
        b = b + ((x - b) >> 1)
        if state[_WARM]:
            b = x
            state[_G5X + n] = x
        state[_GX + n] = b
        n = n + 1
    state[_QUIETS] = state[_QUIETS] + state[_QUIET]
    state[_QUIET] = 1
    state[_MCLIP] = state[_MCLIP] + state[_CLIP]
    state[_CLIP] = 0
    return 0


def seed(state, samples):
    """Start the filters on the next sample, as if it had lasted for ever."""
    for axis in range(3):
        at_rest = (samples[state[S_OFFSET] * 3 + axis] ^ 0x8000) << 4
        state[_LPX + axis] = at_rest
        state[_MX + axis] = at_rest
    state[_SEED] = 0


def tilt(state):
    """Every 5 s: how far gravity has turned since the last time."""
    far = 0
    for axis in range(3):
        step = (state[_GX + axis] - state[_G5X + axis]) >> 7
        state[_G5X + axis] = state[_GX + axis]
        far += step * step
    state[_TILT] = max(state[_TILT], far)
    state[_FIVE_AT] = state[S_SAMPLE] + state[_FIVE]


def times(state, out):
    """Write the times of cycles and beats as a row. Seldom, so not in machine code."""
    at = state[S_ROWS] * OUT_WORDS
    cycles = min(state[_CYC_N], _CYC_LEN)
    out[at + OUT_KIND] = ROW_BEATS
    out[at + OUT_FLAGS] = MORE_CYCLES if state[_CYC_N] > _CYC_LEN else 0
    out[at + OUT_ONSET] = cycles
    out[at + OUT_END] = state[_BEAT_N]
    out[at + OUT_CLOSED] = state[S_SAMPLE]
    for i in range(cycles):
        out[at + OUT_TIMES + i] = state[_CYC + i]
    for i in range(state[_BEAT_N]):
        out[at + OUT_TIMES + cycles + i] = state[_BEATS + i]
    out[at + OUT_WORDS - 1] = state[_J + OUT_PEAK]  # of the burst that is open, or was last
    state[S_ROWS] += 1
    state[_CYC_N] = 0
    state[_BEAT_N] = 0


def minute(state, out):
    """Write the row of a minute, and begin the next. Seldom: not in machine code."""
    at = state[S_ROWS] * OUT_WORDS
    out[at + OUT_KIND] = ROW_MINUTE
    out[at + OUT_FLAGS] = 0 if state[_ALIVE] == 7 else AXIS_DEAD
    out[at + OUT_ONSET] = state[S_SAMPLE] - state[_MINUTE]
    out[at + OUT_END] = state[S_SAMPLE]
    out[at + OUT_CLOSED] = state[S_SAMPLE]
    out[at + OUT_CYCLES] = state[_MCLIP]
    out[at + OUT_ENERGY] = state[_ACT]
    out[at + OUT_FLOOR] = state[_FLOOR] >> 6
    out[at + OUT_VX] = state[_MFLOOR] >> 6
    out[at + OUT_TILT] = state[_TILT]
    out[at + OUT_MOVED] = state[_QUIETS]
    out[at + OUT_LOW] = state[_NLOW]
    out[at + OUT_HIGH] = state[_NHIGH]
    for axis in range(3):
        out[at + OUT_G1X + axis] = (state[_GX + axis] >> 4) - 0x8000
    for word in (_ACT, _TILT, _ALIVE, _MCLIP, _QUIETS, _NLOW, _NHIGH):
        state[word] = 0
    state[_MIN_AT] += state[_MINUTE]
    state[S_ROWS] += 1


def turn(state, out, entry):
    """Begin the row of what has just opened; write out that of what has just closed."""
    if entry == _J and state[_OPEN]:
        begin_burst(state)
    elif entry == _J:
        end_burst(state)
        write(state, out, entry)
    else:
        if state[_MOPEN]:
            begin_movement(state)
        else:
            end_movement(state)
        write(state, out, entry)
        state[_M + OUT_KIND] = ROW_MOVE


def begin_burst(state):
    """Begin the row of a burst that opened at the sample that is looked at, and will be again."""
    for axis in range(3):
        state[_SUMX + axis] -= state[_X + axis]
    now = state[S_SAMPLE] - state[S_OFFSET] + ((state[_AT] * 86) >> 8)
    for word in range(OUT_WORDS):
        state[_J + word] = 0
    state[_J + OUT_KIND] = ROW_BURST
    state[_J + OUT_ONSET] = state[_RISE]
    state[_J + OUT_END] = state[_J + OUT_RISE] = now
    state[_J + OUT_FLOOR] = state[_FLOOR] >> 6
    state[_J + OUT_NOISE] = state[_NOISE_WAS]
    state[_UREF] = 0


def end_burst(state):
    """Complete the row of a burst that has ended."""
    if state[_J + OUT_FLAGS] & _SPLIT:  # the sample that did is no part of it
        for axis in range(3):
            state[_SUMX + axis] -= state[_X + axis]
    if state[_J + OUT_CLOSED] - state[_J + OUT_ONSET] >= state[_LONG]:
        state[_J + OUT_FLAGS] |= LONG
    state[_RISE] = state[_J + OUT_CLOSED]  # the next begins no sooner
    measure_burst(state)


def measure_burst(state):
    """Tell in a burst's row how far it went, and from where, if it was ever anywhere else."""
    if state[_J + OUT_AREA]:
        for axis in range(3):
            state[_J + OUT_VX + axis] -= state[_BX + axis]
            state[_J + OUT_G0X + axis] = state[_BX + axis] - 0x8000


def begin_movement(state):
    """Begin the row of a movement that opened at the sum that is looked at, and tell its onset."""
    for word in range(OUT_WORDS):
        state[_M + word] = 0
    state[_MWIN] = state[_MCOUNT] = state[_MFADE] = 0
    state[_M + OUT_KIND] = ROW_OPEN
    state[_M + OUT_ONSET] = state[_MRISE]
    state[_M + OUT_END] = state[_M + OUT_CLOSED] = state[state[_SLOW_AT] + 5]
    # what rose long before it opened, as a pulse does, is not where a jerk began
    state[_M + OUT_RISE] = max(state[_MRISE], state[_M + OUT_END] - state[_M_GAP])
    state[_M + OUT_FLOOR] = state[_MFLOOR] >> 6
    for axis in range(3):
        state[_M + OUT_G0X + axis] = (state[_GX + axis] >> 4) - 0x8000


def end_movement(state):
    """Complete the row of a movement that ended with the sum before."""
    if state[_MCOUNT]:
        state[_M + OUT_FLAGS] = LONG
        state[_MRISE] = state[_M + OUT_CLOSED]  # the next begins here
    for axis in range(3):
        gravity = state[state[_SLOW_AT] - _SLOW_WORDS + 6 + axis]
        state[_M + OUT_G1X + axis] = (gravity >> 4) - 0x8000


def write(state, out, entry):
    """Write a row of the state to `out`."""
    at = state[S_ROWS] * OUT_WORDS
    for word in range(OUT_WORDS):
        out[at + word] = state[entry + word]
    state[S_ROWS] += 1


BLOCK_STAGES = (floor_stage, rest_stage)  # where a block ends
STAGES = (quick_path, movement_path) + BLOCK_STAGES
TURNS = (turn, begin_burst, end_burst, measure_burst, begin_movement, end_movement, write)
SELDOM = (seed, tilt, times, minute) + TURNS

# Settings a user may change: name -> (default, what it means). Units stand in the names.
SETTINGS = (
    ("jerk_on_ug", 2500, "envelope that opens a burst: above a quiet sensor's noise and pulse"),
    ("jerk_on_floor_pct", 120, "or this share of the floor"),
    ("jerk_on_floor_slow_pct", 138, "the same where the envelope is of two samples: below 80 Hz"),
    ("jerk_low_ug", 2000, "norm at which a burst begins and ends"),
    ("jerk_low_floor_pct", 155, "or this share of the floor: white noise passes it once in 10 s"),
    ("jerk_quiet_ms", 130, "silence that ends a burst"),
    ("lm_on_ug", 8000, "in the band; some 15 mg at the sensor (15 mg: Sicbaldi 2025)"),
    ("lm_on_floor_pct", 160, "or this share of the floor"),
    ("lm_low_ug", 5000, "norm at which a movement begins"),
    ("lm_low_floor_pct", 110, "or this share of the floor"),
    ("lm_quiet_ms", 500, "silence that ends an LM (AASM v3, WASM 2016)"),
    ("longest_ms", 60000, "what goes on for longer is cut, and goes on as another"),
)
DEFAULTS = {name: value for name, value, _ in SETTINGS}
MIN_ODR_MHZ = 24000
MAX_ODR_MHZ = 213000
BLOCK_MS = 1230  # at least one beat of a heart of 49 a minute
_EARLY_MS = const(500)  # the shortest LM (AASM v3, WASM 2016): of what lasts, more comes after it


def new_state(odr_mhz, ug_per_lsb, **settings):
    """Return the state of a detector at rest: an array of STATE_WORDS int32; see `begin`."""
    state = blank(STATE_WORDS)
    begin(state, odr_mhz, ug_per_lsb, **settings)
    return state


def blank(words):
    """Return an array of so many int32, whatever is in it: made without a list."""
    return array("i", range(words))


def begin(state, odr_mhz, ug_per_lsb, **settings):
    """Put a detector's state at rest, whatever it held: a recording begins.

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
        quarters = value[name] * value[name] // (16 * ug_per_lsb * ug_per_lsb)
        return max(1, min(0x1FFFFFFF, quarters))

    def multiple_q4(name):
        return max(1, min(255, (value[name] * value[name] * 16 + 5000) // 10000))

    dec_log2 = 0
    while (odr_mhz >> dec_log2) > 37000:
        dec_log2 += 1
    envelope_log2 = max(1, log2((odr_mhz + 8000) // 25000))  # some 40 ms: 4 samples at 104 Hz
    quick = "jerk_on_floor_pct" if envelope_log2 > 1 else "jerk_on_floor_slow_pct"
    for word in range(STATE_WORDS):
        state[word] = 0
    state[S_ODR_MHZ] = odr_mhz
    state[S_UG_PER_LSB] = ug_per_lsb
    state[S_BLOCK] = 1 << (log2(samples(BLOCK_MS) * 3 // 4) + 1)
    state[_DEC] = 1 << dec_log2
    state[_DEC_SHIFT] = 4 - dec_log2
    state[_WORDS] = 3 << dec_log2
    state[_E_SHIFT] = envelope_log2
    state[_J_ON] = squared("jerk_on_ug")
    state[_J_ON_FLOOR] = multiple_q4(quick)
    state[_J_LOW] = squared("jerk_low_ug")
    state[_J_LOW_FLOOR] = multiple_q4("jerk_low_floor_pct")
    state[_J_QUIET] = samples(value["jerk_quiet_ms"])
    state[_HOT_SUMS] = ((state[_J_QUIET] + 8) >> dec_log2) + 2
    state[_LONG] = samples(value["longest_ms"])
    state[_M_ON] = squared("lm_on_ug")
    state[_M_ON_FLOOR] = multiple_q4("lm_on_floor_pct")
    state[_M_LOW] = squared("lm_low_ug")
    state[_M_LOW_FLOOR] = multiple_q4("lm_low_floor_pct")
    m_quiet = min(24, max(1, samples(value["lm_quiet_ms"]) >> dec_log2))  # sums
    state[_M_SUMS] = m_quiet + 2
    state[_M_FIRST] = 1 << (m_quiet - 1)
    state[_M_GAP] = 4 << dec_log2
    state[_EARLY] = samples(_EARLY_MS)
    state[_MINUTE] = state[_MIN_AT] = samples(60000)
    state[_FIVE] = state[_FIVE_AT] = samples(5000)
    state[_FLOOR] = state[_MFLOOR] = _FLOOR_MOST << 6
    state[_SLOW_STOP] = _SLOW
    _restart(state, 4)


def log2(n):
    """Return the whole part of the binary logarithm; 0 below 2."""
    return 0 if n < 2 else 1 + log2(n >> 1)


def _restart(state, warm_blocks):
    """Let the next sample start the filters, and nothing open while they settle."""
    state[_SEED] = 1
    state[_WARM] = warm_blocks
    state[_ON] = state[_MON] = state[_LOW] = state[_MLOW] = _SATURATED
    for word in (_OPEN, _MOPEN, _ENV, _SUMX, _SUMY, _SUMZ, _HOT, _MHOT, _BEAT):
        state[word] = 0
    state[_SUMN] = state[_WORDS]
    state[_ABOVE] = state[S_SAMPLE] - 5
    state[_MABOVE] = state[S_SAMPLE] - 5 * state[_DEC]


def process(state, samples, n, out):
    """Run the stages over n <= MAX_CHUNK samples; return the number of rows written to `out`.

    A path returns 0, or the place of a row that begins or ends there, and is then called again.
    Blocks lie at multiples of S_BLOCK samples of the recording, however the caller cuts it; within
    a call rows are not in the order of OUT_CLOSED.
    """
    state[S_ROWS] = 0
    state[S_OFFSET] = 0
    state[_AT] = 0
    while n > 0:
        take = state[S_BLOCK] - (state[S_SAMPLE] & (state[S_BLOCK] - 1))
        if take > n:
            take = n
        if state[_SEED]:
            seed(state, samples)
        state[S_SAMPLE] += take
        state[S_OFFSET] += take
        row = quick_path(state, take, samples, out)
        while row:
            turn(state, out, row)
            row = quick_path(state, take, samples, out)
        if state[_SLOW_STOP] > _SLOW:
            state[_SLOW_AT] = _SLOW
            row = movement_path(state, take, samples, out)
            while row:
                turn(state, out, row)
                row = movement_path(state, take, samples, out)
            state[_SLOW_STOP] = _SLOW
        n -= take
        if state[S_SAMPLE] & (state[S_BLOCK] - 1) == 0:
            for stage in BLOCK_STAGES:
                stage(state, take, samples, out)
            if state[S_SAMPLE] >= state[_FIVE_AT] or state[_WARM]:
                tilt(state)
            if state[_CYC_N] > 0 or state[_BEAT_N] > 0:
                times(state, out)
            if state[S_SAMPLE] >= state[_MIN_AT]:
                minute(state, out)
    return state[S_ROWS]


def cut(state, out):
    """Close what is open, its end unseen, and forget the filters' past; return the rows written.

    For lost samples, and for the end of a recording.
    """
    state[S_ROWS] = 0
    for is_open, entry in ((_OPEN, _J), (_MOPEN, _M)):
        if state[is_open]:
            state[entry + OUT_FLAGS] |= CUT
            state[entry + OUT_END] = state[entry + OUT_CLOSED] = state[S_SAMPLE] - 1
            if entry == _J:
                measure_burst(state)
            else:
                for axis in range(3):
                    state[_M + OUT_G1X + axis] = (state[_LPX + axis] >> 4) - 0x8000
            write(state, out, entry)
    if state[_CYC_N] > 0 or state[_BEAT_N] > 0:
        times(state, out)
    if state[S_SAMPLE] >= state[_MIN_AT]:
        minute(state, out)
    _restart(state, 2)
    return state[S_ROWS]


def isqrt(n):
    """Integer square root, for the cold path only; a host may put its own here."""
    if n < 2:
        return n
    x = 1 << ((len(bin(n)) - 1) >> 1)
    while True:
        y = (x + n // x) // 2
        if y >= x:
            return x
        x = y


def _unit_q7(out, at):
    """Return three words as a unit vector, 1/127."""
    x, y, z = out[at], out[at + 1], out[at + 2]
    length = isqrt(x * x + y * y + z * z)
    if length == 0:
        return NOTHING
    twice = 2 * length
    return (x * 254 + length) // twice, (y * 254 + length) // twice, (z * 254 + length) // twice


LM_TAIL_MS = 110  # how long the quick high-pass itself rings off after a movement
NOTHING = (0, 0, 0)


def facts(state, out, row):
    """Return a row in physical units: a dict of wire.EVENT_FIELDS' names, kind and flags unset.

    `state` gives scale and rate alone. Besides: `row` (ROW_*), `cut`, `end_sample` (its last) and
    `closed_sample`. A ROW_BEATS gives `cycles`, `beats` (lists of samples), `more` and `peak_mg`.
    """
    at = row * OUT_WORDS
    kind = out[at + OUT_KIND]
    found = {"row": kind, "closed_sample": out[at + OUT_CLOSED]}
    mg_per_4 = state[S_UG_PER_LSB] * 4  # 1/1000
    if kind == ROW_BEATS:
        first = at + OUT_TIMES
        behind = first + out[at + OUT_ONSET]
        found["cycles"] = list(out[first:behind])
        found["beats"] = list(out[behind : behind + out[at + OUT_END]])
        found["more"] = out[at + OUT_FLAGS]
        found["peak_mg"] = isqrt(out[at + OUT_WORDS - 1]) * mg_per_4 // 1000
        return found
    found["onset_sample"] = max(0, out[at + OUT_ONSET])
    if kind == ROW_OPEN:
        return found
    odr_mhz = state[S_ODR_MHZ]
    scale = state[_DEC] if kind == ROW_MOVE else 1
    tail = 0
    if kind == ROW_MOVE and not out[at + OUT_FLAGS] & (CUT | LONG):
        tail = LM_TAIL_MS * odr_mhz // 1000000
    duration = max(1, out[at + OUT_END] - tail - found["onset_sample"] + 1)
    peak = max(1, out[at + OUT_PEAK])
    energy = out[at + OUT_ENERGY] * 4 * scale  # (4 counts)^2 times samples
    vector = isqrt(out[at + OUT_VX] ** 2 + out[at + OUT_VY] ** 2 + out[at + OUT_VZ] ** 2)
    peak_mg = min(65535, isqrt(peak) * mg_per_4 // 1000)
    found["end_sample"] = found["onset_sample"] + duration - 1
    found["duration_samples"] = duration
    found["cut"] = out[at + OUT_FLAGS] & CUT
    found["clipped"] = out[at + OUT_FLAGS] & CLIPPED
    found["peak_mg"] = min(65535, vector * state[S_UG_PER_LSB] // 1000)
    step, steps = out[at + OUT_STEP], out[at + OUT_STEPS]
    if kind == ROW_BURST:
        # a sensor's noise has a median of 2.4 variances an axis: its steps hold 6 of them a
        # sample, the largest of a burst some 8, and its energy 3
        variance_q8 = out[at + OUT_NOISE] * 16 * 10 // 24
        summed = out[at + OUT_CLOSED] - out[at + OUT_RISE] + 1
        step = max(0, step - (8 * variance_q8 >> 8))
        steps = max(0, steps - (6 * variance_q8 * summed >> 8))
        energy = max(peak, energy - (3 * variance_q8 * summed >> 8))
    found["energy_mg2_s"] = min(0xFFFFFFFF, energy * mg_per_4 // 1000 * mg_per_4 // odr_mhz)
    found["effective_ms"] = min(65535, energy // peak * 1000000 // odr_mhz)
    found["direction_q7"] = _unit_q7(out, at + OUT_VX)
    found["posture_before_q7"] = _unit_q7(out, at + OUT_G0X)
    found["posture_after_q7"] = found["posture_before_q7"]
    found["floor_q4_mg"] = min(65535, isqrt(out[at + OUT_FLOOR]) * mg_per_4 // 63)
    if kind == ROW_MOVE:
        found["posture_after_q7"] = _unit_q7(out, at + OUT_G1X)
        found["slow_peak_mg"] = peak_mg
        found["quick_peak_mg"] = min(65535, isqrt(step) * mg_per_4 // 1000)
        found["peak_jerk_mg_per_s"] = 0  # a sum says nothing of it
        found["morph_ms"] = out[at + OUT_MORPH] * scale * 1000000 // odr_mhz
        found["later_pct"] = _later_pct(out[at + OUT_ENERGY], out[at + OUT_EARLY])
    else:
        found["quick_peak_mg"] = peak_mg
        found["peak_jerk_mg_per_s"] = isqrt(step) * mg_per_4 * odr_mhz // 1000000
        found["cycles"] = min(255, out[at + OUT_CYCLES])
        found["centre_dhz"] = _centre_dhz(steps, max(1, energy), odr_mhz)
    return found


def _later_pct(whole, early):
    """Return the share of a movement's energy that came after its first 0.5 s, 0 to 100.

    Where the sum was full nothing more was added to it: so much is no ringing.
    """
    if whole > _SATURATED >> 1:
        return 100
    return (whole - early) * 100 // max(1, whole)


def _centre_dhz(steps, energy, odr_mhz):
    """Return the centre frequency, 0.1 Hz, that gives steps of this energy (Hjorth's mobility).

    A sine of f has steps of 4 sin^2(pi f / rate) times its own energy.
    """
    half_q10 = min(1023, isqrt(steps * 262144 // energy))
    cube_q10 = half_q10 * half_q10 // 1024 * half_q10 // 1024
    fifth_q10 = cube_q10 * half_q10 // 1024 * half_q10 // 1024
    angle_q10 = half_q10 + cube_q10 // 6 + fifth_q10 * 3 // 40  # arc sine
    return min(65535, angle_q10 * odr_mhz // 321699)  # pi * 1024 * 100


def minute_facts(state, out, row):
    """Return a ROW_MINUTE as a dict: values of wire.MINUTE_FIELDS, and what contexts need."""
    at = row * OUT_WORDS
    ug = state[S_UG_PER_LSB]
    square = out[at + OUT_ENERGY] * state[_DEC] * 256 // state[_MINUTE]
    chord_mg = isqrt(out[at + OUT_TILT]) * 8 * ug // 1000
    gravity_mg = tuple(
        max(-32768, min(32767, out[at + OUT_G1X + axis] * ug // 1000)) for axis in range(3)
    )
    return {
        "row": ROW_MINUTE,
        "closed_sample": out[at + OUT_CLOSED],
        "onset_sample": out[at + OUT_ONSET],
        "sample": out[at + OUT_END],
        "activity_q4_mg": min(65535, isqrt(square) * 4 * ug // 1000),
        "floor_jerk_q4_mg": min(65535, isqrt(out[at + OUT_FLOOR]) * 64 * ug // 1000),
        "floor_move_q4_mg": min(65535, isqrt(out[at + OUT_VX]) * 64 * ug // 1000),
        "gravity_mg": gravity_mg,
        # a chord of unit length is 57.3 degrees; beyond 90 degrees the value saturates
        "tilt_max_deg": min(180, (chord_mg * 573 + 5000) // 10000),
        "axis_dead": out[at + OUT_FLAGS] & AXIS_DEAD,
        "clipped": min(255, out[at + OUT_CYCLES]),
        "quiet_blocks": out[at + OUT_MOVED],
        "blocks": state[_MINUTE] // state[S_BLOCK],
        "rest_low": out[at + OUT_LOW],
        "rest_high": out[at + OUT_HIGH],
    }
