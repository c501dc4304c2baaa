"""What the morning's tests share: a fortnight of both legs, made once, and copies to write in."""

import shutil
import sys
import time
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))
sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))


WRITTEN_MS = 1_770_199_200_000  # 2026-02-04 10:00 UTC: when its person said all of it


@pytest.fixture(scope="session")
def fortnight(tmp_path_factory):
    """Return a folder of 15 evenings of two legs, labelled, tagged, with a diary. To be read."""
    import months
    from notturno.store import bands

    folder = tmp_path_factory.mktemp("fortnight")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bands, "now_utc_ms", lambda: WRITTEN_MS)
        months.a_month(folder, 15, seed=3)
    return folder


@pytest.fixture
def in_utc():
    """Let this computer stand in UTC: what people said is told by its own clock."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def month(fortnight, tmp_path):
    """Return a copy of the fortnight to write in."""
    folder = tmp_path / "data"
    shutil.copytree(fortnight, folder)
    return folder


@pytest.fixture
def here(fortnight):
    """Return a visitor of the fortnight, who reads alone."""
    from visitor import Visitor

    return Visitor.open(fortnight)


@pytest.fixture
def visitor(month):
    """Return a visitor of a copy, who may write."""
    from visitor import Visitor

    return Visitor.open(month)
