"""What a resting limb and an honest clock can show: one door for band, file and host.

Touches its arguments alone: small integers in, a code out, nothing allocated. Speaks mg, 1/1000 Hz
and parts per million. What fails here contradicts physics: it is marked, and never corrected.
"""

from notturno_core.sensors import rate_ppm

# A limb at rest shows 1 g, give or take a part's zero-g offset and scale. The worst part in use,
# an MPU-6050, is typically off by 50, 50 and 80 mg and 3 % (PS-MPU-6000A, 6.2): 107 and 30 mg of
# length; an LSM6DSOX by 20 mg an axis (ST). The bounds are ours: the worst, rounded up. Real
# recordings at rest gave 908 to 1075 mg.
GRAVITY_LEAST_MG = 850
GRAVITY_MOST_MG = 1150
_MOST_PPM = 500_000  # so that the product below stays a small integer

NO_ACCELERATION, GRAVITY_LOW, GRAVITY_HIGH, RATE_LOW, RATE_HIGH, NO_RATE = 1, 2, 3, 4, 5, 6
# Words for the middle of a sentence: "In 12 of 480 minutes ...", "104.0 Hz, not 98.0: ...".
FAULTS = {
    NO_ACCELERATION: "no axis showed anything",
    GRAVITY_LOW: "gravity was far below 1 g",
    GRAVITY_HIGH: "gravity was far above 1 g",
    RATE_LOW: "slower than chip and clock together can be off",
    RATE_HIGH: "faster than chip and clock together can be off",
    NO_RATE: "one of the two is no rate",
}


def gravity_fault(x_mg, y_mg, z_mg):
    """Return what is wrong with the mean acceleration of a limb at rest, in mg; 0 for nothing.

    NO_ACCELERATION: all three are zero, which no sensor under gravity gives; GRAVITY_LOW and
    GRAVITY_HIGH: shorter or longer than 1 g by more than a part's errors.
    """
    if x_mg == 0 and y_mg == 0 and z_mg == 0:
        return NO_ACCELERATION
    for axis_mg in (x_mg, y_mg, z_mg):
        if axis_mg > GRAVITY_MOST_MG or axis_mg < -GRAVITY_MOST_MG:
            return GRAVITY_HIGH  # its square might not be a small integer
    square = x_mg * x_mg + y_mg * y_mg + z_mg * z_mg
    if square < GRAVITY_LEAST_MG * GRAVITY_LEAST_MG:
        return GRAVITY_LOW
    if square > GRAVITY_MOST_MG * GRAVITY_MOST_MG:
        return GRAVITY_HIGH
    return 0


def rate_fault(measured_mhz, believed_mhz, clock_ppm, sensor_id):
    """Return what is wrong with a rate that was measured against a clock; 0 for nothing.

    measured_mhz: samples by ticks, 1/1000 Hz. believed_mhz: what the chip says of itself.
    clock_ppm: how far the clock that measured may be off. sensor_id: the chip's identity.
    RATE_LOW and RATE_HIGH: off by more than chip and clock together can be; NO_RATE: one of them
    is no rate.
    """
    if measured_mhz <= 0 or believed_mhz <= 0:
        return NO_RATE
    may_be_mhz = believed_mhz * (min(rate_ppm(sensor_id) + clock_ppm, _MOST_PPM) // 100) // 10_000
    if measured_mhz < believed_mhz - may_be_mhz:
        return RATE_LOW
    if measured_mhz > believed_mhz + may_be_mhz:
        return RATE_HIGH
    return 0
