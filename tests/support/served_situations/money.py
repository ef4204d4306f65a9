"""Payments, receipts, promo codes, and a balance that is too small."""

from kie.api.outcome import Failure
from tests.support.served_situations.acts import (
    BY_HAND,
    HELP,
    INVOICE,
    PAID,
    SHORT,
    checks_out,
    fails,
    gets,
    pays,
    press,
    receipt,
    says,
)
from tests.support.served_situations.served import Situation

MONEY = (
    Situation("paid model, balance 0", (says(PAID),), SHORT, ("buy",)),
    Situation("paid model, too little", (gets(3), says(PAID)), SHORT, ("buy",)),
    Situation(
        "paid model, enough after a top-up",
        (says(PAID), gets(500), press("resume||"), press("create")),
        ("queued", "очеред"),
    ),
    Situation("packs", (says("/topup"),), ("1\u00a0credit", "1\u00a0кредит"), ("buy",)),
    Situation("pack chosen and left", (INVOICE, says("/start")), ("Hi", "Привет"), home=True),
    Situation("pack chosen twice", (INVOICE, INVOICE), ("invoice is above", "Счёт уже выше")),
    Situation(
        "a pack that is gone", (press("buy||77"),), ("not sold any more", "больше не продаётся")
    ),
    Situation(
        "stars paid", (INVOICE, pays()), ("+100\u00a0credits", "+100\u00a0кредитов"), ("balance",)
    ),
    Situation("stars paid twice", (INVOICE, pays(), pays("b")), ("200", "200")),
    Situation(
        "a payment for no order", (pays("x", stars=7),), ("go back to you", "возвращаются к вам")
    ),
    Situation("stars refused", (INVOICE, checks_out(49)), ("not charged", "Деньги не списаны")),
    Situation(
        "stars of somebody else",
        (INVOICE, checks_out(foreign=True)),
        ("not charged", "Деньги не списаны"),
    ),
    Situation("receipt by hand", (BY_HAND, receipt), ("with the operator", "у оператора")),
    Situation("receipt sent twice", (BY_HAND, receipt, BY_HAND, receipt), ("no. ", "№ ")),
    Situation(
        "words for a receipt",
        (BY_HAND, says("paid!", "оплатил!")),
        ("Send the receipt", "Пришлите, пожалуйста, чек"),
    ),
    Situation("a photo outside a top-up", (receipt,), ("What shall I do", "Что сделать?")),
    Situation("promo code alone", (says("/promo"),), ("/promo CODE", "/promo КОД")),
    Situation("promo code wrong", (says("/promo NOPE"),), ("does not work", "ничего нет")),
    Situation("promo code", (says("/promo GOOD"),), ("+5\u00a0credits", "+5\u00a0кредитов")),
    Situation(
        "promo code used",
        (says("/promo GOOD"), says("/promo GOOD")),
        ("does not work", "ничего нет"),
    ),
    Situation("promo code expired", (says("/promo OLD"),), ("does not work", "ничего нет")),
    Situation(
        "balance after a failure",
        (gets(500), says(PAID), press("create"), fails(Failure.BROKEN), says("/balance")),
        ("500\u00a0credits", "500\u00a0кредитов"),
        ("topup",),
    ),
    Situation("/paysupport without a payment", (says("/paysupport"),), HELP),
    Situation(
        "/paysupport with a payment",
        (INVOICE, pays(), says("/paysupport")),
        ("50\u00a0⭐ → 100", "50\u00a0⭐ → 100"),
    ),
    Situation(
        "a question about a payment",
        (says("/paysupport"), says("where are my stars?", "где звёзды?")),
        ("Sent to the operators", "Отправлено операторам"),
    ),
    Situation(
        "a photo for /paysupport",
        (says("/paysupport"), receipt),
        ("in words", "словами"),
    ),
    Situation(
        "the price of a credit",
        (says("how much is a credit?", "сколько стоит кредит?"),),
        ("/balance", "/balance"),
    ),
    Situation(
        "stars refunded",
        (INVOICE, pays(), pays(back=True), says("/balance")),
        ("0\u00a0credits", "0\u00a0кредитов"),
        ("topup",),
    ),
)
