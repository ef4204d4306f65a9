"""Stars in the simulated Telegram: the invoice, the question, the payment, the refund."""

from typing import Any

import pytest

from sandbox.telegram import TelegramSandbox
from tests.support.edges.sandbox_telegram import USER, Api, serve

INVOICE: dict[str, Any] = {
    "title": "100 credits",
    "description": "For pictures",
    "payload": "order-1",
    "currency": "XTR",
    "prices": [{"label": "100 credits", "amount": 50}],
}


async def updates(api: Api, kind: str) -> list[dict[str, Any]]:
    found = (await api("getUpdates"))["result"]
    return [update[kind] for update in found if kind in update]


async def pay(sandbox: TelegramSandbox, api: Api, **where: Any) -> None:
    query = sandbox.queries.pay(USER, **where)
    assert (await api("answerPreCheckoutQuery", pre_checkout_query_id=query, ok=True))["ok"]


def test_a_payment_moves_the_stars_only_after_a_good_answer() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        sent = (await api("sendInvoice", chat_id=USER, start_parameter="s", **INVOICE))["result"]
        assert sent["invoice"]["total_amount"] == 50
        query = sandbox.queries.pay(USER, sent["message_id"])
        assert (await api("getMyStarBalance"))["result"]["amount"] == 0
        answer = {"pre_checkout_query_id": query, "ok": False, "error_message": "sold out"}
        await api("answerPreCheckoutQuery", **answer)
        assert (await api("getMyStarBalance"))["result"]["amount"] == 0
        await pay(sandbox, api, message_id=sent["message_id"])
        assert (await api("getMyStarBalance"))["result"]["amount"] == 50
        *_, message = await updates(api, "message")
        assert message["successful_payment"]["invoice_payload"] == "order-1"

    serve(use)


def test_one_invoice_can_be_paid_twice_and_each_payment_has_its_own_id() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        link = (await api("createInvoiceLink", **INVOICE))["result"]
        for _ in range(2):
            await pay(sandbox, api, link=link)
        ids = [
            message["successful_payment"]["telegram_payment_charge_id"]
            for message in await updates(api, "message")
        ]
        assert len(set(ids)) == 2
        listed = (await api("getStarTransactions"))["result"]["transactions"]
        assert [entry["id"] for entry in listed] == ids
        assert (
            len((await api("getStarTransactions", offset=1, limit=5))["result"]["transactions"])
            == 1
        )

    serve(use)


def test_a_refund_happens_once_and_is_told() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        await pay(sandbox, api, link=(await api("createInvoiceLink", **INVOICE))["result"])
        (charge,) = sandbox.state.purse.payments
        given = {"user_id": USER, "telegram_payment_charge_id": charge}
        assert (await api("refundStarPayment", **given))["ok"]
        again = await api("refundStarPayment", **given)
        assert "CHARGE_ALREADY_REFUNDED" in again["description"]
        other = await api("refundStarPayment", **{**given, "user_id": 1001})
        assert "CHARGE_ID_INVALID" in other["description"]
        assert (await api("getMyStarBalance"))["result"]["amount"] == 0
        *_, message = await updates(api, "message")
        assert message["refunded_payment"]["telegram_payment_charge_id"] == charge
        listed = (await api("getStarTransactions"))["result"]["transactions"]
        assert ["receiver" in entry for entry in listed] == [False, True]

    serve(use)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"currency": "USD"}, "CURRENCY_INVALID"),
        ({"provider_token": "x"}, "PROVIDER"),
        ({"title": "x" * 33}, "TITLE"),
        ({"description": "x" * 256}, "DESCRIPTION"),
        ({"payload": "ж" * 65}, "PAYLOAD"),
        ({"prices": [{"label": "a", "amount": 1}] * 2}, "STARS_INVOICE"),
        ({"prices": [{"label": "a", "amount": 0}]}, "TOTAL_AMOUNT"),
        ({"prices": [{"label": "a", "amount": 1.5}]}, "TOTAL_AMOUNT"),
        ({"prices": [{"label": "a", "amount": 10_001}]}, "TOTAL_AMOUNT"),
        ({"subscription_period": 60}, "SUBSCRIPTION"),
        ({"subscription_period": 2_592_001}, "SUBSCRIPTION"),
    ],
)
def test_an_invoice_that_telegram_refuses(changes: dict[str, Any], problem: str) -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        answer = await api("createInvoiceLink", **{**INVOICE, **changes})
        assert problem in answer["description"]

    serve(use)


