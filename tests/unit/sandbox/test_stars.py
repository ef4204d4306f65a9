"""Stars in the simulated Telegram: the invoice, the question, the payment, the refund."""

from typing import Any

import pytest

from sandbox.telegram import TelegramSandbox
from tests.support.sandbox_telegram import USER, Api, serve

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
        ({"subscription_period": 60}, "SUBSCRIPTION"),
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
