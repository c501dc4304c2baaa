"""PROTOCOL.md says what the code does: its tables, its numbers, its example."""

import hashlib
import importlib.util
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from notturno.link.proof import ecb
from notturno_core import bthome, protocol, seal, wire

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "firmware" / "PROTOCOL.md").read_text(encoding="utf-8")
PLAIN = re.sub(r"\s+", " ", TEXT)


@pytest.fixture(scope="module")
def make_docs():
    path = ROOT / "host" / "tools" / "make_docs.py"
    spec = importlib.util.spec_from_file_location("make_docs", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_its_tables_are_those_of_the_code(make_docs):
    assert make_docs.filled(TEXT) == TEXT, "run make docs"


@pytest.mark.parametrize("module", [protocol, wire])
def test_the_tables_are_read_from_the_source_whole(make_docs, module):
    read = make_docs.tables(module.__name__.rpartition(".")[2])
    for name, fields in vars(module).items():
        if name.endswith("_FIELDS") and isinstance(fields, tuple):
            said = tuple((field, code) for field, code, _ in read[name])
            assert fields[-len(said) :] == said
            assert len(said) == len(fields) or f"{name}_V1" in read


def test_a_table_counts_its_offsets(make_docs):
    text = make_docs.table_text(
        [("a", "B", ""), ("b", "3h", "x"), ("c", "12s", ""), ("d", "Q", "")]
    )
    assert text.splitlines()[2:] == [
        "| 0 | a u8 |  |",
        "| 1 | b i16 x 3 | x |",
        "| 7 | c 12 bytes |  |",
        "| 19 | d u64 |  |",
    ]


def test_each_characteristic_stands_beside_its_own_name():
    for name, end in (("(service)", 1), ("VERSION", 2), ("CONTROL", 3), ("DATA", 4), ("LIVE", 5)):
        uuid = f"6e6f7474-7572-6e6f-0001-00000000000{end}"
        assert f"\n| {name} | {uuid} |" in TEXT
        assert getattr(protocol, f"{name.strip('()').upper()}_UUID") == uuid


def test_every_kind_of_record_is_told_of():
    """By a table, or by a sentence where the payload is none of fields."""
    for kind, name in wire.REC_NAMES.items():
        assert f"**{name}** ({kind})" in TEXT, name


def test_the_numbers_in_its_sentences_are_those_of_the_code():
    for sentence in (
        f"is the version of this protocol: {protocol.VERSION}.",
        f"has at most {protocol.REQUEST_MAX} bytes, one to the host at most "
        f"{protocol.MESSAGE_MAX},",
        f"any from {protocol.MTU_MIN} on works, {protocol.MTU_MAX} is best",
        f"a REPLY of op {protocol.OP_PROOF} and status {protocol.STATUS_OK};",
        f"A nonce is {protocol.NONCE_LEN} bytes",
        f"{protocol.KEY_LEN} random bytes",
        f'"band" || said), first {protocol.PROOF_LEN} bytes',
        f"has not proved the key {protocol.UNPROVEN_MS // 1000} s after",
        f"has asked nothing for {protocol.IDLE_MS // 1000} s",
        f"After every {protocol.CHECKPOINT_EVERY} DATA messages",
        f"which is a REPLY of op {protocol.OP_CHECKPOINT},",
        f"counter u{8 * seal.COUNTER_LEN} || ciphertext || tag {seal.TAG_LEN}",
        f"CONTROL {protocol.CONTROL}, DATA {protocol.DATA}, LIVE {protocol.LIVE}.",
        f"at most {wire.MAX_PAYLOAD_LEN} |",
        f"{protocol.THROUGH_ALL:#x}".upper().replace("X", "x") + " as through_seq",
        f"except waveforms (kind {wire.REC_SNIPPET})",
        f"INFO is that of these tables: {wire.LOG_VERSION}.",
        f"| 7 ({protocol.HEAD_LAST:#x}) |",
        f"| 6 ({protocol.HEAD_FIRST:#x}) |",
        f"mod {protocol.HEAD_COUNT + 1} |",
    ):
        assert sentence in PLAIN, sentence
    for name, op in (("HELLO", "HELLO"), ("CHALLENGE", "HELLO"), ("PROOF", "PROOF")):
        assert f"{name} (op {getattr(protocol, f'OP_{op}')})" in PLAIN
    for op in (
        "SET_TIME",
        "REPORT",
        "ABORT",
        "COMMIT",
        "INFO",
        "LIVE",
        "READ",
        "PARCEL",
        "PIECE",
        "UNPACK",
    ):
        assert f"{op} (op {getattr(protocol, f'OP_{op}')})" in PLAIN


def test_its_example_is_what_the_code_makes():
    key, nonces = bytes(range(32)), (b"H" * 16, b"B" * 16)
    ends = [seal.Session(hashlib.sha256, ecb, key, *nonces, at_band) for at_band in (True, False)]
    proofs = seal.Proofs(hashlib.sha256, key, *nonces, (2, 2))
    for made in (
        proofs.band,
        proofs.host,
        seal.hkdf(hashlib.sha256, key, b"".join(nonces), b"notturno 2 seal", 96),
        ends[1].seal(protocol.CONTROL, bytes((protocol.OP_INFO,))),
        ends[0].seal(protocol.DATA, b"a jerk of 90 mg"),
    ):
        assert f"| {made.hex()} |" in TEXT


def test_the_beacons_example_opens_as_the_page_says():
    """By another library's HKDF and CCM, of what stands on the page."""
    (bind_hex,) = re.findall(r"\| bind_key \| (\w+) \|", TEXT)
    (data_hex,) = re.findall(r"\| advertising data \| (\w+) \|", TEXT)
    bind_key = HKDF(SHA256(), 16, None, b"notturno beacon 1").derive(bytes(range(32)))
    assert bind_key.hex() == bind_hex
    data = bytes.fromhex(data_hex)
    assert data[:8] == bytes.fromhex("020106 13 16 d2fc 45") and data[3] == len(data) - 4
    sealed, counter, tag = data[8:-8], data[-8:-4], data[-4:]
    assert int.from_bytes(counter, "little") == 218200000
    nonce = bytes.fromhex("e454ffee0003d2fc45") + counter
    objects = AESCCM(bind_key, 4).decrypt(nonce, sealed + tag, None)
    assert objects == bytes((0, counter[0], 1, 91, 0x3D, 12, 0))
    made = bthome.advertisement(ecb(bind_key), nonce[:6], 218200000, 91, 12)
    assert made == data
