"""Draw the picture of the morning page in README, from the demo's last night:  make_picture.py

--data-dir FOLDER: of a demo that ran already; else one runs now, some minutes. Touches
`.github/morning.png`, a temporary folder, the loopback and Debian's Chromium. What stands on the
page beside figures is kept in the picture as text: a test compares it with the page of now.
"""

import argparse
import io
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / ".github" / "morning.png"
KEY = "shows"  # the name of the text in the picture
SIZE_PX = {"width": 1060, "height": 778}  # ends below a lane
COLOURS = 48
# Words that are there on any night: the views, the table's heads, what the lanes are called.
STANDING = "nav[aria-label] a, table.rates thead th, svg text.lane, .legend li"
WORDS = "nodes => nodes.map(node => node.textContent.trim()).filter(text => !/\\d/.test(text))"


def shot(folder: Path) -> tuple[bytes, list[str]]:
    """Return (PNG, standing words) of the newest night of a data folder, by Chromium."""
    import uvicorn
    from notturno.dashboard import serve
    from notturno.dashboard.app import make_app
    from notturno.dashboard.guard import Guard
    from notturno.dashboard.syncing import Runner
    from playwright.sync_api import sync_playwright

    with serve.listening(serve.HOST, 0) as listener:
        port = listener.getsockname()[1]
        guard = Guard(make_app(folder, "en", Runner()), port)
        server = uvicorn.Server(serve.config(guard))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        with sync_playwright() as running:
            browser = running.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            page = browser.new_page(viewport=SIZE_PX, color_scheme="light")
            page.goto(f"http://{serve.HOST}:{port}/?token={guard.token}")
            taken = page.screenshot(), page.eval_on_selector_all(STANDING, WORDS)
            browser.close()
        server.should_exit = True
        thread.join()
    return taken


def small(png: bytes, words: list[str]) -> bytes:
    """Return a PNG of few colours that carries these words as its text."""
    from PIL import Image, PngImagePlugin

    said = PngImagePlugin.PngInfo()
    said.add_itxt(KEY, json.dumps(words, ensure_ascii=False))
    picture = (
        Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    )
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True, pnginfo=said)
    return out.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = asked.data_dir or Path(made) / "demo"
        if asked.data_dir is None:
            words = [sys.executable, "-m", "notturno", "demo", "--data-dir", str(folder)]
            subprocess.run(words, check=True)
        PICTURE.write_bytes(small(*shot(folder)))
    print(f"{PICTURE.relative_to(ROOT)}: {PICTURE.stat().st_size} B")


if __name__ == "__main__":
    main()
