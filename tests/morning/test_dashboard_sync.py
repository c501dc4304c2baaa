"""A sync that is begun in the dashboard: beside the page, one at a time, and its end said."""

import json
import sys
import time

import pytest
from notturno.dashboard import syncing
from notturno.dashboard.asked import Asked
from visitor import Visitor

FAKE = """
import json, sys, time
assert sys.argv[1:3] == ["sync", "--json"], sys.argv
mode = {mode!r}
if mode == "slow":
    time.sleep(30)
if mode == "fails":
    sys.stderr.write("notturno: No band was heard <b>near</b>.\\n"); sys.exit(1)
if mode == "silent":
    sys.exit(3)
if mode == "noise":
    print("no json"); sys.exit(0)
print(json.dumps({{"new_records": 7, "warnings": ["Its clock <was> off."]}}))
"""


def runner(mode):
    return syncing.Runner(program=(sys.executable, "-c", FAKE.format(mode=mode)))


def ended(visitor):
    for _ in range(1200):
        found = visitor.get("/bands/sync").json()
        if found["state"] != syncing.RUNNING:
            return found
        time.sleep(0.05)
    raise AssertionError("the sync did not end")


def test_a_sync_runs_beside_the_page_and_says_how_it_ended(month):
    visitor = Visitor.open(month, runner=runner("works"))
    assert visitor.get("/bands/sync").json()["state"] == syncing.IDLE
    assert visitor.did("/bands/sync") == "/bands"
    found = ended(visitor)
    assert (found["state"], found["new_records"]) == (syncing.DONE, 7)
    assert found["words"] == "Done: 7 new records. Its clock <was> off."
    assert "Its clock &lt;was&gt; off." in visitor.page("/bands")


@pytest.mark.parametrize(
    ("mode", "said"), [("fails", "No band was heard"), ("noise", "Expecting"), ("silent", "")]
)
def test_a_sync_that_fails_says_why(month, mode, said):
    visitor = Visitor.open(month, runner=runner(mode))
    visitor.did("/bands/sync")
    found = ended(visitor)
    assert found["state"] == syncing.FAILED and said in found["words"]


def test_one_sync_at_a_time_and_none_outlives_the_dashboard(month):
    running = runner("slow")
    visitor = Visitor.open(month, runner=running)
    visitor.did("/bands/sync")
    job = running._jobs[month]
    visitor.did("/bands/sync")
    assert running._jobs[month] is job
    for _ in range(3000):  # a minute: a bound on a hang, and not on a busy machine
        if job._process is not None:
            break
        time.sleep(0.02)
    running.stop()
    assert ended(visitor)["state"] == syncing.FAILED
    assert job._process.poll() is not None


def test_the_sync_of_a_person_goes_into_their_folder(month):
    asked = Asked(month, person="anna")
    seen = []
    running = syncing.Runner("127.0.0.1:9", program=("/no/such/program",))
    running.begin(asked)
    for _ in range(3000):  # a minute: a bound on a hang, and not on a busy machine
        seen.append(running.state(asked)["state"])
        if seen[-1] == syncing.FAILED:
            break
        time.sleep(0.02)
    assert seen[-1] == syncing.FAILED
    assert list(running._jobs) == [month / "people" / "anna"]
    assert running._more == ["--virtual", "127.0.0.1:9"]
    assert json.dumps(running.state(asked))
