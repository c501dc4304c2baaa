"""Numbers that bands in use and logs in stores already carry: none may ever mean something else.

kept_numbers.json holds every number of protocol, wire, checks and seal, and every field's layout.
`NOTTURNO_WRITE_GOLDEN=1` adds what is new; what stands there is never written over.
"""

import json
import os
from pathlib import Path

import pytest
from notturno_core import checks, protocol, seal, wire

KEPT = Path(__file__).with_name("kept_numbers.json")
MODULES = {"checks": checks, "protocol": protocol, "seal": seal, "wire": wire}
PLAIN = (int, float, str, bytes, tuple, list, dict)


def numbers(module):
    """Return {name: value as text} of a module's constants that are plain values."""
    return {
        name: repr(value)
        for name, value in sorted(vars(module).items())
        if name.isupper() and not name.startswith("__") and isinstance(value, PLAIN)
    }


def kept():
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}


def test_every_number_is_kept():
    stand = kept()
    if os.environ.get("NOTTURNO_WRITE_GOLDEN"):
        stand = {name: numbers(module) | stand.get(name, {}) for name, module in MODULES.items()}
        KEPT.write_text(json.dumps(stand, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for name, module in MODULES.items():
        assert sorted(stand[name]) == sorted(numbers(module)), "NOTTURNO_WRITE_GOLDEN=1 adds"


@pytest.mark.parametrize("name", MODULES)
def test_no_number_means_something_else(name):
    found = numbers(MODULES[name])
    assert len(found) > 5
    changed = {key: (was, found.get(key)) for key, was in kept()[name].items()}
    assert {key: pair for key, pair in changed.items() if pair[0] != pair[1]} == {}
