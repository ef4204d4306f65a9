"""The sentences about credits, in both languages; ``texts.py`` joins them to the others."""

EN = {
    "free_left": "free, {n} left today",
    "not_enough": (
        "💳 <b>{title}</b> costs {price} credits, and you have {balance}.\n\n"
        "Your request is kept: after a top-up press the same button again."
    ),
    "toast_used_up": "That was free {n} times today, and all of them are used. It is free again"
    " after midnight (UTC).",
}

RU = {
    "free_left": "бесплатно, сегодня ещё {n}",
    "not_enough": (
        "💳 <b>{title}</b> стоит {price} кр., а у вас {balance}.\n\n"
        "Запрос сохранён: после пополнения нажмите ту же кнопку ещё раз."
    ),
    "toast_used_up": "Бесплатные попытки на сегодня ({n}) закончились. Новые появятся после"
    " полуночи (UTC).",
}
