"""The operators' desk."""

from kie.api.outcome import Failure
from tests.support.chats.conversation import ADMIN
from tests.support.served_situations.acts import (
    BY_HAND,
    CREATE,
    PAID,
    alarms,
    arrives,
    bans,
    being_made,
    colleague_decides,
    comes,
    customer,
    decides,
    fails,
    forwarded,
    gets,
    kie,
    press,
    press_last,
    receipt,
    refunds,
    says,
)
from tests.support.served_situations.served import WISH, Situation

PAYER = (customer(gets(500)), customer(says(PAID)), customer(CREATE))
OPERATOR = (
    Situation("the panel", (says("/admin"),), ("Last errors", "ошиб"), ("admin",), operator=True),
    *(
        Situation(f"{command} alone", (says(command),), words, operator=True)
        for command, words in {
            "/topup": ("credit", "кредит"),
            "/grant": ("/grant 42 100", "/grant 42 100"),
            "/refund": ("/refund 42", "/refund 42"),
            "/payment": ("/payment number", "/payment "),
            "/promo": ("/promo new", "/promo new"),
            "/prices": ("/prices markup", "/prices markup"),
            "/model": ("/model ID off", "/model"),
            "/money": ("Income", "Доход"),
            "/stats": ("Users:", "Пользователи:"),
            "/export": ("/export ledger", "/export ledger"),
        }.items()
    ),
    *(
        Situation(f"/grant {words}", (says(f"/grant {words}"),), told, operator=True)
        for words, told in {
            "x 5": ("neither a user's number", "не номер"),
            "7 five": ("not a whole number", "не целое число"),
            "7 0": ("/grant 7 100", "/grant 7 100"),
            "7 99999999999": ("limit", "предела"),
            "404404 5": ("has written", "не писал"),
            f"{ADMIN} -5": ("less than nothing", "меньше нуля"),
            "@anna 5": ("@anna", "@anna"),
        }.items()
    ),
    Situation(
        "/refund of nothing", (says("/refund 404404"),), ("no request", "нет"), operator=True
    ),
    Situation(
        "/payment of nothing",
        (says("/payment 404404"),),
        ("no such receipt", "Такого чека нет"),
        operator=True,
    ),
    Situation(
        "/payment in words",
        (says("/payment x"),),
        ("no such receipt", "Такого чека нет"),
        operator=True,
    ),
    Situation(
        "/promo new in letters",
        (says("/promo new CODE a b"),),
        ("no code", "Так код не сделать"),
        operator=True,
    ),
    Situation(
        "/prices in letters", (says("/prices z-image free x"),), ("numbers", "числа"), operator=True
    ),
    Situation(
        "/model of a stranger", (says("/model nope off"),), ("no model", "нет"), operator=True
    ),
    Situation(
        "/maintenance in letters", (says("/maintenance x"),), ("minutes", "минут"), operator=True
    ),
    Situation(
        "a press by a former operator", (press("admin||"),), ("for operators", "для операторов")
    ),
    Situation("a command by a stranger", (says("/grant 7 5"),), ("/help", "/help")),
    Situation(
        "a forwarded command", (forwarded("/grant 7 5"),), ("forwarded", "переслан"), operator=True
    ),
    Situation(
        "a booking left",
        (says(f"/grant {ADMIN} 5"), press("book_leave")),
        ("Nothing was booked", "Ничего не проведено"),
        operator=True,
        home=True,
    ),
    Situation(
        "the same press by two operators",
        (customer(BY_HAND), customer(receipt), colleague_decides, decides),
        ("was decided already", "уже решено"),
        operator=True,
    ),
    Situation(
        "the panel while kie.ai fails",
        (kie("502 Bad Gateway"), says("/admin")),
        ("502 Bad Gateway", "502 Bad Gateway"),
        ("admin",),
        operator=True,
    ),
    Situation(
        "the panel just after kie.ai is well again",
        (kie("502 Bad Gateway"), kie(None), says("/admin")),
        ("Last errors", "ошиб"),
        ("admin",),
        operator=True,
    ),
    Situation(
        "an alarm that ends",
        (kie("502 Bad Gateway"), alarms, kie(None), alarms),
        ("Over after", "Закончилось"),
        operator=True,
    ),
    Situation(
        "refund of a free job",
        (customer(says(WISH)), customer(CREATE), customer(comes), refunds),
        ("was free", "бесплат"),
        operator=True,
    ),
    Situation(
        "refund of a failed job",
        (*PAYER, customer(fails(Failure.BROKEN)), refunds),
        ("nothing was delivered", "ничего не доставлено"),
        operator=True,
    ),
    Situation(
        "refund of a job, twice",
        (*PAYER, customer(comes), customer(arrives), refunds, press("book|"), refunds),
        ("refunded already", "уже вернули"),
        operator=True,
    ),
    Situation(
        "ban of a payer with a job in the making",
        (*PAYER, customer(being_made()), bans),
        ("Banned", "закрыт"),
        ("person_unban",),
        operator=True,
    ),
    Situation(
        "a broadcast to nobody",
        (
            *(press("news_write||"), says("News!"), press_last("news_to|", "silent")),
            press("news_send"),
        ),
        ("Nobody belongs", "таких людей нет"),
        operator=True,
    ),
)
