"""The tree of RFC 6962: its known roots and proofs, and that nothing passes which was not in it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees_by_definition import consistency, inclusion, root_of

from mailroom.domain.merkle import EMPTY, Growing, joined, leaf
from mailroom.evidence.verify_evidence import is_consistent, is_included

# The entries and roots that the implementations of Certificate Transparency test themselves by.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf(bytes.fromhex(entry)) for entry in ENTRIES]
trees = st.integers(1, 70).map(lambda size: [leaf(str(number).encode()) for number in range(size)])


def slow_root(leaves: Sequence[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word for word."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return joined(slow_root(leaves[:middle]), slow_root(leaves[middle:]))


@pytest.mark.parametrize("size", range(1, 9))
def test_the_known_roots_are_found(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_a_tree_of_nothing_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY == Growing().root


def test_the_known_proofs_are_found() -> None:
    assert [one.hex() for one in inclusion(LEAVES[:3], 1)] == [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        LEAVES[2].hex(),
    ]
    assert [one.hex() for one in consistency(LEAVES, 1)] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


@given(trees)
def test_a_tree_that_grows_is_the_tree_of_the_definition(leaves: list[bytes]) -> None:
    assert root_of(leaves) == slow_root(leaves)


@given(trees, st.data())
def test_each_leaf_is_shown_to_be_in_it_at_its_place_and_at_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(leaves) - 1))
    proof, root = inclusion(leaves, place), root_of(leaves)
    assert is_included(leaves[place], place, len(leaves), proof, root)
    other = data.draw(st.integers(-1, len(leaves)))
    if other != place:
        assert not is_included(leaves[place], other, len(leaves), proof, root)
    assert not is_included(leaf(b"never there"), place, len(leaves), proof, root)
    assert not is_included(leaves[place], place, len(leaves), [*proof, EMPTY], root)
    assert not is_included(leaves[place], place, len(leaves), proof, leaf(b"another root"))


@given(trees, st.data())
def test_what_only_grew_is_consistent_and_what_was_changed_is_not(leaves: list[bytes], data: st.DataObject) -> None:
    before = data.draw(st.integers(1, len(leaves)))
    old, root, proof = root_of(leaves[:before]), root_of(leaves), consistency(leaves, before)
    assert is_consistent(before, old, len(leaves), root, proof)
    changed = list(leaves)
    changed[data.draw(st.integers(0, before - 1))] = leaf(b"edited afterwards")
    rewritten = consistency(changed, before)
    assert not is_consistent(before, old, len(leaves), root_of(changed), rewritten)
    assert not is_consistent(before, old, len(leaves), root_of(changed), proof)


@given(trees, st.data())
def test_a_log_that_was_cut_short_is_not_consistent(leaves: list[bytes], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(leaves) - 1))
    proof = data.draw(st.lists(st.sampled_from(leaves), max_size=6))
    assert not is_consistent(len(leaves), root_of(leaves), cut, root_of(leaves[:cut]), proof)


@pytest.mark.parametrize("place", [-1, 8])
def test_a_leaf_that_is_not_there_has_no_proof(place: int) -> None:
    with pytest.raises(IndexError):
        inclusion(LEAVES, place)


@pytest.mark.parametrize("before", [0, 9])
def test_a_tree_that_never_was_has_no_proof(before: int) -> None:
    with pytest.raises(IndexError):
        consistency(LEAVES, before)


def test_full_trees_that_a_tree_of_its_size_has_not_cannot_be() -> None:
    tree = Growing()
    for one in LEAVES[:3]:
        tree.add(one)
    left, right = tree.full
    assert tree.can_be
    for full in ([tree.root], [left + right[:1], right[1:]], [*tree.full, left]):
        assert not Growing(3, full).can_be
    assert Growing(3, [tree.root]).root == Growing(3, [left + right[:1], right[1:]]).root == tree.root
