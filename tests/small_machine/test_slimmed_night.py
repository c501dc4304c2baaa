"""The program as a band gets it does what its sources do: the same records, byte for byte."""

import small_kit
from notturno import firmware_files
from notturno.detect import viper

HEAP = "4M"
DRAINS = 400  # a quarter of an hour of movements of all kinds


def plain(folder):
    """Compile the sources as they are."""
    for name, path in firmware_files.sources().items():
        out = (folder / name.removeprefix("lib/")).with_suffix(".mpy")
        out.parent.mkdir(parents=True, exist_ok=True)
        if name != "main.py":
            out.write_bytes(viper.compile_mpy(path.read_text(encoding="utf-8"), None, name))
    return folder


def log_of(folder, firmware, words):
    folder.mkdir()
    small_kit.run_unix("drains.py", firmware, HEAP, folder, words, DRAINS)
    return {p.name: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_restless_quarter_of_an_hour_is_the_same_log(tmp_path, firmware, restless):
    sources = plain(tmp_path / "plain")
    logs = [
        log_of(tmp_path / name, where, restless)
        for name, where in (("a", sources), ("b", firmware))
    ]
    assert logs[0] == logs[1]
    assert sum(map(len, logs[0].values())) > 5000
    sizes = [sum(p.stat().st_size for p in where.rglob("*.mpy")) for where in (sources, firmware)]
    print(f"{sizes[0]} B as they are, {sizes[1]} B slimmed")
    assert sizes[1] < 0.95 * sizes[0]
