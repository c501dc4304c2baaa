"""The sealed format by its description: what another program made opens, and ours opens to it."""

import hashlib
import io
import struct

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from notturno.errors import UserError
from notturno.files import sealing

WORDS, SALT, NONCE = "wrong horse", bytes(range(16)), b"nonce 7"
HEAD = b"NOTTSEAL" + bytes((10, 8, 1)) + SALT + NONCE  # log2 of n, r, p


def cipher(head=HEAD, n=1 << 10, r=8, p=1):
    key = hashlib.scrypt(WORDS.encode(), salt=head[11:27], n=n, r=r, p=p, dklen=32)
    return AESGCM(key)


def nonce(number, last, head=HEAD):
    return head[-7:] + number.to_bytes(4, "big") + bytes((last,))


def sealed(pieces, lasts=None, numbers=None):
    """As the head of `sealing` tells it, by hashlib's scrypt."""
    out, made = HEAD, cipher()
    for at, piece in enumerate(pieces):
        last = at == len(pieces) - 1 if lasts is None else lasts[at]
        number = at if numbers is None else numbers[at]
        out += made.encrypt(nonce(number, last), piece, HEAD)
    return out


def opened(data, words=WORDS):
    return b"".join(sealing.opened(io.BytesIO(data), words, "x"))


FULL = bytes(range(256)) * 256  # 65 536 bytes: one piece


@pytest.mark.parametrize(
    "pieces", [[b""], [b"a"], [FULL], [FULL, b"b"], [FULL, FULL[::-1], FULL, b"the end"]]
)
def test_a_file_made_by_the_description_opens(pieces):
    assert opened(sealed(pieces)) == b"".join(pieces)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 131_072, 140_000])
def test_ours_is_opened_by_the_description(monkeypatch, size):
    monkeypatch.setattr(sealing, "LOG2_N", 10)
    stream = io.BytesIO()
    sealer = sealing.Sealer(stream, WORDS)
    body = (b"0123456789" * 14_001)[:size]
    for at in range(0, size, 33_333):
        assert sealer.write(body[at : at + 33_333]) == len(body[at : at + 33_333])
    sealer.flush()
    sealer.close()
    data = stream.getvalue()
    head, rest = data[:34], data[34:]
    assert head[:11] == b"NOTTSEAL" + bytes((10, 8, 1)) and sealing.is_sealed(head)
    pieces = [rest[at : at + 65_552] for at in range(0, len(rest), 65_552)]
    made = cipher(head)
    plain = [
        made.decrypt(nonce(at, at == len(pieces) - 1, head), piece, head)
        for at, piece in enumerate(pieces)
    ]
    assert b"".join(plain) == body
    assert len(pieces) == max(1, -(-size // 65_536))


def test_two_files_share_neither_salt_nor_nonce(monkeypatch):
    monkeypatch.setattr(sealing, "LOG2_N", 10)
    heads = []
    for _ in range(2):
        stream = io.BytesIO()
        sealing.Sealer(stream, WORDS)
        heads.append(stream.getvalue())
    assert heads[0][11:27] != heads[1][11:27] and heads[0][27:] != heads[1][27:]


OTHER = "x does not open: the passphrase is another one, or the file is damaged."
DAMAGED = "x is damaged or cut off; use another copy."


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (HEAD[:-1], "x is cut off; use another copy."),
        (HEAD, OTHER),
        (sealed([b"a"], lasts=[False]), OTHER),
        (sealed([b"a"], numbers=[1]), OTHER),
        (sealed([FULL, b"b"])[:-18], OTHER),  # what is left was not sealed as the last
        (sealed([FULL, b"b"])[:-1], DAMAGED),
        (sealed([FULL, b"b"], lasts=[False, False]), DAMAGED),
        (sealed([FULL, b"b"], numbers=[0, 2]), DAMAGED),
        (sealed([FULL, b"b"]) + b"more", DAMAGED),
    ],
)
def test_what_is_cut_moved_or_added_does_not_open(data, said):
    with pytest.raises(UserError) as error:
        opened(data)
    assert str(error.value) == said


@pytest.mark.parametrize("at", [11, 26, 27, 33])
def test_the_head_is_sealed_along(at):
    data = bytearray(sealed([b"a"]))
    data[at] ^= 1
    with pytest.raises(UserError, match="does not open"):
        opened(bytes(data))


@pytest.mark.parametrize(
    ("work", "taken"),
    [((10, 8, 1), True), ((10, 16, 4), True), ((9, 8, 1), False), ((21, 8, 1), False),
     ((10, 0, 1), False), ((10, 17, 1), False), ((10, 8, 0), False), ((10, 8, 5), False)],
)  # fmt: skip
def test_how_much_work_a_file_may_ask_for(work, taken):
    head = struct.pack(">8sBBB16s7s", b"NOTTSEAL", *work, SALT, NONCE)
    if taken:
        sealing._cipher(head, WORDS)
    else:
        with pytest.raises(UserError, match="asks for more work"):
            sealing._cipher(head, WORDS)
