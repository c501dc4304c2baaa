"""Hands each test's report to the process that started the workers as one piece of bytes.

What carries it packs a report's twenty values one by one, in Python, on both sides, three times a
test. `marshal` takes them whole and keeps their kinds; both ends are of one Python.
"""

import marshal

import pytest

WHOLE = "whole"


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    """Return a report's values as bytes, of whatever kind it is."""
    data = yield
    return data if data is None else {WHOLE: marshal.dumps(data)}


@pytest.hookimpl(wrapper=True)
def pytest_report_from_serializable(data):
    """Give a report its values again, beside those that were added on the way."""
    if WHOLE in data:
        data.update(marshal.loads(data.pop(WHOLE)))
    return (yield)
