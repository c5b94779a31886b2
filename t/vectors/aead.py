# SPDX-License-Identifier: GPL-2.0-or-later
"""ChaCha20-Poly1305 (RFC 8439), its form with long nonces (XChaCha20, 24 bytes),
and sealed boxes (X25519, XSalsa20-Poly1305), slow and plain, for the generators
of vectors.  It shares no line with the program.

	cp_seal(key, counter, ad, plain), xa_seal(key, nonce, ad, plain) -> box
	commit(key), kh(key, context, x), h(x)
	box_pair(seed), box_seal(pk, plain, ephemeral seed) -> box"""

import hashlib
import struct

M = 0xffffffff


def h(x):
    return hashlib.blake2b(x, digest_size=32).digest()


def kh(key, context, x=b""):
    return hashlib.blake2b(context + b"\0" + x, key=key, digest_size=32).digest()


def commit(key):
    return kh(key, b"vibehub-commit")


def _rot(x, n):
    return (x << n | x >> 32 - n) & M


# ---- ChaCha20 ----

def _chacha_rounds(s):
    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14),
                           (3, 7, 11, 15), (0, 5, 10, 15), (1, 6, 11, 12),
                           (2, 7, 8, 13), (3, 4, 9, 14)):
            s[a] = s[a] + s[b] & M
            s[d] = _rot(s[d] ^ s[a], 16)
            s[c] = s[c] + s[d] & M
            s[b] = _rot(s[b] ^ s[c], 12)
            s[a] = s[a] + s[b] & M
            s[d] = _rot(s[d] ^ s[a], 8)
            s[c] = s[c] + s[d] & M
            s[b] = _rot(s[b] ^ s[c], 7)
    return s


SIGMA = struct.unpack("<4I", b"expand 32-byte k")


def _chacha_block(key, counter, nonce):
    s = list(SIGMA + struct.unpack("<8I", key) + (counter,)
             + struct.unpack("<3I", nonce))
    out = _chacha_rounds(list(s))
    return struct.pack("<16I", *(x + y & M for x, y in zip(s, out)))


def _hchacha(key, nonce):
    s = _chacha_rounds(list(SIGMA + struct.unpack("<8I", key)
                            + struct.unpack("<4I", nonce)))
    return struct.pack("<8I", *(s[:4] + s[12:]))


def _xor(a, stream):
    return bytes(x ^ y for x, y in zip(a, stream))


def _poly(key, data):
    r = int.from_bytes(key[:16], "little") & 0x0ffffffc0ffffffc0ffffffc0fffffff
    a = 0
    for i in range(0, len(data), 16):
        a = (a + int.from_bytes(data[i:i + 16] + b"\1", "little")) * r \
            % ((1 << 130) - 5)
    return (a + int.from_bytes(key[16:], "little") & (1 << 128) - 1) \
        .to_bytes(16, "little")


def _pad(x):
    return x + bytes(-len(x) % 16)


def _seal(key, nonce, ad, plain):
    blocks = len(plain) // 64 + 1
    stream = b"".join(_chacha_block(key, 1 + i, nonce) for i in range(blocks))
    c = _xor(plain, stream)
    tag = _poly(_chacha_block(key, 0, nonce)[:32],
                _pad(ad) + _pad(c) + struct.pack("<QQ", len(ad), len(c)))
    return c + tag


def cp_seal(key, counter, ad, plain):
    return _seal(key, bytes(4) + struct.pack(">Q", counter), ad, plain)


def xa_seal(key, nonce, ad, plain):
    return _seal(_hchacha(key, nonce[:16]), bytes(4) + nonce[16:], ad, plain)


# ---- sealed boxes ----

P = 2**255 - 19


def x25519(k, u):
    """RFC 7748, section 5."""
    k = int.from_bytes(k, "little") & (1 << 254) - 8 | 1 << 254
    x1 = int.from_bytes(u, "little") & (1 << 255) - 1
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        b = k >> t & 1
        if swap ^ b:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = b
        a, aa = x2 + z2, (x2 + z2) ** 2 % P
        m, mm = x2 - z2, (x2 - z2) ** 2 % P
        e = aa - mm
        da, cb = (x3 - z3) * a % P, (x3 + z3) * m % P
        x3, z3 = (da + cb) ** 2 % P, x1 * (da - cb) ** 2 % P
        x2, z2 = aa * mm % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


def _salsa_rounds(s):
    for _ in range(10):
        for a, b, c, d in ((0, 4, 8, 12), (5, 9, 13, 1), (10, 14, 2, 6),
                           (15, 3, 7, 11), (0, 1, 2, 3), (5, 6, 7, 4),
                           (10, 11, 8, 9), (15, 12, 13, 14)):
            s[b] ^= _rot(s[a] + s[d] & M, 7)
            s[c] ^= _rot(s[b] + s[a] & M, 9)
            s[d] ^= _rot(s[c] + s[b] & M, 13)
            s[a] ^= _rot(s[d] + s[c] & M, 18)
    return s


def _salsa_state(key, nonce):
    k, n = struct.unpack("<8I", key), struct.unpack("<4I", nonce)
    return [SIGMA[0], *k[:4], SIGMA[1], *n, SIGMA[2], *k[4:], SIGMA[3]]


def _salsa_block(key, nonce, counter):
    s = _salsa_state(key, nonce + struct.pack("<Q", counter))
    out = _salsa_rounds(list(s))
    return struct.pack("<16I", *(x + y & M for x, y in zip(s, out)))


def _hsalsa(key, nonce):
    s = _salsa_rounds(_salsa_state(key, nonce))
    return struct.pack("<8I", *(s[i] for i in (0, 5, 10, 15, 6, 7, 8, 9)))


def box_pair(seed):
    """libsodium's: the secret key is the first half of SHA-512 of the seed."""
    sk = hashlib.sha512(seed).digest()[:32]
    return x25519(sk, (9).to_bytes(32, "little")), sk


def box_seal(pk, plain, ephemeral):
    epk, esk = box_pair(ephemeral)
    nonce = hashlib.blake2b(epk + pk, digest_size=24).digest()
    key = _hsalsa(_hsalsa(x25519(esk, pk), bytes(16)), nonce[:16])
    stream = b"".join(_salsa_block(key, nonce[16:], i)
                      for i in range((len(plain) + 32) // 64 + 1))
    c = _xor(plain, stream[32:])
    return epk + _poly(stream[:32], c) + c


def _test():
    """RFC 8439 2.8.2, RFC 7748 5.2, draft-irtf-cfrg-xchacha A.3.1."""
    plain = (b"Ladies and Gentlemen of the class of '99: If I could offer you "
             b"only one tip for the future, sunscreen would be it.")
    ad = bytes.fromhex("50515253c0c1c2c3c4c5c6c7")
    key = bytes(range(0x80, 0xa0))
    box = _seal(key, bytes.fromhex("070000004041424344454647"), ad, plain)
    assert box[-16:].hex() == "1ae10b594f09e26a7e902ecbd0600691"
    box = xa_seal(key, bytes(range(0x40, 0x58)), ad, plain)
    assert box[-16:].hex() == "c0875924c1c7987947deafd8780acf49"
    out = x25519(bytes.fromhex("a546e36bf0527c9d3b16154b82465edd"
                               "62144c0ac1fc5a18506a2244ba449ac4"),
                 bytes.fromhex("e6db6867583030db3594c1a424b15f7c"
                               "726624ec26b3353b10a903a6d0ab1c4c"))
    assert out.hex() == ("c3da55379de9c6908e94ea4df28d084f"
                         "32eccf03491c71f754b4075577a28552")


_test()
