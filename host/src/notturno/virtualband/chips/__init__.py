"""Chips of the virtual band, modelled at their registers, and the bus they hang on."""

import importlib
from typing import Any

# Name for people -> module and class of the model. A new chip is one more row.
MODELS = {
    "LSM6DSOX": ("lsm6dsox", "Lsm6dsox"),
    "LSM6DSO32": ("lsm6dsox", "Lsm6dso32"),
    "LSM6DS3TR-C": ("lsm6ds3trc", "Lsm6ds3trc"),
    "MPU-6050": ("mpu6050", "Mpu6050"),
    "MPU-6500": ("mpu6050", "Mpu6500"),
    "MPU-6886": ("mpu6050", "Mpu6886"),
    "ICM-42688-P": ("icm42688", "Icm42688"),
    "BMI270": ("bmi270", "Bmi270"),
}


def model(name: str) -> Any:
    """Return the model's class; called with (world, seed) it is what `make_chip` wants.

    Raises KeyError for a chip that no model is of.
    """
    module, cls = MODELS[name]
    return getattr(importlib.import_module(f"notturno.virtualband.chips.{module}"), cls)
