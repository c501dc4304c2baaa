"""The phone page's protocol under node: against the real firmware, and against its own vectors."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from notturno import phone

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from flash_log import frames_in_flash
from notturno.cli import cli
from notturno.keys import KeyRing, keep_virtual
from notturno.link import open_radio
from notturno.nights.counts import left_out_as
from notturno.store import Store
from notturno.virtualband import VirtualBand
from notturno.virtualband.node import node_command
from notturno.virtualband.world import StillSource, Timeline
from notturno_core import protocol, wire

HERE = Path(__file__).parent
PAGE = (Path(__file__).resolve().parents[2] / "firmware" / "PROTOCOL.md").read_text(
    encoding="utf-8"
)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    path = tmp_path_factory.mktemp("script") / "protocol.mjs"
    path.write_text(phone.script(), encoding="utf-8")
    return path


def node(script, code, **given):
    """Run code under node, with everything of the script; return what it gives, from JSON."""
    text = (
        f"import * as page from {json.dumps(script.as_uri())};\n"
        f"const given = {json.dumps(given)};\n"
        "const bytes = (t) => Uint8Array.from(t.match(/../g) ?? [], (p) => parseInt(p, 16));\n"
        "const hex = page.hex;\n"
        f"const result = await (async () => {{ {code} }})();\n"
        "console.log(JSON.stringify(result));"
    )
    done = subprocess.run(
        [*node_command(), "--input-type=module", "-e", text],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# --- its parts -----------------------------------------------------------------------------------


def test_hmac_hkdf_and_counter_mode_are_the_published_ones(script):
    """RFC 4231 case 2, RFC 5869 A.1, SP 800-38A F.5.1."""
    code = """
    const mac = await page.mac(await page.macKey(bytes("4a656665")), bytes(given.data));
    const ikm = bytes("0b".repeat(22));
    const derived = await page.hkdf(ikm, bytes(given.salt), bytes(given.info), 42);
    const raw = bytes(given.key);
    const key = await crypto.subtle.importKey("raw", raw, "AES-CTR", false, ["encrypt"]);
    const secret = await page.counted(key, bytes(given.block), bytes(given.plain));
    return [hex(mac), hex(derived), hex(secret)];
    """
    assert node(
        script,
        code,
        data=b"what do ya want for nothing?".hex(),
        salt=bytes(range(13)).hex(),
        info=bytes(range(0xF0, 0xFA)).hex(),
        key="2b7e151628aed2a6abf7158809cf4f3c",
        block="f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
        plain="6bc1bee22e409f96e93d7e117393172a",
    ) == [
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        "874d6191b620e3261bef6864990db6ce",
    ]


def test_it_makes_the_example_of_the_protocols_page(script):
    code = """
    const key = Uint8Array.from({ length: 32 }, (_, i) => i);
    const nonces = ["48".repeat(16), "42".repeat(16)].map(bytes);
    const proofs = await page.proofs(key, [2, 2], ...nonces);
    const band = await page.Session.make(key, ...nonces, true);
    const host = await page.Session.make(key, ...nonces);
    return [hex(proofs.band), hex(proofs.host), hex(await host.seal(1, bytes("05"))),
      hex(await band.seal(2, new TextEncoder().encode("a jerk of 90 mg")))];
    """
    for made in node(script, code):
        assert f"| {made} |" in PAGE


def test_what_is_changed_repeated_missing_or_of_another_key_is_refused(script):
    code = """
    const key = bytes("11".repeat(32)), nonces = ["01".repeat(16), "02".repeat(16)].map(bytes);
    const band = await page.Session.make(key, ...nonces, true);
    const said = [];
    for (let i = 0; i < 4; i++) said.push(await band.seal(2, bytes("0a0b")));
    const tries = async (...messages) => {
      const host = await page.Session.make(key, ...nonces);
      try {
        for (const m of messages) await host.open(2, m);
        return "opened";
      } catch (e) { return e.message; }
    };
    const changed = said[0].slice(); changed[5] ^= 1;
    const other = await page.Session.make(bytes("12".repeat(32)), ...nonces, true);
    return [
      await tries(...said),
      await tries(changed),
      await tries(said[0], said[0]),
      await tries(said[0], said[2]),
      await tries(await other.seal(2, bytes("0a"))),
      await tries(said[0].slice(0, 9)),
      await tries(await band.seal(3, bytes("0a"))),
    ];
    """
    opened, *refused = node(script, code)
    assert opened == "opened" and "opened" not in refused


@pytest.mark.parametrize("room", [2, 20, 61, 244])
def test_pieces_are_joined_at_any_room_and_a_lost_one_is_noticed(script, room):
    code = """
    const splitter = new page.Splitter(), joiner = new page.Joiner(1024);
    const messages = [0, 1, 19, 20, 300, 1000].map((n) => new Uint8Array(n).fill(7));
    const through = (m) => [...splitter.values(m, given.room)].map((v) => joiner.add(v)).at(-1);
    const joined = messages.map((m) => through(m).length);
    const lost = new page.Joiner(1024);
    const values = [...new page.Splitter().values(new Uint8Array(600), given.room)];
    let noticed = false;
    try { values.forEach((v, i) => i !== 1 && lost.add(v)); } catch { noticed = true; }
    let long = false;
    try { const j = new page.Joiner(100); values.forEach((v) => j.add(v)); } catch { long = true; }
    return [joined, noticed, long];
    """
    assert node(script, code, room=room) == [[0, 1, 19, 20, 300, 1000], True, True]


def test_it_reads_a_keys_text_and_no_wrong_one(script):
    from notturno.keys import to_text

    key = bytes(range(100, 132))
    text = to_text("5642024e54000001", key)
    wrong = [text[:-1], text + "a", "other." + text[10:], text[:20] + "1" + text[21:]]
    wrong += [
        text[:i] + ("A" if text[i] != "A" else "B") + text[i + 1 :] for i in range(10, 81, 7)
    ]
    code = """
    const read = (t) => {
      try {
        const { deviceId, key } = page.keyOfText(t);
        return [deviceId, hex(key)];
      } catch { return null; }
    };
    const spaced = given.text.toLowerCase().replace(/(.{5})/g, "$1- ");
    return [given.text, spaced, ...given.wrong].map(read);
    """
    first, second, *others = node(script, code, text=text, wrong=wrong)
    assert first == second == ["5642024e54000001", key.hex()]
    assert others == [None] * len(wrong)


def test_what_counts_is_what_the_logbook_counts(script):
    events = [(kind, 1 << bit) for kind in wire.EVENT_NAMES for bit in range(14)] + [
        (kind, 0) for kind in wire.EVENT_NAMES
    ]
    told = node(script, "return given.e.map(([k, f]) => page.leftOut(k, f));", e=events)
    assert told == [left_out_as(kind, flags) is not None for kind, flags in events]


# --- against the real firmware -------------------------------------------------------------------


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    world = Timeline([StillSource()], hours=0.25)
    with VirtualBand(home / "band", world, seed=6, prepare=keep_virtual(home)) as band:
        band.wait_nights()
        yield band, home


def relayed(band, script, **order):
    """Let the page's protocol talk to the band; return what it says in the end."""

    async def whole():
        process = await asyncio.create_subprocess_exec(
            *node_command(),
            str(HERE / "relay.mjs"),
            str(script),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 24,
        )

        def tell(**line):
            process.stdin.write(json.dumps(line).encode() + b"\n")

        async with open_radio(band.hci) as radio:
            (found,) = await radio.scan(10)
            async with radio.connect(found) as connection:

                async def hand_over():
                    while True:
                        channel, value = await connection.next_value(None)
                        tell(channel=channel, value=value.hex())

                handing = asyncio.create_task(hand_over())
                tell(**order)
                try:
                    async for line in process.stdout:
                        said = json.loads(line)
                        if "read" in said:
                            tell(answer=(await connection.read_version()).hex())
                        elif "write" in said:
                            await connection.write_control(bytes.fromhex(said["write"]))
                            tell(answer="")
                        else:
                            return said
                finally:
                    handing.cancel()
                    if process.returncode is None:
                        process.kill()
                    await process.wait()

    return asyncio.run(asyncio.wait_for(whole(), 120))


