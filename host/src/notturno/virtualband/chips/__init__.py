"""Chips of the virtual band, modelled at their registers, and the bus they hang on.

A new chip is one more file here.
"""

import functools
import importlib
import pkgutil
from typing import Any

PACKAGE = "notturno.virtualband.chips"


@functools.cache
def models() -> dict[str, Any]:
    """Return {name for people: class} of every model that stands here.

    The class, called with (world, seed), is what `make_chip` wants.
    """
    from notturno.virtualband.chips.part import Part

    found = {}
    for module in pkgutil.iter_modules(__path__):
        held = vars(importlib.import_module(f"{PACKAGE}.{module.name}"))
        found |= {
            cls.chip_name: cls
            for cls in held.values()
            if isinstance(cls, type) and issubclass(cls, Part) and hasattr(cls, "chip_name")
        }
    return found


def model(name: str) -> Any:
    """Return the model's class. Raises KeyError for a chip that no model is of."""
    return models()[name]
