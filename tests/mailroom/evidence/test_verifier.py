"""The verifier's own arithmetic: signatures as RFC 8032 and OpenSSL have them, proofs as the mailroom makes them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from trees_by_definition import consistency, inclusion, root_of

from mailroom.domain.merkle import leaf
from mailroom.evidence import verify_evidence
from mailroom.evidence.verify_evidence import ORDER, P, is_consistent, is_included, is_signed

RFC_8032 = {
    "1": (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
            "655141438e7a100b"
        ),
    ),
    "2": (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aee"
            "b00d291612bb0c00"
        ),
    ),
    "3": (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28d"
            "c027beceea1ec40a"
        ),
    ),
    "SHA(abc)": (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        (
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e"
            "2a9ac94fa54ca49f"
        ),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17a"
            "d9bef1177331a704"
        ),
    ),
}
"""Section 7.1: public key, message, signature."""

SMALL = [bytes(32), b"\1" + bytes(31), (P - 1).to_bytes(32, "little")]
"""Points of order 4, 1 and 2."""


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032.values(), ids=RFC_8032.keys())
def test_the_signatures_of_the_standard_hold_and_no_bit_of_them_can_be_another(
    public: str, message: str, signature: str
) -> None:
    key, text, signed = (bytes.fromhex(one) for one in (public, message, signature))
    assert is_signed(key, signed, text)
    for place in range(0, 64, 3):
        changed = bytearray(signed)
        changed[place] ^= 1 << place % 8
        assert not is_signed(key, bytes(changed), text)
    assert not is_signed(key, signed, text + b"!")


@settings(deadline=None)  # the arithmetic is slow, and a machine that is busy makes it slower
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511), st.booleans())
def test_it_says_what_openssl_says(secret: bytes, message: bytes, bit: int, change: bool) -> None:
    private = Ed25519PrivateKey.from_private_bytes(secret)
    signature = bytearray(private.sign(message))
    if change:
        signature[bit // 8] ^= 1 << bit % 8
    public = private.public_key().public_bytes_raw()
    assert is_signed(public, bytes(signature), message) is by_openssl(public, bytes(signature), message)


@settings(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
def test_what_nobody_signed_is_not_signed(public: bytes, signature: bytes) -> None:
    assert not is_signed(public, signature, b"x")


@settings(deadline=None)
@given(st.sampled_from(SMALL), st.sampled_from(SMALL), st.binary(max_size=8))
def test_a_key_under_which_everything_is_signed_is_none(public: bytes, commitment: bytes, message: bytes) -> None:
    """Such keys exist: OpenSSL takes them."""
    assert not is_signed(public, commitment + bytes(32), message)


def by_openssl(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def test_a_signature_has_one_form_only() -> None:
    """The same number written larger by the order of the curve would be a second signature of the same text."""
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    signature, public = private.sign(b"x"), private.public_key().public_bytes_raw()
    larger = int.from_bytes(signature[32:], "little") + ORDER
    assert not is_signed(public, signature[:32] + larger.to_bytes(32, "little"), b"x")


@pytest.mark.parametrize("y", [P, P + 1, (1 << 255) + 1, (1 << 255) + P - 1, 2])
def test_bytes_that_are_no_point_are_no_key(y: int) -> None:
    assert verify_evidence.point_of((y & ((1 << 256) - 1)).to_bytes(32, "little")) is None


@pytest.mark.parametrize(("key", "signature"), [(31, 64), (33, 64), (32, 63), (32, 65), (0, 0)])
def test_what_has_another_length_is_no_signature(key: int, signature: int) -> None:
    assert not is_signed(bytes(key), bytes(signature), b"")


@pytest.mark.parametrize("size", range(1, 18))
def test_its_proofs_are_those_of_the_mailroom(size: int) -> None:
    leaves = [leaf(bytes([number])) for number in range(size)]
    root = root_of(leaves)
    for place in range(size):
        proof = inclusion(leaves, place)
        assert is_included(leaves[place], place, size, proof, root)
        for other in range(size + 1):
            assert is_included(leaves[place], other, size, proof, root) is (other == place)
        for step, _ in enumerate(proof):
            assert not is_included(leaves[place], place, size, proof[:step], root)
        old, steps = root_of(leaves[: place + 1]), consistency(leaves, place + 1)
        assert is_consistent(place + 1, old, size, root, steps)
        assert not is_consistent(place + 1, old, size, root, [*steps, root])
        assert not is_consistent(place + 1, root, size, old, steps) or root == old


def test_it_needs_nothing_but_python() -> None:
    tree = ast.parse(Path(verify_evidence.__file__).read_text("utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in named} <= sys.stdlib_module_names
