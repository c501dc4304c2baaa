"""The program around the detector's machine code: what its assembler takes and what it refuses."""

import pytest
from notturno.detect import xtensa_program


@pytest.mark.parametrize("more", [0, 1])
def test_a_program_has_room_for_its_literals_and_refuses_one_more(more):
    made = xtensa_program._Assembler(0)
    for value in range(xtensa_program.LITERALS + more):
        made.l32r(5, 0x1000_0000 + value)
    if more:
        with pytest.raises(ValueError, match="more literals"):
            made.link()
    else:
        code = made.link()[xtensa_program.ENTRY :]
        assert len(code) == 3 * xtensa_program.LITERALS
