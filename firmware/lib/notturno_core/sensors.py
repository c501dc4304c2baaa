"""The motion chips that are known: one row each, for the band that looks and the host that reads.

Touches nothing. Parts per million. A new chip is one more row; of those that share an address, the
one whose register of identity means nothing elsewhere comes last.
"""

# Module and class of the driver, names for people, addresses, register of the identity, identities
# (a test holds these equal to what the class says), and how far the rate may be from what the chip
# says of itself, ppm. An LSM6DSO(X)'s oscillator is off by 1 to 2 %; what its trim register leaves
# is not published. The others are estimated or from memory: an LSM6DS3TR-C as an LSM6DSOX without
# its trim, an MPU's RC oscillator 5 %, a BMI270 and an ICM-42688-P 3 %, a LIS3DH 10 %.
FAMILIES = (
    ("lsm6dsox", "Lsm6dsox", "LSM6DSOX, LSM6DSO, LSM6DSO32", (0x6A, 0x6B), 0x0F, (0x6C,), 20_000),
    ("lsm6ds3trc", "Lsm6ds3trc", "LSM6DS3TR-C", (0x6A, 0x6B), 0x0F, (0x6A,), 25_000),
    ("mpu6050", "Mpu6050", "MPU-6050", (0x68, 0x69), 0x75, (0x68,), 50_000),
    ("mpu6050", "Mpu6500", "MPU-6500", (0x68, 0x69), 0x75, (0x70,), 50_000),
    ("mpu6050", "Mpu6886", "MPU-6886", (0x68, 0x69), 0x75, (0x19,), 50_000),
    ("icm42688", "Icm42688", "ICM-42688-P", (0x68, 0x69), 0x75, (0x47,), 30_000),
    ("lis3dh", "Lis3dh", "LIS3DH", (0x18, 0x19), 0x0F, (0x33,), 100_000),
    ("bmi270", "Bmi270", "BMI270", (0x68, 0x69), 0x00, (0x24,), 30_000),
)
OTHER_RATE_PPM = 50_000  # of a chip that is not among them: as the worst that is


def rate_ppm(sensor_id):
    """Return how far a chip's rate may be from what it says, ppm. sensor_id: its identity."""
    for row in FAMILIES:
        if sensor_id in row[5]:
            return row[6]
    return OTHER_RATE_PPM
