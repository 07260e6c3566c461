"""Numbers that people read out: every slip changes the check letter."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mailroom.domain.references import make_reference, near_references, number_in, read_reference, references_in

NUMBERS = [1, 9, 10, 4417, 99_999, 100_000, 999_999, *range(7, 1_000_000, 16_381)]


def slips(reference: str) -> set[str]:
    """Every reference that differs by one digit, or by a swap of two neighbouring digits."""
    places = [place for place, character in enumerate(reference) if character.isdigit()]
    found = set()
    for place in places:
        found |= {reference[:place] + digit + reference[place + 1 :] for digit in "0123456789"}
    for left, right in pairwise(places):
        swapped = list(reference)
        swapped[left], swapped[right] = swapped[right], swapped[left]
        found.add("".join(swapped))
    return found - {reference}


@pytest.mark.parametrize("number", NUMBERS)
def test_every_wrong_digit_and_every_swap_of_neighbours_is_caught(number: int) -> None:
    for year in (2000, 2026, 2099):
        reference = make_reference("HD", year, number)
        wrong = slips(reference)
        assert len(wrong) >= 72
        assert [slip for slip in wrong if read_reference(slip) is not None] == []


@pytest.mark.parametrize("number", [1, 4417, 999_999])
def test_every_wrong_check_letter_is_caught(number: int) -> None:
    reference = make_reference("HD", 2026, number)
    others = [reference[:-1] + letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter != reference[-1]]
    assert [other for other in others if read_reference(other) is not None] == []


@pytest.mark.parametrize("typed", ["hd-26-004417-{}", "HD26004417{}", " HD 26 004417 {} ", "Hd-26004417-{}"])
def test_it_is_read_however_it_is_typed(typed: str) -> None:
    reference = make_reference("HD", 2026, 4417)
    assert read_reference(typed.format(reference[-1])) == reference
    assert read_reference(typed.format(reference[-1].lower())) == reference


@pytest.mark.parametrize("text", ["", "HD", "26-004417-K", "HD-26-4417-K", "HD-26-004417", "HDXYZ-26-004417-K", "bins"])
def test_what_is_no_reference_is_none(text: str) -> None:
    assert read_reference(text) is None


@pytest.mark.parametrize("number", [0, -1, 10_000_000])
def test_a_number_that_does_not_fit_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="seven digits"):
        make_reference("HD", 2026, number)


def test_references_sort_by_arrival() -> None:
    made = [make_reference("HD", year, number) for year in (2026, 2027) for number in (1, 2, 10, 999_999)]
    assert sorted(made) == made


def test_the_millionth_of_a_year_has_a_digit_more_and_is_read_like_every_other() -> None:
    made = [make_reference("HD", 2026, number) for number in (999_999, 1_000_000, 9_999_999)]
    assert [reference[:-2] for reference in made] == ["HD-26-999999", "HD-26-1000000", "HD-26-9999999"]
    assert [read_reference(reference.replace("-", "").lower()) for reference in made] == made
    assert references_in(f"Re {made[1]}, and {made[0]}.") == [made[1], made[0]]
    assert made[1] in near_references(made[1].replace("1000000", "1000001"))


def test_no_reference_has_a_seventh_digit_that_is_nought() -> None:
    reference = make_reference("HD", 2026, 4417)
    assert read_reference(reference.replace("-26-", "-26-0")) is None


def test_what_one_slip_makes_of_a_reference_leads_back_to_it() -> None:
    reference = make_reference("HD", 2026, 4417)
    slips = [f"{reference[:at]}{digit}{reference[at + 1 :]}" for at in (3, 4, 6, 8, 11) for digit in "0123456789"]
    swapped = reference.replace("0044", "0404")
    for slip in [*slips, swapped, reference[:-1] + "T"]:
        assert slip == reference or reference in near_references(slip.lower())
        assert len(near_references(slip)) < 20


def test_what_is_a_reference_or_none_is_near_to_none() -> None:
    assert near_references(make_reference("HD", 2026, 4417)) == near_references("bins") == near_references("") == []


def test_numbers_of_references_grow_over_the_years() -> None:
    numbers = [number_in(make_reference("HD", year, number)) for year in (2026, 2027) for number in (1, 9_999_999)]
    assert numbers == [260_000_001, 269_999_999, 270_000_001, 279_999_999]
    assert number_in("R1") is None
