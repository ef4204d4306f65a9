"""The sentences in Russian about help with payments."""

RU = {
    "command_paysupport": "помощь с оплатой",
    "command_terms": "условия продажи",
    "terms": (
        "📄 <b>Условия продажи</b>\n\n"
        "• Кредитами оплачиваются запросы в этом боте, и только они. Кредиты не сгорают.\n"
        "• Цена стоит на кнопке до подтверждения. Списывается только за результат, который пришёл;"
        " неудача или то, что не дошло, не стоит ничего.\n"
        "• После оплаты звёздами кредиты приходят сразу, с чеком.\n"
        "• За непотраченные кредиты звёзды возвращаются: /paysupport\n"
        "• За эти покупки отвечаем мы, а не Telegram и не его поддержка: /paysupport"
    ),
    "payment_help": (
        "💬 <b>Помощь с оплатой</b>\n\n{payments}\n\n"
        "Звёзды возвращаются за непотраченные кредиты, только за весь платёж целиком."
        " Напишите одним сообщением, что случилось, и номер чека: операторы прочитают и ответят"
        " здесь."
    ),
    "no_payments": "Оплат звёздами здесь ещё не было.",
    "payment": "{date} · {stars} ⭐ → {credits:credits} · чек № {number}{state}\n",
    "state_credited": "",
    "state_returning": " · возвращается",
    "state_returned": " · возвращён",
    "state_stuck": " · у оператора",
    "button_leave_help": "✖️ Выйти",
    "help_left": "Операторам ничего не отправлено.",
    "help_sent": "✅ Отправлено операторам. Ответ придёт сюда.",
    "help_wants_words": "Напишите, пожалуйста, словами.",
    "asked_notice": (
        "💬 <b>Вопрос об оплате</b>\n{name} (<code>{user}</code>), на балансе {balance:credits}\n\n"
        "{payments}\n{words}"
    ),
    "button_refund_payment": "↩️ Вернуть {stars} ⭐ · № {number}",
    "button_answer": "✏️ Ответить",
    "confirm_return": (
        "Вернуть {stars} ⭐ по чеку № {number}: {name}?\n"
        "Кредитов за платёж: {credits}. На балансе: {balance}."
    ),
    "confirm_return_spent": (
        "Вернуть {stars} ⭐ по чеку № {number}: {name}?\nКредитов за платёж: {credits}."
        " На балансе: {balance}, значит {spent} уже потрачено: баланс станет нулём, а разница будет"
        " записана."
    ),
    "button_return": "↩️ Да, вернуть {stars} ⭐",
    "button_return_anyway": "⚠️ Всё равно вернуть {stars} ⭐",
    "return_begun": "↩️ {stars} ⭐ по чеку № {number} возвращаются; кредиты списаны со счёта.",
    "return_not_possible": "Чек № {number} вернуть нельзя: {state}.",
    "return_unknown": "Такого чека нет.",
    "reason_returning": "он уже возвращается",
    "reason_returned": "он уже возвращён",
    "reason_stuck": "Telegram отказался его возвращать",
    "reason_changed": "баланс изменился, посмотрите ещё раз",
    "not_for_you": "Эта кнопка для операторов.",
    "answering": "✏️ Напишите ответ одним сообщением: {name}.",
    "answer_sent": "✅ Отправлено.",
    "answer_left": "Ничего не отправлено.",
    "answer": "💬 <b>Ответ по вашей оплате</b>\n\n{words}",
    "payment_usage": "/payment номер — платёж по номеру чека",
    "payment_card": (
        "⭐ <b>Чек № {number}</b>\n{date} · {stars} ⭐ → {credits:credits}{state}\n{name}"
        " (<code>{user}</code>), на балансе {balance:credits}\n<code>{charge}</code>"
    ),
}