def test_a_night_comes_over_byte_for_byte_and_import_takes_the_file(band, script, tmp_path):
    band, home = band
    key = KeyRing(home).get(band.device_id)
    said = relayed(band, script, key=key.hex(), host=0x1234, commit=False)
    assert "done" in said, said
    file = json.loads(said["done"]["file"])
    assert file["device_id"] == band.device_id and file["schema"] == "notturno-records-1"
    assert said["done"]["night"]["minutes"] >= 14 and said["done"]["night"]["undated"] == 0
    path = tmp_path / "night.json"
    path.write_text(said["done"]["file"])
    out = CliRunner().invoke(cli, ["import", str(path), "--data-dir", str(tmp_path), "--json"])
    assert json.loads(out.stdout)["new_records"] == len(frames_in_flash(band))
    with Store.open(tmp_path, create=False) as store:
        stored = list(store.frames(band.device_id, file["log_id"], 0, 1 << 32))
        assert stored == frames_in_flash(band)
        anchor = store.last_anchor(band.device_id, file["log_id"], 1)
    assert anchor["host_id"] == 0x1234
    assert relayed(band, script, key=key.hex(), host=0x1234, commit=True)["done"]["status"] == 0


def test_with_another_key_the_page_gets_nothing_and_says_why(band, script):
    said = relayed(band[0], script, key="00" * 32, host=1, commit=False)
    assert said == {"failed": "a false proof", "why": "wrong key"}


