"""What goes onto a band is the firmware, its hot modules as machine code, all else unchanged."""

import pytest
from notturno.detect import deploy, mpyfile, source, viper
from notturno.errors import UserError


@pytest.mark.parametrize("board", deploy.BOARD_ARCHS)
def test_a_band_gets_every_module_once_and_the_hot_ones_as_machine_code(tmp_path, board):
    deploy.build(tmp_path, board)
    hot = {str(source.DETECTOR_FILE.relative_to(deploy.FIRMWARE)), *viper.DRIVER_FUNCTIONS}
    for path in deploy.FIRMWARE.rglob("*.py"):
        name = str(path.relative_to(deploy.FIRMWARE))
        copy = tmp_path / name
        if name in hot:
            assert not copy.exists()
            assert mpyfile.parse(copy.with_suffix(".mpy").read_bytes()).viper_code()
        elif path.name != "virtual.py":
            assert copy.read_bytes() == path.read_bytes()


def test_an_unknown_board_is_answered_with_those_there_are(tmp_path):
    with pytest.raises(UserError, match="xiao_esp32c3"):
        deploy.build(tmp_path, "toaster")
