"""The key's work against the published vectors, and against whoever does not hold the key."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno.link.proof import ecb
from notturno_core import protocol, seal

KEY = bytes(range(32))
NONCES = b"H" * 16, b"B" * 16
ANY_CHANNEL = st.sampled_from([protocol.CONTROL, protocol.DATA, protocol.LIVE])

# RFC 4231, cases 1 to 4, 6 and 7: key, data, HMAC-SHA-256.
HMACS = [
    (
        b"\x0b" * 20,
        b"Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ),
    (
        b"Jefe",
        b"what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ),
    (
        b"\xaa" * 20,
        b"\xdd" * 50,
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ),
    (
        bytes(range(1, 26)),
        b"\xcd" * 50,
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
    ),
    (
        b"\xaa" * 131,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ),
    (
        b"\xaa" * 131,
        b"This is a test using a larger than block-size key and a larger than block-size data. "
        b"The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]
# RFC 5869, appendices A.1 to A.3: key, salt, info, length, what comes out.
HKDFS = [
    (
        b"\x0b" * 22,
        bytes(range(13)),
        bytes(range(0xF0, 0xFA)),
        42,
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        bytes(range(0x50)),
        bytes(range(0x60, 0xB0)),
        bytes(range(0xB0, 0x100)),
        82,
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e"
        "590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    (
        b"\x0b" * 22,
        b"",
        b"",
        42,
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
]
# NIST SP 800-38A, F.5.1 (CTR-AES128.Encrypt), whose counter begins at f0f1...ff.
CTR_KEY = "2b7e151628aed2a6abf7158809cf4f3c"
CTR_BLOCKS = [
    ("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", "6bc1bee22e409f96e93d7e117393172a"),
    ("f0f1f2f3f4f5f6f7f8f9fafbfcfdff00", "ae2d8a571e03ac9c9eb76fac45af8e51"),
    ("f0f1f2f3f4f5f6f7f8f9fafbfcfdff01", "30c81c46a35ce411e5fbc1191a0a52ef"),
    ("f0f1f2f3f4f5f6f7f8f9fafbfcfdff02", "f69f2445df4f9b17ad2b417be66c3710"),
]
CTR_SECRETS = [
    "874d6191b620e3261bef6864990db6ce",
    "9806f66b7970fdff8617187bb9fffdff",
    "5ae4df3edbd5d35e5b4f09020db03eab",
    "1e031dda2fbe03d1792170a0f3009cee",
]


@pytest.mark.parametrize(("key", "data", "expected"), HMACS)
def test_hmac_is_that_of_rfc_4231(key, data, expected):
    mac = seal.Hmac(hashlib.sha256, key)
    assert mac.of(data).hex() == expected
    assert mac.of(data[:3], data[3:]).hex() == expected


@pytest.mark.parametrize(("key", "salt", "info", "n", "expected"), HKDFS)
def test_hkdf_is_that_of_rfc_5869(key, salt, info, n, expected):
    assert seal.hkdf(hashlib.sha256, key, salt, info, n).hex() == expected


def test_the_hosts_cipher_is_aes_in_ecb_of_whole_blocks():
    encrypt = ecb(bytes.fromhex(CTR_KEY))
    for (counter, plain), secret in zip(CTR_BLOCKS, CTR_SECRETS, strict=True):
        stream = encrypt(bytes.fromhex(counter))
        assert (
            bytes(a ^ b for a, b in zip(stream, bytes.fromhex(plain), strict=True)).hex() == secret
        )


def test_counter_mode_counts_blocks_behind_channel_and_message():
    asked = []

    def encrypt(blocks):
        asked.append(bytes(blocks))
        return bytes(len(blocks))

    assert seal._counted(encrypt, 2, 0x01020304, b"x" * 33) == b"x" * 33
    head = "02" + "00" * 7 + "01020304"
    assert asked[0].hex() == "".join(head + f"{i:08x}" for i in range(3))


def ends():
    return (
        seal.Session(hashlib.sha256, ecb, KEY, *NONCES, True),
        seal.Session(hashlib.sha256, ecb, KEY, *NONCES, False),
    )


def test_a_sealed_message_is_these_bytes():
    """Made once by the first version: another program must go on understanding them."""
    band, host = ends()
    assert band.seal(protocol.DATA, b"a jerk of 90 mg").hex() == SEALED_DATA
    assert host.seal(protocol.CONTROL, b"\x05").hex() == SEALED_REQUEST
    proofs = seal.Proofs(hashlib.sha256, KEY, *NONCES, (2, 2))
    assert (proofs.band.hex(), proofs.host.hex()) == PROOFS


SEALED_DATA = "000000003316bb9e8992d44fa90917455ce784e7295c8fcb0df40230c4"
SEALED_REQUEST = "00000000fd7fc2e1e0baf8d7c512d9"
PROOFS = ("85199283b9f5ed6b1ce254b85df7fcd2", "56420f276517904a5b05b64ed9d0160b")


@given(st.lists(st.tuples(ANY_CHANNEL, st.binary(max_size=300)), max_size=12))
def test_what_one_end_seals_the_other_opens_in_its_order(messages):
    band, host = ends()
    for channel, plain in messages:
        sealed = band.seal(channel, plain)
        assert len(sealed) == len(plain) + seal.OVERHEAD
        assert host.open(channel, sealed) == plain
        assert band.open(channel, host.seal(channel, plain)) == plain


@given(st.binary(min_size=1, max_size=60), st.data())
def test_no_changed_bit_is_opened(plain, data):
    band, host = ends()
    sealed = bytearray(band.seal(protocol.DATA, plain))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(seal.SealError):
        host.open(protocol.DATA, bytes(sealed))


@given(st.binary(max_size=80))
def test_whatever_a_stranger_makes_up_is_refused(garbage):
    _, host = ends()
    with pytest.raises(seal.SealError):
        host.open(protocol.CONTROL, garbage)


def test_a_message_is_not_taken_twice_nor_out_of_order_nor_elsewhere_nor_back():
    band, host = ends()
    first, second, third = (band.seal(protocol.DATA, bytes([i])) for i in range(3))
    for channel in (protocol.CONTROL, protocol.LIVE):
        with pytest.raises(seal.SealError):
            host.open(channel, first)
    with pytest.raises(seal.SealError):
        band.open(protocol.DATA, first)  # its own words, sent back
    assert host.open(protocol.DATA, first) == b"\0"
    for wrong in (first, third):
        with pytest.raises(seal.SealError):
            host.open(protocol.DATA, wrong)
    assert host.open(protocol.DATA, second) == b"\1"


def test_live_messages_may_be_missing_but_none_comes_twice():
    band, host = ends()
    said = [band.seal(protocol.LIVE, bytes([i])) for i in range(4)]
    assert host.open(protocol.LIVE, said[0]) == b"\0"
    assert host.open(protocol.LIVE, said[2]) == b"\2"
    for old in said[:3]:
        with pytest.raises(seal.SealError):
            host.open(protocol.LIVE, old)
    assert host.open(protocol.LIVE, said[3]) == b"\3"


@pytest.mark.parametrize(
    "other",
    [
        (bytes(32), *NONCES),
        (KEY, b"h" * 16, NONCES[1]),
        (KEY, NONCES[0], b"b" * 16),
        (KEY, NONCES[1], NONCES[0]),
    ],
)
def test_another_key_or_nonce_makes_another_session_and_other_proofs(other):
    band, _ = ends()
    with pytest.raises(seal.SealError):
        seal.Session(hashlib.sha256, ecb, *other, False).open(1, band.seal(1, b"x"))
    mine = seal.Proofs(hashlib.sha256, KEY, *NONCES, (2, 2))
    theirs = seal.Proofs(hashlib.sha256, *other, (2, 2))
    assert len({mine.band, mine.host, theirs.band, theirs.host}) == 4


@pytest.mark.parametrize("versions", [(1, 2), (2, 1), (3, 2)])
def test_a_proof_is_of_the_versions_that_both_said(versions):
    mine = seal.Proofs(hashlib.sha256, KEY, *NONCES, (2, 2))
    other = seal.Proofs(hashlib.sha256, KEY, *NONCES, versions)
    assert mine.band != other.band and mine.host != other.host


def test_no_counter_is_used_twice(monkeypatch):
    monkeypatch.setattr(seal, "MESSAGES_MAX", 3)
    band, _ = ends()
    heads = [band.seal(protocol.DATA, b"x")[:4] for _ in range(3)]
    assert len(set(heads)) == 3
    with pytest.raises(seal.SealError, match="no counter"):
        band.seal(protocol.DATA, b"x")


@given(st.binary(max_size=20), st.binary(max_size=20))
def test_same_is_equality(a, b):
    assert seal.same(a, b) == (a == b)
    assert seal.same(a, bytes(a))


@pytest.mark.parametrize("length", [0, 1, 63, 64, 65, 200])
def test_a_key_is_hashed_where_it_is_longer_than_a_block(length):
    """RFC 2104: longer than 64 bytes, and not as long."""
    import hmac

    key = bytes(n & 255 for n in range(length))
    assert seal.Hmac(hashlib.sha256, key).of(b"ab", b"c") == hmac.digest(key, b"abc", "sha256")
