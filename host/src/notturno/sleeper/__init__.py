"""The synthetic sleeper: a night of a limb with its truth, by profile and seed.

Touches nothing; numpy only. It never imports the detector, and shares no formula with it.
"""

from notturno.errors import UserError


def night_world(profile: str, seed: int, hours: float):
    """Return the night of a named profile (see PROFILES): a `world.Night`.

    Raises UserError for a profile that does not exist.
    """
    from notturno.sleeper.profiles import PROFILES, Planner

    if profile not in PROFILES:
        raise UserError(f"No profile is called {profile}; there are: {', '.join(PROFILES)}.")
    plan = Planner(seed, hours)
    PROFILES[profile](plan)
    return plan.night.finish()


def profile_names() -> list[str]:
    """Names of the profiles, in the order of the documentation."""
    from notturno.sleeper.profiles import PROFILES

    return list(PROFILES)
