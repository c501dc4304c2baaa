"""The reference names a rhythm's context as it names a segment's."""

from types import SimpleNamespace

import numpy as np
from notturno.bench.baselines.reference import names


def test_a_rhythm_in_a_spell_awake_says_so(monkeypatch):
    def run(onset_s):
        row = dict(kind="rhythm", onset_s=onset_s, duration_s=5.0, peak_mg=20.0)
        return row | {"rhythm_hz": 2.0, "flags": ["clonic_band"]}

    monkeypatch.setattr(names.rhythms, "found", lambda night, found: [run(100.0), run(500.0)])
    monkeypatch.setattr(names.spells, "awake", lambda found, runs, lasts_s: [(90.0, 200.0)])
    monkeypatch.setattr(names.spells, "not_worn", lambda night: [])
    night = SimpleNamespace(raw=np.zeros((60_000, 3)), odr_hz=100.0)
    events = names.named(night, [])
    flags = [event["flags"] for event in events if event["kind"] == "rhythm"]
    assert flags == [["clonic_band", "in_awake"], ["clonic_band"]]
