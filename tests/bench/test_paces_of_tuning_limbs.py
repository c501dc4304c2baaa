"""Rhythms of 1 to 2 Hz on the limbs that tell a beat's stroke and its return as two."""

import pytest
from notturno.bench import cases
from notturno.bench.matching import match
from notturno.detect import engines
from notturno.detect.named import of_kind
from notturno.sleeper import models

# By distances alone half of them were told at twice their pace; today 19 of 20 and more are right.
LEAST_RIGHT = 0.88
CASES = [case for case in cases.CASES if case.rhythm and case.rhythm[2] <= 2.0]
LIMBS = [model for model in models.TUNING if model.name in ("ankle_a", "wrist_b", "calf_b")]


@pytest.mark.parametrize("model", LIMBS, ids=lambda model: model.name)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rhythms_of_1_to_2_hz_are_told_at_their_own_pace(case, model):
    night, recording = cases.made(case, model)
    truths = of_kind(night.truth, "rhythm")
    rows = of_kind(engines.run(recording), "rhythm")
    right = [
        abs(rows[j]["rhythm_hz"] / truths[i]["rhythm_hz"] - 1) < cases.HZ_SHARE
        for i, j in match(truths, rows)
    ]
    assert len(truths) >= 20 and sum(right) >= LEAST_RIGHT * len(truths)
