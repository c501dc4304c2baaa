"""Prints the bytes of the detector's machine code per chip: `python -m notturno.detect.size`.

Touches mpy-cross. Bytes are those of the functions; the rest of the module stays bytecode.
"""

from notturno.detect import viper


def sizes(arch: str) -> dict[str, int]:
    """Return bytes of machine code by stage."""
    return {name: len(code) for name, code in viper.stage_code(arch).items()}


def main() -> None:
    """Print the bytes of the detector's machine code, per chip."""
    for arch in viper.ARCHS:
        by_stage = sizes(arch)
        parts = ", ".join(f"{name} {size}" for name, size in by_stage.items())
        print(f"{arch:<10} {sum(by_stage.values()):>6} bytes  ({parts})")


if __name__ == "__main__":
    main()
