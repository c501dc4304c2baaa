/* A plain state machine in C of the same work as the detector's machine-code part, to judge its
 * speed by: two high-passes, floors, hysteresis, and the facts of every movement. It names
 * nothing; its rows are handed over, for a compiler leaves out what nobody reads: counted alone,
 * they were found without most of their facts. Floats; thresholds change once a block. */
#include <math.h>
#include <stdint.h>

enum { BLOCK = 128 };

typedef struct {
    float onset, end, peak, step, energy, vector[3], before[3], floor;
    int cycles, clipped, open;
} Span;

typedef struct {
    float low[3], last[3], slow[3], gravity[3], sum[3], along[3];
    float size, envelope, floor, slow_floor, fade, minute_most, minute_sum;
    float on, under, rate, slow_on, slow_under, slow_rate, quiet;
    int summed, armed, rise, window, above;
    Span burst, move;
} Machine;

static float larger(float a, float b) { return a > b ? a : b; }

static float square(const float *v) { return v[0] * v[0] + v[1] * v[1] + v[2] * v[2]; }

static void begin(Span *span, float at, float floor, const float *gravity) {
    *span = (Span){.onset = at, .end = at, .floor = floor, .open = 1};
    for (int k = 0; k < 3; k++) span->before[k] = gravity[k];
}

static void measure(Span *span, const float *high, float size) {
    span->energy += size;
    if (size > span->peak) {
        span->peak = size;
        for (int k = 0; k < 3; k++) span->vector[k] = high[k];
    }
}

static void thresholds(Machine *m) {
    m->on = larger(16, 12 * m->floor);
    m->under = larger(6, 4 * m->floor);
    m->rate = m->floor / 64 + 1e-4f;
    m->slow_on = larger(225, 12 * m->slow_floor);
    m->slow_under = larger(50, 4 * m->slow_floor);
    m->slow_rate = m->slow_floor / 64 + 1e-4f;
}

/* Every sample; returns 1 where a burst has ended. */
static int quick(Machine *m, const float *a, int at, int clipped) {
    float high[3];
    for (int k = 0; k < 3; k++) high[k] = a[k] - m->low[k];
    float size = square(high);
    m->envelope += (size - m->envelope) * 0.25f;
    if (!m->burst.open) {
        m->size = size;
        if (size <= m->under) m->rise = at;
        for (int k = 0; k < 3; k++) m->last[k] = a[k];
        if (m->envelope <= m->on) return 0;
        begin(&m->burst, (float)m->rise, m->floor, m->low);
    }
    float step[3];
    for (int k = 0; k < 3; k++) {
        step[k] = a[k] - m->last[k];
        m->last[k] = a[k];
    }
    m->burst.step = larger(m->burst.step, square(step));
    m->burst.clipped |= clipped;
    measure(&m->burst, high, size);
    if (size >= m->burst.peak)
        for (int k = 0; k < 3; k++) m->along[k] = high[k];
    float along = high[0] * m->along[0] + high[1] * m->along[1] + high[2] * m->along[2];
    if (m->armed && along > 0.5f * m->burst.peak) {
        m->burst.cycles++;
        m->armed = 0;
    } else if (along < 0) {
        m->armed = 1;
    }
    if (size > m->under && size > m->burst.peak / 64) m->burst.end = (float)at;
    if ((float)at - m->burst.end < m->quiet) return 0;
    m->burst.open = 0;
    return 1;
}

/* Every sum of some samples near 26 Hz; returns 1 where a movement has ended. */
static int slow(Machine *m, const float *a, int at) {
    float high[3];
    for (int k = 0; k < 3; k++) {
        m->slow[k] += (a[k] - m->slow[k]) * 0.12f;
        m->gravity[k] += (a[k] - m->gravity[k]) * 0.015f;
        high[k] = a[k] - m->slow[k];
    }
    float size = square(high);
    if (!m->burst.open) m->floor += m->size > m->floor ? m->rate : -m->rate;
    m->minute_most = larger(m->minute_most, size);
    m->minute_sum += size < 5e5f ? size : 5e5f;
    if (!m->move.open) {
        m->slow_floor += size > m->slow_floor ? m->slow_rate : -m->slow_rate;
        if (size <= m->slow_on) return 0;
        begin(&m->move, (float)at, m->slow_floor, m->gravity);
        m->window = m->above = 0;
    }
    measure(&m->move, high, size);
    m->fade = larger(size, m->fade * 0.875f);
    int above = size > m->slow_under && size > m->fade / 64;
    if (above) m->move.end = (float)at;
    m->above += above - ((m->window >> 12) & 1);
    m->window = (m->window << 1 | above) & 0x1FFF;
    m->move.cycles = m->above > m->move.cycles ? m->above : m->move.cycles;
    if (m->above) return 0;
    m->move.open = 0;
    return 1;
}

/* acc: n times x y z, counts. Writes the bursts and movements, mg, to `rows`, of which the last
 * `room` stay, the largest square of the slow path and the sum of all to `sums`; returns how many rows
 * there were. */
long plain(const int16_t *acc, long n, float mg, float hz, Span *rows, long room, float *sums) {
    Machine m = {.floor = 1, .slow_floor = 1, .quiet = 0.25f * hz};
    int decimate = hz > 150 ? 8 : hz > 75 ? 4 : hz > 37 ? 2 : 1;
    long found = 0;
    float alpha = 1 - expf(-2 * 3.14159265f * 2 * decimate / hz);
    for (int k = 0; k < 3; k++) m.low[k] = m.slow[k] = m.gravity[k] = acc[k] * mg;
    for (long i = 0; i < n; i++) {
        float a[3];
        int clipped = 0;
        for (int k = 0; k < 3; k++) {
            int16_t raw = acc[3 * i + k];
            clipped |= raw > 32700 || raw < -32700;
            a[k] = raw * mg;
            m.sum[k] += a[k];
        }
        if (i % BLOCK == 0) thresholds(&m);
        if (quick(&m, a, (int)i, clipped)) rows[found++ % room] = m.burst;
        if (++m.summed == decimate) {
            float mean[3];
            for (int k = 0; k < 3; k++) {
                mean[k] = m.sum[k] / decimate;
                m.low[k] += (mean[k] - m.low[k]) * alpha;
                m.sum[k] = 0;
            }
            m.summed = 0;
            if (slow(&m, mean, (int)i)) rows[found++ % room] = m.move;
        }
    }
    sums[0] = m.minute_most;
    sums[1] = m.minute_sum;
    return found;
}