def test_a_forwarded_copy_of_an_invoice_can_be_paid_unless_it_leads_to_the_bot() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        for start, payable in (("", True), ("start", False)):
            given = {**INVOICE, "start_parameter": start}
            sent = (await api("sendInvoice", chat_id=USER, **given))["result"]
            copy = {"message_id": sent["message_id"], "owner": USER}
            if payable:
                assert sandbox.queries.pay(1003, **copy)
            else:
                with pytest.raises(ValueError, match="start_parameter"):
                    sandbox.queries.pay(1003, **copy)

    serve(use)


def test_apple_and_google_take_stars_back() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        await pay(sandbox, api, link=(await api("createInvoiceLink", **INVOICE))["result"])
        (charge,) = sandbox.state.purse.payments
        sandbox.queries.charge_back(charge)
        assert (await api("getMyStarBalance"))["result"]["amount"] == 0

    serve(use)


MONTHLY = {**INVOICE, "subscription_period": 2_592_000}


async def subscribe(sandbox: TelegramSandbox, api: Api) -> str:
    await pay(sandbox, api, link=(await api("createInvoiceLink", **MONTHLY))["result"])
    (charge,) = sandbox.state.purse.subscriptions
    return charge


async def ends(api: Api, charge: str, *, user: int = USER, ended: bool = True) -> dict[str, Any]:
    given = {"user_id": user, "telegram_payment_charge_id": charge, "is_canceled": ended}
    return await api("editUserStarSubscription", **given)


def test_a_subscription_is_renewed_until_it_ends() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        charge = await subscribe(sandbox, api)
        renewal = sandbox.queries.renew(charge)
        first, second = [each["successful_payment"] for each in await updates(api, "message")]
        assert first["is_recurring"] and first["is_first_recurring"]
        assert second["is_recurring"] and "is_first_recurring" not in second
        assert second["invoice_payload"] == first["invoice_payload"]
        month = second["subscription_expiration_date"] - first["subscription_expiration_date"]
        assert month == 2_592_000
        listed = (await api("getStarTransactions"))["result"]["transactions"]
        assert [each["source"]["subscription_period"] for each in listed] == [2_592_000] * 2
        # Only its user's first payment names it.
        assert "CHARGE_ID_INVALID" in (await ends(api, renewal))["description"]
        assert "CHARGE_ID_INVALID" in (await ends(api, charge, user=1001))["description"]
        for _ in range(2):
            assert (await ends(api, charge))["ok"]
        with pytest.raises(ValueError, match="ended"):
            sandbox.queries.renew(charge)

    serve(use)


def test_its_user_ends_a_subscription_and_takes_it_up_again() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        charge = await subscribe(sandbox, api)
        for state in ("canceled", "active", "failed"):
            sandbox.queries.change_subscription(charge, state)
        told = await updates(api, "subscription")
        assert [each["state"] for each in told] == ["canceled", "active", "failed"]
        assert {each["invoice_payload"] for each in told} == {"order-1"}
        assert {each["user"]["id"] for each in told} == {USER}
        assert (await ends(api, charge))["ok"]
        sandbox.queries.change_subscription(charge, "canceled")
        with pytest.raises(ValueError, match="cannot take it up again"):
            sandbox.queries.change_subscription(charge, "active")
        assert (await ends(api, charge, ended=False))["ok"]
        sandbox.queries.change_subscription(charge, "active")
        assert sandbox.queries.renew(charge)

    serve(use)


def test_a_subscription_that_the_bot_was_never_told_of_is_renewed_all_the_same() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        charge = sandbox.queries.subscribed(USER, "an earlier bot's", 75)
        assert await updates(api, "message") == []
        sandbox.queries.renew(charge)
        (message,) = await updates(api, "message")
        assert message["successful_payment"]["invoice_payload"] == "an earlier bot's"
        assert (await api("getMyStarBalance"))["result"]["amount"] == 150

    serve(use)


def test_an_invoice_that_is_sent_begins_no_subscription() -> None:
    async def use(sandbox: TelegramSandbox, api: Api) -> None:
        given = {**MONTHLY, "chat_id": USER}
        sent = (await api("sendInvoice", **given))["result"]
        await pay(sandbox, api, message_id=sent["message_id"])
        assert sandbox.state.purse.subscriptions == {}
        assert any("subscription_period" in each for each in sandbox.state.violations)

    serve(use)
