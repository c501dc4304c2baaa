"""The file that others' readers are timed on holds the counts that it was made of."""

import numpy as np
import pytest
from notturno.bench import cwa_night
from notturno.loggers.load import load


@pytest.mark.parametrize("packed", [False, True])
def test_the_counts_come_back_within_what_the_form_keeps(tmp_path, packed):
    """Packed, ten bits an axis: a sample is halved until its largest axis fits."""
    at_rest = 256 if packed else 8192
    rng = np.random.default_rng(3)
    acc = rng.normal([0, 0, at_rest], at_rest / 3, (9600, 3)).round().astype(np.int16)
    (tmp_path / "a.cwa").write_bytes(cwa_night.cwa_of(acc, packed))
    read = load(tmp_path / "a.cwa").recording
    mg_a_count = cwa_night.PACKED_MG if packed else cwa_night.MG_PER_LSB
    assert read.odr_hz == pytest.approx(100.0, rel=1e-3)
    off_mg = np.abs(read.acc * read.mg_per_lsb - acc * mg_a_count)
    largest = np.abs(acc.astype(int)).max(axis=1, keepdims=True)
    step = np.where(largest > 511, np.ceil(largest / 511), 1) if packed else 1
    assert (off_mg <= 1.01 * np.where(step > 1, 2 * step, 1) * mg_a_count).all()
