"""What goes onto a band: every module compiled for its chip, and the same bytes every time."""

import hashlib
import json

import pytest
from fakes import programs
from notturno import firmware_files
from notturno.detect import mpyfile, source, viper
from notturno.errors import UserError
from notturno.flashing import chips, package
from whole import whole_or

FIRMWARE = firmware_files.folder()
HOT = {"lib/notturno_core/segments.py": source.stage_names(), **viper.DRIVER_FUNCTIONS}
NATIVE = [arch for arch in chips.ARCHS if arch != chips.BYTECODE]


@pytest.fixture(scope="module")
def built():
    return {arch: package.build(arch) for arch in chips.ARCHS}


@pytest.mark.parametrize("arch", chips.ARCHS)
def test_every_module_is_there_once_and_compiled(built, arch):
    names = {name for name in firmware_files.sources() if name not in ("main.py", "slots.py")}
    if arch != chips.BYTECODE:
        names.remove("boards/virtual.py")
    assert set(built[arch].files) == {name.replace(".py", ".mpy") for name in names}
    for data in built[arch].files.values():
        mpyfile.parse(data)


@pytest.mark.parametrize("arch", NATIVE)
@pytest.mark.parametrize("name", HOT)
def test_hot_functions_are_machine_code(built, arch, name):
    code = mpyfile.parse(built[arch].files[name.replace(".py", ".mpy")]).viper_code()
    assert len(code) == len(HOT[name])


def test_what_any_board_runs_holds_no_machine_code(built):
    for data in built[chips.BYTECODE].files.values():
        assert data[2] >> 2 == 0 and not mpyfile.parse(data).viper_code()


def test_stage_0_lies_in_the_root_as_it_was_written(built):
    for packed in built.values():
        assert set(packed.root) == {"main.py", "slots.py"}
        for name, data in packed.root.items():
            assert data == (FIRMWARE / name).read_bytes()


@pytest.mark.parametrize("arch", chips.ARCHS)
def test_the_manifest_names_every_file(built, arch):
    packed = built[arch]
    said = json.loads(packed.manifest)
    assert said["schema"] == "notturno-firmware-1" and said["micropython"] == "1.29"
    assert (said["arch"], said["version"], said["mpy"]) == (arch, packed.version, 6)
    assert said["files"] == {
        name: [len(data), hashlib.sha256(data).hexdigest()] for name, data in packed.files.items()
    }
    assert packed.version == package.version_in((FIRMWARE / "config.py").read_text())


def test_two_builds_are_equal_to_the_byte(built, tmp_path):
    import shutil

    elsewhere = tmp_path / "a" / "firmware"
    shutil.copytree(FIRMWARE, elsewhere)
    for arch in whole_or(chips.ARCHS, (NATIVE[0], chips.BYTECODE)):
        assert programs.really(arch, elsewhere).everything == built[arch].everything


def test_a_page_for_people_and_leftovers_do_not_go_onto_a_band(built):
    for packed in built.values():
        assert all(name.endswith(".mpy") and "__pycache__" not in name for name in packed.files)


def test_an_unknown_architecture_or_board_is_answered_with_those_there_are():
    with pytest.raises(UserError, match="xtensawin, rv32imc"):
        package.build("armv6m")
    with pytest.raises(UserError, match="xiao_esp32c3.*xiao_esp32s3"):
        chips.arch_of_board("toaster")


def test_every_board_of_the_firmware_has_an_architecture():
    archs = {board: chips.arch_of_board(board) for board in chips.boards()}
    assert archs["xiao_esp32s3"] == "xtensawin" and archs["xiao_esp32c3"] == "rv32imc"
    assert archs["virtual"] == chips.BYTECODE
    assert archs["m5stickc_plus2"] == "xtensawin"
    assert chips.arch_of_board("XIAO-ESP32S3") == "xtensawin"


@pytest.mark.parametrize(
    ("line", "arch"),
    [
        ("A board (ESP32) that is new.", "xtensawin"),
        ("A board with an ESP32-S3, and more.", "xtensawin"),
        ("Small ESP32-C6: a board.", "rv32imc"),
        ("A board.", None),
        ("An ESP32-S3 or an ESP32-C3.", None),
        ("An ESP32-P4.", None),
        ("An ESP32S3.", None),
    ],
)
def test_a_board_takes_the_code_of_the_processor_that_its_file_names(
    tmp_path, monkeypatch, line, arch
):
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "toaster.py").write_text(f'"""{line}\n\nNot an ESP32-C3.\n"""\n')
    monkeypatch.setattr("notturno.firmware_files.folder", lambda: tmp_path)
    if arch is None:
        with pytest.raises(UserError, match=r"boards/toaster\.py names no processor, or two"):
            chips.arch_of_board("toaster")
    else:
        assert chips.arch_of_board("toaster") == arch


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1.29.0", (1, 29, 0)), ("1.29.0-preview", (1, 29, 0)), ("1.30", (1, 30)), ("x", ())],
)
def test_versions(text, numbers):
    assert chips.version_of(text) == numbers


def test_constants_of_a_config_are_its_plain_values():
    text = 'A = 1\nB = 20 * 24 * 3600 * 1000\nC = {"x": 5}\nD = open("/x")\nE = None\nF += 1\n'
    assert package.constants_in(text) == {"A": 1, "B": 1728000000, "C": {"x": 5}, "E": None}
    assert package.constants_in("A = ") == {} and package.constants_in("A = 'x' * 3") == {}


def test_a_program_from_before_there_were_slots_is_refused(tmp_path):
    (tmp_path / "main.py").write_text("")
    with pytest.raises(UserError, match="no app.py"):
        package.build("bytecode", tmp_path)
