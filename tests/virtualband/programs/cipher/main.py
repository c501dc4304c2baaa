"""A program for tests: AES by its published vectors, and what it refuses."""

import asyncio
from binascii import hexlify, unhexlify

import cryptolib

# NIST SP 800-38A, F.1.1, F.1.5, F.2.1, F.2.5; FIPS 197, C.1 and C.3
PLAIN = unhexlify(
    "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
    "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
)
KEY_128 = unhexlify("2b7e151628aed2a6abf7158809cf4f3c")
KEY_256 = unhexlify("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
IV = bytes(range(16))
KNOWN = (
    (
        KEY_128,
        1,
        None,
        "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf"
        "43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4",
    ),
    (
        KEY_256,
        1,
        None,
        "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870"
        "b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7",
    ),
    (
        KEY_128,
        2,
        IV,
        "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
        "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
    ),
    (
        KEY_256,
        2,
        IV,
        "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
        "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
    ),
)


def made(key, mode, iv):
    return cryptolib.aes(key, mode) if iv is None else cryptolib.aes(key, mode, iv)


def refused(work, *arguments):
    try:
        work(*arguments)
    except ValueError as error:
        return str(error)


def first_block(number):
    cipher = cryptolib.aes(bytes(range(number)), 1)
    return hexlify(cipher.encrypt(unhexlify("00112233445566778899aabbccddeeff")))


for key, mode, iv, text in KNOWN:
    cipher = unhexlify(text)
    whole = made(key, mode, iv)
    parts = made(key, mode, iv)
    back = made(key, mode, iv)
    place = bytearray(PLAIN)
    same = made(key, mode, iv).encrypt(place, place)
    in_place = same is place and bytes(place) == cipher
    print(
        "known",
        whole.encrypt(PLAIN) == cipher,
        back.decrypt(cipher) == PLAIN,
        parts.encrypt(PLAIN[:16]) + parts.encrypt(memoryview(PLAIN)[16:]) == cipher,
        in_place,
        made(key, mode, iv).decrypt(place, place) == PLAIN,
        refused(whole.decrypt, cipher),
        refused(back.encrypt, PLAIN),
    )
print("fips", first_block(16), first_block(32))
why = [
    refused(cryptolib.aes, KEY_128, 6),
    refused(cryptolib.aes, bytes(24), 1),
    refused(cryptolib.aes, KEY_128, 2),
    refused(cryptolib.aes, KEY_128, 2, bytes(15)),
    refused(cryptolib.aes(KEY_128, 1).encrypt, bytes(17)),
    refused(cryptolib.aes(KEY_128, 1).encrypt, bytes(16), bytearray(15)),
]
print("refused", why, cryptolib.aes(KEY_128, 1).encrypt(b""))
big = bytearray(20)
print("longer", cryptolib.aes(KEY_128, 1).encrypt(PLAIN[:16], big) is big, bytes(big[16:]))
one = cryptolib.aes(KEY_128, 1)
block = one.encrypt(bytes(16))
print("many", all(one.encrypt(bytes(1024)) == block * 64 for _ in range(2000)))


async def wait():
    await asyncio.sleep(1000)


asyncio.run(wait())
