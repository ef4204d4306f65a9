"""What can be done in a row of the test of served situations."""

from typing import Any

from kie.api.outcome import Failure
from tests.support.edges import telegram_updates as telegram
from tests.support.served_situations.served import COLLEAGUE, GROUP, WISH, Act, Served


def says(words: str, russian: str | None = None) -> Act:
    return lambda chat: telegram.message(
        chat.user, text=russian if russian is not None and chat.russian else words
    )


def press(data: str) -> Act:
    return lambda chat: telegram.press(chat.button(data), chat.user)


def gets(credits: int) -> Act:
    return lambda chat: chat.gets(credits)


def fails(failure: Failure) -> Act:
    return lambda chat: chat.fails(failure)


def all_fail(failure: Failure, jobs: int = 3) -> Act:
    return lambda chat: chat.fails(failure, jobs)


def comes(chat: Served) -> None:
    chat.comes()


def being_made(usual: float = 0.0) -> Act:
    return lambda chat: chat.being_made(usual)


def away(seconds: float) -> Act:
    return lambda chat: chat.away(seconds)


def arrives(chat: Served) -> None:
    chat.arrives()


def link_dies(chat: Served) -> None:
    chat.link_dies()


def changes(**columns: object) -> Act:
    return lambda chat: chat.changes(**columns)


def restarts(chat: Served) -> None:
    chat.restarts()


def kie(trouble: str | None) -> Act:
    return lambda chat: chat.kie(trouble)


def alarms(chat: Served) -> None:
    chat.alarms()


def customer(act: Act, number: int = 1) -> Act:
    """Somebody else does it, in a chat of their own."""
    return lambda chat: chat.others(act, number)


def colleague_decides(chat: Served) -> None:
    """Another operator approves the last receipt."""
    chat.others(lambda other: telegram.press(f"receipt_yes||{other.receipt}", COLLEAGUE))


def decides(chat: Served) -> dict[str, Any]:
    return telegram.press(f"receipt_yes||{chat.receipt}", chat.user)


def bans(chat: Served) -> dict[str, Any]:
    return telegram.press(f"person_ban||{chat.customer}", chat.user)


def press_last(data: str, argument: str) -> Act:
    """Press the shown button that begins with ``data`` and ends with ``argument``."""

    def act(chat: Served) -> dict[str, Any]:
        start, version, _ = f"{chat.button(data)}||".split("|")[:3]
        return telegram.press(f"{start}|{version}|{argument}", chat.user)

    return act


def refunds(chat: Served) -> dict[str, Any]:
    """The operator's command for the customer's last job."""
    return telegram.message(chat.user, text=f"/refund {chat.customers_job}")


def membership(status: str) -> Act:
    """The user blocks the bot (``kicked``), or takes it back (``member``)."""

    def act(chat: Served) -> dict[str, Any]:
        update = telegram.message(chat.user)
        changed = {key: update["message"][key] for key in ("chat", "from", "date")}
        bot = {"id": 1, "is_bot": True, "first_name": "B"}
        for key, state in (("old_chat_member", "member"), ("new_chat_member", status)):
            changed[key] = {"user": bot, "status": state}
        return {"update_id": update["update_id"], "my_chat_member": changed}

    return act


def checks_out(stars: int = 50, *, foreign: bool = False) -> Act:
    """Somebody presses "Pay" under the last invoice."""

    def act(chat: Served) -> dict[str, Any]:
        update = telegram.checkout(chat.user + 5000 * foreign)
        asked = {"invoice_payload": chat.payload, "total_amount": stars}
        update["pre_checkout_query"] |= asked
        return update

    return act


def pays(charge: str = "a", *, stars: int = 50, back: bool = False) -> Act:
    """Stars arrive, or go back."""

    def act(chat: Served) -> dict[str, Any]:
        update = telegram.message(chat.user)
        update["message"]["refunded_payment" if back else "successful_payment"] = {
            "currency": "XTR",
            "total_amount": stars,
            "invoice_payload": chat.payload,
            "telegram_payment_charge_id": f"{chat.user}-{charge}",
        }
        return update

    return act


def stops(chat: Served) -> dict[str, Any]:
    """Press ✖️ of the last job, wherever it is shown."""
    return telegram.press(f"stop||{chat.job}", chat.user)


def receipt(chat: Served) -> dict[str, Any]:
    file = {"file_id": "f", "file_unique_id": f"u{chat.user}", "width": 9, "height": 9}
    return telegram.message(chat.user, photo=[file])


def in_group(words: str, **more: Any) -> Act:
    def act(chat: Served) -> dict[str, Any]:
        marks = [{"type": "mention", "offset": 0, "length": 12}] if words[:1] == "@" else []
        place: dict[str, Any] = {"chat": GROUP, "message_thread_id": 77, "is_topic_message": True}
        update = telegram.message(chat.user, text=words, entities=marks, **place)
        update["message"] |= more
        return update

    return act


def pressed_in_group(data: str) -> Act:
    def act(chat: Served) -> dict[str, Any]:
        update = telegram.press(data, chat.user)
        update["callback_query"]["message"]["chat"] = GROUP
        return update

    return act


def in_topic(words: str) -> Act:
    return lambda chat: telegram.message(
        chat.user, text=words, message_thread_id=5, is_topic_message=True
    )


def again_for(price: int) -> Act:
    """Press a button that has said this price for the last job."""
    return lambda chat: telegram.press(f"again||{chat.job}:{price}", chat.user)


def reply_to_picture(words: str) -> Act:
    """A reply to a picture that the bot has sent."""

    def act(chat: Served) -> dict[str, Any]:
        size = {"file_id": "r", "file_unique_id": "r", "width": 9, "height": 9, "file_size": 9}
        update = telegram.message(chat.user, text=words)
        bot = {"id": 1, "is_bot": True, "first_name": "B"}
        picture = telegram.message(chat.user, photo=[size])["message"] | {"from": bot}
        update["message"]["reply_to_message"] = picture
        return update

    return act


def forwarded(words: str) -> Act:
    origin = {"type": "hidden_user", "date": 1, "sender_user_name": "X"}
    return lambda chat: telegram.message(chat.user, text=words, forward_origin=origin)


PAID = "/video waves"
CREATE = press("create")
ORDER = (says(WISH), CREATE)
INVOICE = press("buy||1")
BY_HAND = press("by_hand||")
SHORT = ("short", "Не хватает")
NOT_CHARGED = ("Nothing was charged", "Ничего не списано")
HELP = ("Help with payments", "Помощь с оплатой")
