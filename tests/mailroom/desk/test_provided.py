"""An account follows its owner's groups, also when they lose them, and is nobody else's when a name is used again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mailroom.desk.accounts import Post, account, join, leave, reset
from mailroom.desk.acting import Refused
from mailroom.desk.audit import NotThere
from mailroom.desk.back_office import allocate
from mailroom.desk.provided import Vouched, account_for, vouched_from
from mailroom.desk.signing_in import person_of, sign_in_by_provider
from mailroom.domain.access import Role, Viewer
from mailroom.records.tables import Item
from mailroom.services import Services
from mailroom.settings import Provider

BOSS = Viewer("boss", frozenset({Role.ADMINISTRATOR}))
NOOR = Vouched("https://id.example|7", "noor", "Noor", frozenset({"G-post", "G-limited"}))


@pytest.fixture
def services(services: Services) -> Services:
    provider = Provider(roles={"G-post": Role.POST_ROOM}, limited_groups=("G-limited",))
    web = services.settings.web.model_copy(update={"provider": provider})
    return replace(services, settings=services.settings.model_copy(update={"web": web}))


def test_whoever_loses_all_groups_loses_what_they_had_at_once_and_everywhere(services: Services) -> None:
    token = sign_in_by_provider(account_for(NOOR, services), services)
    person = person_of(token, services)
    assert person is not None
    assert (person.viewer.roles, person.viewer.named_for_limited) == ({Role.POST_ROOM}, True)
    with pytest.raises(Refused, match="None of your groups"):
        account_for(replace(NOOR, groups=frozenset({"other"})), services)
    assert person_of(token, services) is None
    found = account("noor", BOSS, services)
    assert (found["roles"], found["named_for_limited"]) == ([], False)


def test_whoever_has_no_group_of_ours_gets_no_account(services: Services) -> None:
    with pytest.raises(Refused, match="None of your groups"):
        account_for(replace(NOOR, groups=frozenset()), services)
    with pytest.raises(NotThere):
        account("noor", BOSS, services)


def test_a_name_that_is_used_again_is_not_the_first_one_s(services: Services) -> None:
    account_for(NOOR, services)
    leave("noor", BOSS, services)
    with pytest.raises(Refused, match="closed"):
        account_for(NOOR, services)
    join("noor", "Another Noor", Post(frozenset({Role.MANAGER})), BOSS, services)
    with pytest.raises(Refused, match="somebody's here"):
        account_for(NOOR, services)
    found = account("noor", BOSS, services)
    assert (found["display_name"], found["roles"], found["named_for_limited"]) == ("Another Noor", ["manager"], False)


def test_the_provider_s_people_get_no_password_of_ours(services: Services) -> None:
    account_for(NOOR, services)
    with pytest.raises(Refused, match="through the identity provider"):
        reset("noor", BOSS, services)


@pytest.mark.parametrize("name", ["provider", "machine", "new", "Web"])
def test_words_of_our_own_are_no_names(services: Services, name: str) -> None:
    with pytest.raises(Refused, match="somebody's here"):
        account_for(replace(NOOR, name=name.casefold()), services)
    with pytest.raises(Refused, match="word of the mailroom's own"):
        join(name, "X", Post(frozenset({Role.MANAGER})), BOSS, services)


@pytest.mark.parametrize(
    ("claims", "name", "groups"),
    [
        ({"sub": "7", "preferred_username": "Noor.Ali@council.example", "groups": ["a", "b"]}, "noor.ali", {"a", "b"}),
        ({"sub": "7", "email": "noor@council.example", "groups": "a"}, "noor", set()),
        ({"sub": "7"}, "7", set()),
    ],
)
def test_claims_are_read_as_providers_write_them(claims: dict[str, object], name: str, groups: set[str]) -> None:
    vouched = vouched_from("https://id.example", claims, "groups")
    assert (vouched.subject, vouched.name, vouched.groups) == ("https://id.example|7", name, groups)


def test_whoever_leaves_a_team_by_their_groups_leaves_its_cases_there(
    services: Services, settled: Item, sam: Viewer, fresh: Callable[[str], Item]
) -> None:
    provider = Provider(roles={"G-tax": Role.BACK_OFFICE}, teams={"G-tax": "revenues"})
    web = services.settings.web.model_copy(update={"provider": provider})
    services = replace(services, settings=services.settings.model_copy(update={"web": web}))
    tina = Vouched("https://id.example|9", "tina", "Tina", frozenset({"G-tax"}))
    account_for(tina, services)
    allocate(settled.id, "tina", sam, services)
    with pytest.raises(Refused, match="None of your groups"):
        account_for(replace(tina, groups=frozenset()), services)
    case = fresh(settled.id).case
    assert case is not None
    assert case.owner == "team:revenues"
