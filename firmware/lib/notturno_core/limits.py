"""What a person may change on a band, within which limits; the band and the host ask the same.

Touches its arguments alone. The names are those of the firmware's config.py, where the defaults
and their reasons stand. Numbers are whole; the units stand in the names.
"""

FORM = 1  # of the settings' file
HOUR_MS = 3600000
DAY_MS = 24 * HOUR_MS

# name -> (lowest, highest), or the values there are
RANGES = {
    "WATERMARK": (32, 480),  # the smallest FIFO that serves a night holds 512 samples
    "SNIPPET_BYTES": (0, 1000000),
    "MAINTENANCE_MS": (500, 60000),  # none at all would lock the cable out
    "RADIO_AFTER_BOOT_MS": (10000, HOUR_MS),
    "RADIO_AFTER_BUTTON_MS": (10000, HOUR_MS),
    "DOCK_POLL_MS": (500, 60000),
    "BUTTON_POLL_MS": (20, 5000),
    "RESTART_AFTER_MS": (DAY_MS, 40 * DAY_MS),  # a record's tick wraps after 49 days
    "BATTERY_STOP_MV": (3300, 3900),
    "NOT_WORN_END_MIN": (10, 600),
    "NOT_WORN_AFTER_SYNC_MIN": (1, 600),
    "SYNCED_NIGHT_MIN": (10, 720),
    "PEEK_EVERY_MS": (60000, HOUR_MS),
    "PEEKS_AFTER_NIGHT": (0, 200),
    "NIGHT_UTC_MIN": (0, 1439),
}
OR_NONE = ("NIGHT_UTC_MIN",)  # these may be None too
CHOICES = {
    "ODR_HZ": (26, 52, 104, 208),
    "RANGE_G": (2, 4, 8, 16),
    "BEACON": ("off", "on"),
}
WORDS = {"START": ("undock", "button", "worn", "clock")}  # one or more of them
TEXTS = {"BOARD": 24}  # longest; None is possible too
DETECTOR = "DETECTOR"  # a mapping of the detector's own settings to whole numbers
DETECTOR_MAX = 1000000
NAMES = sorted(list(RANGES) + list(CHOICES) + list(WORDS) + list(TEXTS) + [DETECTOR])


def is_whole(value):
    """Say whether a value is a whole number (True and False are none)."""
    return isinstance(value, int) and not isinstance(value, bool)


def problem(name, value, detector_names):
    """Return what is wrong with a value of a known name, in words; None: nothing.

    detector_names: the detector's settings; asked for only where `name` is theirs.
    """
    if name == DETECTOR:
        if not isinstance(value, dict):
            return "DETECTOR is no mapping of names to numbers"
        names = detector_names()
        for key in value:
            if key not in names:
                return "the detector has no setting %s" % key
            if not is_whole(value[key]) or not 1 <= value[key] <= most(key, names):
                return "%s must be a whole number from 1 to %d" % (key, most(key, names))
        return None
    if name in TEXTS:
        if value is None or isinstance(value, str) and 0 < len(value) <= TEXTS[name]:
            return None
        return "%s must be a text of at most %d characters" % (name, TEXTS[name])
    if name in WORDS:
        words = WORDS[name]
        if isinstance(value, (list, tuple)) and value and all([w in words for w in value]):
            return None
        return "%s must be one or more of %s" % (name, ", ".join(words))
    if name in CHOICES:
        if (is_whole(value) or isinstance(value, str)) and value in CHOICES[name]:
            return None
        return "%s must be one of %s" % (name, ", ".join(str(v) for v in CHOICES[name]))
    lowest, highest = RANGES[name]
    if is_whole(value) and lowest <= value <= highest or value is None and name in OR_NONE:
        return None
    return "%s must be a whole number from %d to %d" % (name, lowest, highest)


def most(key, names):
    """Return the highest value of a detector's setting: the log keeps some in 16 bits."""
    return min(names[key], DETECTOR_MAX)


def checked(data, detector_names):
    """Return ({name: value}, [names that are not known]) of a settings file's content.

    A name that is not known is left out, so that the version before an update can read what the
    newer one wrote. Raises ValueError, with words, for anything else that is not as it should be.
    """
    if not isinstance(data, dict) or not isinstance(data.get("settings"), dict):
        raise ValueError("it holds no settings")
    if data.get("form") != FORM:
        raise ValueError("its form is %r, and %d is known" % (data.get("form"), FORM))
    values, unknown = {}, []
    for name in sorted(data["settings"]):
        value = data["settings"][name]
        if name not in NAMES:
            unknown.append(name)
            continue
        wrong = problem(name, value, detector_names)
        if wrong:
            raise ValueError(wrong)
        values[name] = tuple(value) if name in WORDS else value
    return values, unknown
