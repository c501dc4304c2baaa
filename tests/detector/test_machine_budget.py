"""What the detector costs on the chips: instructions a sample, bytes of machine code.

Counted in emulators, not timed: instructions, not cycles. `pytest -s` prints the figures.
"""

import pytest
from executors import Run, chunks_of
from hand_made import add_sway, counts, still
from notturno.detect import size, viper, xtensa
from notturno.detect.rv32 import Rv32Machine
from notturno.detect.xtensa import XtensaMachine
from notturno_core import segments
from streams import words_of

# What a sample of a strong movement may cost: it was 766 on rv32imc when each was set aside alone.
MOST_BUSY_INSTRUCTIONS = {"rv32imc": 560, "xtensawin": 625}
# Goals: 250 instructions a quiet sample; 8192 bytes of machine code; 6144 bytes of state.
MOST_INSTRUCTIONS = {"rv32imc": 250, "xtensawin": 250}
MOST_BYTES = 8192
MOST_STATE_BYTES = 6144


def test_the_state_is_within_its_budget():
    assert 4 * segments.STATE_WORDS <= MOST_STATE_BYTES


def feed_quiet(module, seconds):
    """Sensor noise on gravity; returns the number of samples."""
    raw = counts(still(seconds))
    run = Run(module)
    for part, n in chunks_of(words_of(raw), [64]):
        run.feed(part, n)
    return len(raw)


def test_a_quiet_sample_costs_no_more_risc_v_instructions_than_allowed():
    machine = Rv32Machine()
    machine.count()
    samples = feed_quiet(machine.detector(), 64)
    per_sample = machine.instructions / samples
    print(f"rv32imc: {per_sample:.1f} instructions a sample on a quiet night")
    assert per_sample <= MOST_INSTRUCTIONS["rv32imc"]


def test_a_quiet_sample_costs_no_more_xtensa_instructions_than_allowed():
    if not xtensa.available():
        pytest.skip(xtensa.MISSING)
    with XtensaMachine(count=True) as machine:
        samples = feed_quiet(machine.detector(), 16)
    per_sample = machine.instructions() / samples
    print(f"xtensawin: {per_sample:.1f} instructions a sample on a quiet night")
    assert per_sample <= MOST_INSTRUCTIONS["xtensawin"]


def feed_busy(module, seconds):
    """A limb that moves from the tenth second on; returns the number of samples."""
    a = still(seconds)
    add_sway(a, 10, seconds - 10, 3.0, 200)
    raw = counts(a)
    run = Run(module)
    for part, n in chunks_of(words_of(raw), [64]):
        run.feed(part, n)
    return len(raw)


def test_a_busy_sample_costs_no_more_risc_v_instructions_than_allowed():
    machine = Rv32Machine()
    machine.count()
    samples = feed_busy(machine.detector(), 32)
    per_sample = machine.instructions / samples
    print(f"rv32imc: {per_sample:.1f} instructions a sample of a limb that hardly rests")
    assert per_sample <= MOST_BUSY_INSTRUCTIONS["rv32imc"]


def test_a_busy_sample_costs_no_more_xtensa_instructions_than_allowed():
    if not xtensa.available():
        pytest.skip(xtensa.MISSING)
    with XtensaMachine(count=True) as machine:
        samples = feed_busy(machine.detector(), 32)
    per_sample = machine.instructions() / samples
    print(f"xtensawin: {per_sample:.1f} instructions a sample of a limb that hardly rests")
    assert per_sample <= MOST_BUSY_INSTRUCTIONS["xtensawin"]


def test_counting_by_blocks_counts_every_instruction():
    """Against the slow way, one callback an instruction, on the same samples."""
    import unicorn

    by_block, by_step = Rv32Machine(), Rv32Machine()
    by_block.count()
    steps = [0]

    def step(_uc, address, _size, _data):
        steps[0] += by_step.is_stage(address)

    by_step._uc.hook_add(unicorn.UC_HOOK_CODE, step)
    for machine in (by_block, by_step):
        feed_quiet(machine.detector(), 3)
    assert by_block.instructions == steps[0]


@pytest.mark.parametrize("arch", viper.ARCHS)
def test_the_machine_code_is_within_its_budget(arch):
    by_stage = size.sizes(arch)
    print(f"{arch}: {sum(by_stage.values())} bytes of machine code {by_stage}")
    assert sum(by_stage.values()) <= MOST_BYTES
