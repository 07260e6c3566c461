"""Proofs from one walk over the log are the very proofs that the tree gives from all its leaves."""

from __future__ import annotations

import pytest
from trees_by_definition import consistency, inclusion

from mailroom.domain.merkle import Growing, leaf
from mailroom.domain.merkle_paths import consistency_covers, gather, inclusion_covers, proof_of

LEAVES = [leaf(number.to_bytes(2, "big")) for number in range(70)]


def fulls(*sizes: int) -> dict[int, list[bytes]]:
    """The full trees of heads that were signed when the log had these sizes."""
    return {size: grown_to(size).full for size in sizes}


def grown_to(size: int) -> Growing:
    tree = Growing()
    for one in LEAVES[:size]:
        tree.add(one)
    return tree


def between(first: int, last: int) -> list[bytes]:
    return LEAVES[first:last]


@pytest.mark.parametrize("days", [1, 3, 8, 70], ids=lambda days: f"a head after {days} events each")
@pytest.mark.parametrize("size", [*range(1, 20), 31, 32, 33, 63, 64, 65, 70])
def test_they_are_those_of_the_tree(size: int, days: int) -> None:
    covers = [inclusion_covers(place, size) for place in range(size)]
    steps = [consistency_covers(before, size) for before in range(1, size + 1)]
    heads = fulls(*range(days, size, days), size)
    found = gather((node for one in (*covers, *steps) for cover in one for node in cover), heads, between)
    assert [proof_of(one, found) for one in covers] == [inclusion(LEAVES[:size], place) for place in range(size)]
    assert [proof_of(one, found) for one in steps] == [consistency(LEAVES[:size], at + 1) for at in range(size)]


def test_only_the_days_are_read_in_which_something_ends_that_no_head_knows() -> None:
    asked = list[tuple[int, int]]()

    def read(first: int, last: int) -> list[bytes]:
        asked.append((first, last))
        return LEAVES[first:last]

    covers = [*inclusion_covers(40, 42), *consistency_covers(42, 70)]
    wanted = {node for cover in covers for node in cover}
    assert gather(wanted, fulls(7, 14, 21, 28, 35, 42, 49, 56, 63, 70), read).keys() == wanted
    assert asked == [(35, 42), (42, 49), (63, 70)]


@pytest.mark.parametrize(("place", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_what_is_not_in_it(place: int, size: int) -> None:
    with pytest.raises(IndexError):
        inclusion_covers(place, size)


@pytest.mark.parametrize(("before", "size"), [(0, 3), (4, 3)])
def test_a_tree_grew_from_no_greater_one(before: int, size: int) -> None:
    with pytest.raises(IndexError):
        consistency_covers(before, size)