# --- the page as a whole -------------------------------------------------------------------------


def test_the_page_is_one_small_file_that_allows_no_network():
    html = phone.phone_page()
    assert len(html.encode()) < 150_000
    assert "default-src 'none'" in html and "@" not in html.split("<script")[0].split("<style>")[0]
    for outside in ("http://", "https://", "src=", "import(", "fetch("):
        assert outside not in html.replace("http://www.w3.org/2000/svg", ""), outside


def test_every_word_of_the_page_is_in_its_table():
    words = json.loads((phone.FOLDER / "words.json").read_text(encoding="utf-8"))
    html = (phone.FOLDER / "page.html").read_text(encoding="utf-8")
    script = (phone.FOLDER / "page.js").read_text(encoding="utf-8")
    import re

    used = set(re.findall(r'data-word="([\w ]+)"', html)) | set(
        re.findall(r"WORDS\.(\w+)", script)
    )
    used |= {"wrong key", "no key", "not a key", "key changed", *phone.tables()["wire"]["STATE"]}
    assert used == set(words)


def test_the_tables_are_the_codes():
    tables = json.loads(json.dumps(phone.tables()))
    assert tables["protocol"]["VERSION"] == protocol.VERSION
    assert tables["protocol"]["INFO_FIELDS"] == [list(f) for f in protocol.INFO_FIELDS]
    assert tables["wire"]["MINUTE_FIELDS"] == [list(f) for f in wire.MINUTE_FIELDS]
    assert tables["wire"]["REC"]["event"] == wire.REC_EVENT


def test_the_command_asks_before_it_writes_over_a_file(tmp_path):
    path = tmp_path / "page.html"
    assert CliRunner().invoke(cli, ["phone", "--out", str(path)]).exit_code == 0
    page = path.read_text()
    path.write_text("mine")
    refused = CliRunner().invoke(cli, ["phone", "--out", str(path)], input="n\n")
    assert refused.exit_code == 1 and path.read_text() == "mine"
    assert CliRunner().invoke(cli, ["phone", "--out", str(path), "--force"]).exit_code == 0
    assert path.read_text() == page
    missing = CliRunner().invoke(cli, ["phone", "--out", str(tmp_path / "no" / "page.html")])
    assert missing.exit_code == 1 and "cannot be written" in str(missing.exception)
