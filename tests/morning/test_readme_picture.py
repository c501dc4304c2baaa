"""The picture of the morning page in README: small, and of the page as it is now."""

import json
import struct
import sys
import zlib
from pathlib import Path

from visitor import Visitor, text_of

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "host" / "tools"))
import make_picture  # noqa: E402

MOST_BYTES = 60_000


def chunks_of(png):
    """Return {type: data} of a PNG, each checked."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = {}, 8
    while at < len(png):
        (size,) = struct.unpack_from(">I", png, at)
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        (crc,) = struct.unpack_from(">I", png, at + 8 + size)
        assert crc == zlib.crc32(kind + data)
        found[kind.decode()] = data
        at += 12 + size
    return found


def test_the_picture_is_small_and_readme_shows_it():
    png = make_picture.PICTURE.read_bytes()
    assert len(png) < MOST_BYTES
    width, height = struct.unpack_from(">II", chunks_of(png)["IHDR"])
    assert {"width": width, "height": height} == make_picture.SIZE_PX
    where = make_picture.PICTURE.relative_to(ROOT).as_posix()
    assert f'<img src="{where}"' in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_stands_in_the_picture_beside_figures_stands_on_the_page_of_now(month):
    key, _, rest = chunks_of(make_picture.PICTURE.read_bytes())["iTXt"].partition(b"\0")
    words = json.loads(rest[4:])
    assert key == make_picture.KEY.encode() and len(words) > 20
    page = text_of(Visitor.open(month).get("/").text)
    assert [word for word in words if word not in page] == [], "run make picture"
