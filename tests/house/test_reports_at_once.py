"""What a worker hands on of a test: one piece of bytes, and all that the report said."""

import pytest

HANDED_ON = ["nodeid", "location", "outcome", "when", "duration", "sections", "user_properties"]


def fail():
    left, right = [1, 2], [1, 3]
    assert left == right, "these are not alike"


@pytest.fixture
def report(request):
    """The report of a test that fails, which has all that a report can have."""
    call = pytest.CallInfo.from_call(fail, when="call")
    made = pytest.TestReport.from_item_and_call(request.node, call)
    made.sections.append(("Captured stdout call", "what it said: ½\n"))
    made.user_properties.append(("weight", 2.5))
    return made


def test_a_report_goes_as_one_piece_and_arrives_whole(request, report):
    hook, config = request.config.hook, request.config
    data = hook.pytest_report_to_serializable(config=config, report=report)
    assert [*data] == ["whole"] and isinstance(data["whole"], bytes)
    data["item_index"] = 7  # as the workers' own words for it are added on the way
    back = hook.pytest_report_from_serializable(config=config, data=data)
    assert {name: getattr(back, name) for name in HANDED_ON} == {
        name: getattr(report, name) for name in HANDED_ON
    }
    assert back.outcome == "failed" and back.when == "call" and back.item_index == 7
    assert "these are not alike" in back.longreprtext and "left == right" in back.longreprtext
    assert back.longreprtext == report.longreprtext


def test_what_is_no_report_is_left_alone(request):
    config = request.config
    nothing = config.hook.pytest_report_to_serializable(config=config, report=object())
    assert nothing is None
