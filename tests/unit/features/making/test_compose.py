"""Orders that another feature proposes: a card with what is there, or the job at once."""

from dataclasses import replace

from handlers.dialogue.effects import Compose, Say
from handlers.features.making.dialogue_state import ASK, CONFIRM
from kie.catalogue.input import Complaint
from kie.catalogue.user_file import UserFile
from kie.money.ledger import Account
from tests.support.chats.talk import PROMPT, SHOP, Talk
from tests.support.edges import telegram_updates as telegram

PICTURE = UserFile("a-photo", "image", 0, "image.jpg", "image/jpeg").as_json()
INPUTS = {"prompt": PROMPT, "aspect_ratio": "3:4", "nsfw_checker": True}
EDIT = "google/nano-banana-edit"


def test_the_card_shows_the_same_request() -> None:
    talk = Talk().composes(Compose("z-image", INPUTS, source=12))

    assert talk.dialogue.step == CONFIRM
    assert talk.dialogue.answers["inputs"] == {"prompt": PROMPT, "aspect_ratio": "3:4"}
    assert isinstance(talk.effects[-1], Say)


def test_the_job_of_such_a_card_answers_the_words_that_the_order_came_from() -> None:
    talk = Talk().composes(Compose("z-image", INPUTS, source=12)).presses("Create")

    assert talk.started[0].job.wish_message_id == 12


def test_a_job_answers_the_message_with_its_words() -> None:
    words = telegram.message(text=PROMPT)
    talk = Talk().hear(words).presses("Create")

    assert talk.started[0].job.wish_message_id == words["message"]["message_id"]


def test_what_is_no_longer_accepted_gives_way_to_its_default() -> None:
    talk = Talk().composes(Compose("z-image", {**INPUTS, "aspect_ratio": "2:1", "seed": 5}))

    assert talk.dialogue.answers["inputs"] == {"prompt": PROMPT, "aspect_ratio": "1:1"}


def test_a_picture_comes_with_the_order_and_the_words_are_asked_for() -> None:
    talk = Talk().composes(Compose(EDIT, {"image_urls": [PICTURE]}))

    assert (talk.dialogue.step, talk.dialogue.answers["asking"]) == (ASK, "prompt")
    talk.says("make it night")
    assert talk.dialogue.step == CONFIRM
    assert talk.dialogue.answers["inputs"]["image_urls"] == [PICTURE]


def test_one_answer_is_given_anew_and_the_others_stay() -> None:
    talk = Talk().composes(Compose("z-image", INPUTS, "aspect_ratio")).presses("16:9")

    assert talk.dialogue.step == CONFIRM
    assert talk.dialogue.answers["inputs"] == {"prompt": PROMPT, "aspect_ratio": "16:9"}


def test_another_model_is_chosen_for_the_same_words() -> None:
    talk = Talk().composes(Compose("z-image", INPUTS, other=True))

    assert talk.dialogue.answers["inputs"]["prompt"] == PROMPT
    assert {"model||z-image", "model||google/nano-banana"} <= {e.press for e in talk.buttons}
    talk.presses("Nano Banana ·")

    assert talk.dialogue.answers["inputs"]["prompt"] == PROMPT
    assert talk.dialogue.answers["model"] == "google/nano-banana"


def test_a_button_that_has_said_the_price_makes_the_job_and_leaves_the_dialogue_alone() -> None:
    talk = Talk(account=Account(balance=2)).says("/start")
    before = talk.dialogue
    talk.composes(Compose("z-image", INPUTS, source=12, repeats=5, price=2))

    (started,) = talk.started
    assert (started.job.inputs, started.job.repeats) == (INPUTS, 5)
    assert started.job.status_message_id is None
    assert talk.dialogue == before


def test_a_price_that_has_risen_is_asked_about() -> None:
    used_up = Account(balance=2, free_used={"z-image": 20})
    talk = Talk(account=used_up).composes(Compose("z-image", INPUTS, price=0))

    assert not talk.started
    assert talk.dialogue.step == CONFIRM


def test_a_press_that_came_too_late_is_asked_about() -> None:
    talk = Talk(late=True, account=Account(balance=2))
    talk.composes(Compose("z-image", INPUTS, price=2))

    assert not talk.started
    assert talk.dialogue.step == CONFIRM


def test_too_few_credits_lead_to_the_top_up() -> None:
    account = Account(balance=1, free_used={"z-image": 20})
    talk = Talk(account=account).composes(Compose("z-image", INPUTS, price=2))

    assert not talk.started
    assert "1" in talk.screen.text


def test_what_the_catalogue_refuses_by_now_is_not_ordered_blindly() -> None:
    offer = replace(SHOP.offers["z-image"], complaints=lambda _: [Complaint("prompt", "missing")])
    talk = Talk(replace(SHOP, offers={"z-image": offer}), account=Account(balance=9))
    talk.composes(Compose("z-image", INPUTS, price=2))

    assert not talk.started


def test_a_model_that_is_gone_says_so() -> None:
    talk = Talk(replace(SHOP, offers={})).composes(Compose("z-image", INPUTS))

    assert not talk.started
    assert talk.effects
