"""What changed between two scorings of a night: other rules, other settings, or other events.

I compare the printed (JSON) form of two results, so that an old file will do. Pure.
"""

from collections.abc import Iterator
from typing import Any

NOT_FIGURES = ("conventions", "provenance", "parameters", "denominators")


def difference(old: dict, new: dict) -> dict[str, Any]:
    """Return what differs between two results of one rule set, both in their JSON form.

    `figures`: {dotted key: [old, new]}; `conventions`: {name: [old, new]}; `events_changed`:
    whether the two were scored from different events or rows of movements;
    `rules_version`: [old, new].
    """
    return {
        "events_changed": _hash(old) != _hash(new),
        "rules_version": [old.get("rules_version"), new.get("rules_version")],
        "conventions": _changed(_choices(old), _choices(new)),
        "figures": _changed(
            dict(_flat({k: v for k, v in old.items() if k not in NOT_FIGURES})),
            dict(_flat({k: v for k, v in new.items() if k not in NOT_FIGURES})),
        ),
    }


def _hash(result: dict) -> str:
    """The hash of what was scored: rows of movements, else events of the log.

    Files of movements from before rules version 2 call the first by the name of the second.
    """
    made_by = result.get("provenance", {})
    return made_by.get("movements_sha256", made_by.get("events_sha256"))


def _choices(result: dict) -> dict:
    return {name: told["value"] for name, told in result.get("conventions", {}).items()}


def _changed(old: dict, new: dict) -> dict[str, list]:
    names = [*old, *(name for name in new if name not in old)]
    return {
        name: [old.get(name), new.get(name)] for name in names if old.get(name) != new.get(name)
    }


def _flat(value, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) of a nested dict; lists and refusals are taken whole."""
    if isinstance(value, dict) and "refused" not in value:
        for name, item in value.items():
            yield from _flat(item, f"{key}.{name}" if key else name)
    else:
        yield key, value
