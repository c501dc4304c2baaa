"""The real recordings that the package carries give the same rows by every executor."""

from pathlib import Path

import notturno.recordings
import pytest
from executors import NAMES, executor, runnable
from notturno.detect import engines, recording, xtensa
from notturno_core import segments
from whole import whole_or

FILES = sorted(Path(notturno.recordings.__file__).parent.glob("*.npz"))
MOST_SAMPLES = whole_or(30000, 12000)  # of each: the emulators are not fast


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("name", NAMES)
def test_a_real_recording_gives_the_same_on_every_executor(path, name):
    if not runnable(name):
        pytest.skip(xtensa.MISSING)
    real = recording.load(path)
    words = engines.raw_words(real.acc[:MOST_SAMPLES])
    reference = engines.by_python(segments, engines.start(real), words)
    assert engines.by_python(executor(name), engines.start(real), words) == reference


@pytest.mark.parametrize("path", whole_or(FILES[:2], FILES[1:2]), ids=lambda path: path.stem)
def test_a_whole_real_recording_gives_the_same_by_every_engine(path):
    """In every run the shorter of the two: by the VM it takes longest."""
    real = recording.load(path)
    reference = engines.rows_of(real, "python")
    assert engines.rows_of(real, "native") == engines.rows_of(real, "vm") == reference
