"""Where the extra `virtual` is not installed, one sentence says what to install."""

import os
import subprocess
import sys

import pytest

CODE = "import sys; sys.modules['bumble'] = None; from notturno.cli import main; main()"


@pytest.mark.parametrize("line", ["demo --hours 0.1", "band --hours 0.05"])
def test_without_bumble_one_sentence_says_what_to_install(tmp_path, line):
    words = [sys.executable, "-c", CODE, *line.split(), "--data-dir", str(tmp_path / "data")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(words, capture_output=True, text=True, env=environment)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert (
        done.stderr.startswith("notturno: ") and "pip install 'notturno[virtual]'" in done.stderr
    )
    assert len(done.stderr.splitlines()) == 1
