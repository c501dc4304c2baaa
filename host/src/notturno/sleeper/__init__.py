"""The synthetic sleeper: a night of a limb with its truth, by profile and seed.

Touches nothing; numpy only. It never imports the detector, and shares no formula with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from notturno.errors import UserError

if TYPE_CHECKING:
    from notturno.sleeper.models import Model
    from notturno.sleeper.world import Night


def night_world(profile: str, seed: int, hours: float, model: Model | str | None = None) -> Night:
    """Return the night of a named profile (see PROFILES): a `world.Night`.

    model: a models.Model or its name; without one, the first limb. A model's sensor is asked for
    separately: `sensor.record(night, seed, model=night.model)`.
    Raises UserError for a profile or a model that does not exist.
    """
    from notturno.sleeper import models
    from notturno.sleeper.planner import Planner
    from notturno.sleeper.profiles import PROFILES

    if profile not in PROFILES:
        raise UserError(
            "No profile is called {profile}; there are: {profiles}.",
            profile=profile,
            profiles=", ".join(PROFILES),
        )
    plan = Planner(seed, hours, models.named(model) if isinstance(model, str) else model)
    PROFILES[profile](plan)
    return plan.night.finish()


def profile_names() -> list[str]:
    """Names of the profiles, in the order of the documentation."""
    from notturno.sleeper.profiles import PROFILES

    return list(PROFILES)
