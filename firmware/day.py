"""When a night begins and when it is over: the policy of a day, without any hardware.

Touches its arguments alone. Speaks minutes and ms.
"""

from notturno_core import wire

_DAY_MS = 86_400_000
LATE_MS = 1_200_000  # the clock's start still counts when the band wakes so late for it


def ended(recorder, config, synced, now_ms):
    """Return wire.END_* where a running session is over by itself, else 0.

    synced: a host has fetched all of it, when it was as long as a night.
    """
    most = config.NOT_WORN_AFTER_SYNC_MIN if synced else config.NOT_WORN_END_MIN
    return wire.END_NOT_WORN if most and recorder.still_min >= most else 0


def until_night_ms(utc_ms, config):
    """Return ms until the clock begins the next night; None where no clock does."""
    if "clock" not in config.START or config.NIGHT_UTC_MIN is None or utc_ms is None:
        return None
    return (config.NIGHT_UTC_MIN * 60_000 - utc_ms) % _DAY_MS


def begins_by_clock(utc_ms, config):
    """Say whether the clock's night has begun within the last LATE_MS."""
    left_ms = until_night_ms(utc_ms, config)
    return left_ms is not None and _DAY_MS - left_ms <= LATE_MS or left_ms == 0


def peeks(config, reason):
    """Return how often an idle band shall look whether it is worn again.

    reason: wire.END_* of the session that ended.
    """
    if "worn" in config.START:
        return 0xFFFF
    return config.PEEKS_AFTER_NIGHT if reason == wire.END_NOT_WORN else 0
