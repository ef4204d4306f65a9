"""Invitations, promo codes and links, as pure functions of facts."""

from dataclasses import replace

import pytest

from handlers.features.gifts.codes import EndPromo, Lists, MakePromo, Redeem
from handlers.features.gifts.invitations import CountVisit, NoteInvite
from kie.money.invites import Invitation
from kie.money.promos import Promo, folded
from tests.support.chats.talk import SHOP, Talk

OPERATORS = replace(SHOP, admins=frozenset({7}))


def test_the_own_link_is_shown_with_a_button_that_shares_it() -> None:
    talk = Talk(loads={"own": Invitation("0123456789", 3, 1)}).says("/invite")
    assert "https://t.me/painter_bot?start=r_0123456789" in talk.screen.text
    assert "Joined: 3, paid: 1." in talk.screen.text
    assert "start%3Dr_0123456789" in talk.buttons[0].url


def test_links_are_read_in_one_place_and_lead_home_too() -> None:
    talk = Talk().says("/start r_0123456789")
    assert [each for each in talk.effects if isinstance(each, NoteInvite)] == [
        NoteInvite("0123456789")
    ]
    talk = Talk().says("/start c_autumn-26")
    assert [each for each in talk.effects if isinstance(each, CountVisit)] == [
        CountVisit("autumn-26")
    ]
    talk = Talk().says("/start p_FOX-50")
    assert [each for each in talk.effects if isinstance(each, Redeem)] == [Redeem("FOX-50")]


@pytest.mark.parametrize("payload", ["r_", "r_0123", "r_<script>", "c_", "c_ü", "z_1", "r", "_"])
def test_a_link_that_is_none_gives_nothing(payload: str) -> None:
    talk = Talk().says(f"/start {payload}")
    gifts = NoteInvite | CountVisit | Redeem
    assert not any(isinstance(each, gifts) for each in talk.effects)
    assert talk.effects


def test_a_code_is_redeemed_and_without_one_the_way_is_told() -> None:
    assert Talk().says("/promo fox").effects == (Redeem("fox"),)
    assert "/promo CODE" in Talk().says("/promo").screen.text


@pytest.mark.parametrize(
    ("words", "effect"),
    [
        ("new fox 50 100", MakePromo(Promo("FOX", 50, 100))),
        ("new FOX 50 100 7 new", MakePromo(Promo("FOX", 50, 100, 7, True))),
        ("new FOX 50 100 new", MakePromo(Promo("FOX", 50, 100, None, True))),
        ("new FOX 20% 100 7", MakePromo(Promo("FOX", 0, 100, 7, percent=20))),
        ("off fox", EndPromo("FOX")),
        ("FOX", Redeem("FOX")),
    ],
)
def test_operators_make_codes_and_switch_them_off(words: str, effect: object) -> None:
    talk = Talk(OPERATORS, loads={"lists": Lists()}).says(f"/promo {words}")
    assert talk.effects == (effect,)


@pytest.mark.parametrize(
    "words", ["new", "new FOX", "new FOX 0 5", "new FOX 5 0", "new FOX 5 5 0", "new x 5 5"]
)
def test_what_is_no_code_is_not_made(words: str) -> None:
    talk = Talk(OPERATORS, loads={"lists": Lists()}).says(f"/promo {words}")
    assert not any(isinstance(each, MakePromo) for each in talk.effects)


def test_nobody_else_makes_codes() -> None:
    assert Talk().says("/promo new FOX 50 100").effects == (Redeem("new FOX 50 100"),)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("fox-50", "FOX-50"),
        (" ЕТО ", "ETO"),
        ("РЕКА", "PEKA"),
        ("x", ""),
        ("a b c", ""),
        ("ЖУК", ""),
    ],
)
def test_case_and_letters_that_look_alike_are_folded(typed: str, code: str) -> None:
    assert folded(typed) == code
