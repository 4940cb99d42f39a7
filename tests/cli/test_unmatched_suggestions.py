"""Which accounts are suggested to users without one, in what order, and why."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping

import pytest

from rostersync.model.directory import Account
from rostersync.model.snapshot import Role, User
from rostersync.pipeline.suggesting import LIMIT, Handle, Suggestion, handle, suggest

ADA = User(
    (Role("student"),),
    given_name="Ada",
    family_name="Lovelace",
    email="ada.lovelace@example.org",
    username="alove7",
    identifier="0071",
    master_identifier="m-71",
)


def near(
    *accounts: Account, user: User = ADA, taken: Mapping[str, str] | None = None, match_disabled: bool = False
) -> list[tuple[str, int, str]]:
    """What is suggested to one user: accounts, scores and reasons."""
    found = suggest({"s-1": user}, accounts, taken or {}, match_disabled=match_disabled)
    return [(one.account_id, one.score, one.why) for one in found.get("s-1", ())]


def named(given: str | None, family: str | None, email: str | None = None) -> User:
    return User((Role("student"),), given_name=given, family_name=family, email=email)


@pytest.mark.parametrize(
    ("account", "why"),
    [
        (Account("1", identifier="0071"), "has the same identifier 0071"),
        (Account("1", username="M-71 "), "its username is the userMasterIdentifier M-71 "),
        (Account("1", sourced_id="S-1"), "has the same sourcedId S-1"),
        (Account("1", ("x@a", "ALOVE7")), "its email is the username ALOVE7"),
        (Account("1", master_identifier="m-71"), "has the same userMasterIdentifier m-71"),
    ],
)
def test_an_equal_key_is_the_surest_sign_whatever_match_by_says(account: Account, why: str) -> None:
    assert near(account) == [("1", 100, why)]


def test_seven_is_not_double_o_seven() -> None:
    assert near(Account("1", identifier="71")) == []


@pytest.mark.parametrize(
    ("email", "score", "why"),
    [
        ("ada.lovelace@else.example", 98, "is ada.lovelace@example.org in another domain"),
        ("ADA.Lovelace@else.example", 98, "is ada.lovelace@example.org in another domain"),
        ("adalovelace@example.org", 97, "is like the email ada.lovelace@example.org"),
        ("Àda-Lovelacé@example.org", 97, "is like the email ada.lovelace@example.org"),
        ("ada.lovlace@example.org", 95, "is like the email ada.lovelace@example.org"),
        ("ada.lovelace2@example.org", 96, "is like the email ada.lovelace@example.org"),
        ("lovelace.ada@example.org", 97, "is like the name Ada Lovelace"),
        ("alovelace@example.org", 90, "is like the email ada.lovelace@example.org"),
    ],
)
def test_addresses_that_come_near(email: str, score: int, why: str) -> None:
    assert near(Account("1", (email,))) == [("1", score, f"its email {email} {why}")]


def test_an_initial_and_the_name_are_a_sign() -> None:
    user = named("Maximiliane", "Orr")
    said = "is like an initial and the name"
    assert near(Account("1", username="morr"), user=user) == [("1", 85, f"its username morr {said}")]
    assert near(Account("1", username="orrm3"), user=user) == [("1", 85, f"its username orrm3 {said}")]


def test_names_in_any_script_are_compared() -> None:
    assert near(Account("1", ("олга.петрова@x",)), user=named("Олга", "Петрова"))[0][1] == 97
    assert near(Account("1", ("jurgen.muller@x",)), user=named("Jürgen", "Müller"))[0][1] == 97


@pytest.mark.parametrize("email", ["bob.marley@example.org", "dove@example.org", "7@example.org", "@", ""])
def test_what_is_not_near_is_not_suggested(email: str) -> None:
    assert near(Account("1", (email,))) == []


def test_other_digits_are_another_person() -> None:
    user = named(None, None, "jo.stone21@example.org")
    assert near(Account("1", ("jo.stone22@example.org",)), user=user) == []
    assert near(Account("1", ("jo.stone@example.org",)), user=user)[0][0] == "1"
    numbers = named(None, None, "4711@example.org")
    assert near(Account("1", ("4712@example.org",)), user=numbers) == []


def test_a_user_without_anything_gets_no_suggestion() -> None:
    assert near(Account("1", ("ada@x",), username="ada"), user=User((Role("student"),))) == []


def test_an_account_of_somebody_else_is_suggested_for_an_equal_key_alone() -> None:
    account = Account("1", ("ada.lovelace@else.example",), identifier="0071")
    assert near(account, taken={"1": "s-9"}) == [("1", 100, "has the same identifier 0071; it is the account of s-9")]
    assert near(account._replace(identifier=None), taken={"1": "s-9"}) == []


def test_a_disabled_account_is_said_to_be() -> None:
    account = Account("1", (ADA.email or "",), disabled=True)
    said = f"has the same email {ADA.email}"
    assert near(account) == [("1", 100, f"{said}; it is disabled (directory.match_disabled)")]
    assert near(account, match_disabled=True) == [("1", 100, said)]


def test_the_best_come_first_and_there_are_few() -> None:
    accounts = [
        Account("far", ("ada.lovelice@example.org",)),
        Account("off", ("ada.lovelace@x.example",), disabled=True),
        Account("twin", ("ada.lovelace@x.example",)),
        Account("same", ("x@x",), identifier="0071"),
        Account("farther", ("ada.lavelice@example.org",)),
    ]
    assert [one[0] for one in near(*accounts)] == ["same", "twin", "off"]
    assert near(*accounts) == near(*reversed(accounts))
    assert LIMIT == 3


def test_an_account_comes_once_by_its_best_sign_with_its_first_address() -> None:
    account = Account("1", ("lovelace@x", "ada.lovelace@else.example"), username="alove7")
    found = suggest({"s-1": ADA}, [account], {}, match_disabled=False)
    assert found == {"s-1": (Suggestion("1", "lovelace@x", 100, "has the same username alove7"),)}
    assert suggest({"s-1": ADA}, [Account("1", username="alove7")], {}, match_disabled=False)["s-1"][0].email is None


def test_several_users_are_told_apart() -> None:
    users = {"s-1": ADA, "s-2": named("Bo", "Marley", "bo.marley@example.org")}
    accounts = [Account("1", ("bo.marley@else.example",)), Account("2", ("ada.lovelace@else.example",))]
    found = suggest(users, accounts, {}, match_disabled=False)
    assert {who: [one.account_id for one in ones] for who, ones in found.items()} == {"s-1": ["2"], "s-2": ["1"]}


def test_handles() -> None:
    assert handle(" Ada.O'Neil-23@x.org ") == Handle("adaoneil", "23", "Ada.O'Neil-23@x.org")
    assert handle("Straße_٣") == Handle("strasse", "٣", "Straße_٣")
    assert handle("@x") == Handle("", "", "@x")


def test_many_users_are_compared_with_very_many_accounts_quickly() -> None:
    chance = random.Random(1)  # noqa: S311 - names, not secrets
    names = [[_name(chance) for _ in range(count)] for count in (400, 2000)]
    people = [(chance.choice(names[0]), chance.choice(names[1])) for _ in range(100_000)]
    accounts = [
        Account(f"a{n}", (f"{given}.{family}{n}@example.org",), f"{given[0]}{family}{n}")
        for n, (given, family) in enumerate(people)
    ]
    taken = {account.id: "somebody" for account in accounts[300:]}
    users = {f"s{n}": named(*people[n], email=f"{people[n][0]}.{people[n][1]}@example.org") for n in range(300)}
    began = time.process_time()
    found = suggest(users, accounts, taken, match_disabled=False)
    assert time.process_time() - began < 10  # half a second where nothing else runs
    assert all(f"a{n}" in {one.account_id for one in found[f"s{n}"]} for n in range(300))


def _name(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprst") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))
