"""The sentences in Russian about help with payments."""

RU = {
    "command_paysupport": "помощь с оплатой",
    "payment_help": (
        "💬 <b>Помощь с оплатой</b>\n\n{payments}\n\n"
        "Вернуть звёзды можно за непотраченные кредиты и только за весь платёж целиком."
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
    "confirm_return": (
        "Вернуть {stars} ⭐ по чеку № {number}: {name}?\n"
        "Кредитов за платёж: {credits}. На балансе: {balance}."
    ),
    "confirm_return_spent": (
        "Вернуть {stars} ⭐ по чеку № {number}: {name}?\nКредитов за платёж: {credits}."
        " На балансе: {balance}, значит {spent} уже потрачено: баланс обнулится, а разница будет"
        " записана."
    ),
    "button_return": "↩️ Да, вернуть {stars} ⭐",
    "button_return_anyway": "⚠️ Всё равно вернуть {stars} ⭐",
    "return_begun": "↩️ {stars} ⭐ по чеку № {number} возвращаются; кредиты списаны со счёта.",
    "return_begun_monthly": (
        "↩️ {stars} ⭐ по чеку № {number} возвращаются; кредиты списаны со счёта. Это был текущий"
        " месяц подписки, поэтому она отключается."
    ),
    "return_not_possible": "Чек № {number} вернуть нельзя: {state}.",
    "return_unknown": "Такого чека нет среди оплат звёздами.",
    "reason_returning": "он уже возвращается",
    "reason_returned": "он уже возвращён",
    "reason_stuck": "Telegram отказался его возвращать",
    "reason_changed": "баланс изменился, посмотрите ещё раз",
    "not_for_you": "Эта кнопка для операторов.",
    "payment_usage": "/payment номер — платёж по номеру чека",
    "payment_card": (
        "⭐ <b>Чек № {number}</b>\n{date} · {stars} ⭐ → {credits:credits}{state}\n{name}"
        " (<code>{user}</code>), на балансе {balance:credits}\n<code>{charge}</code>"
    ),
    "operator_payment": "платёж по номеру чека",
    "button_payments": "⭐ Оплаты",
    "button_payment": "№ {number}",
    "button_older_payments": "Раньше ›",
    "payments": "⭐ <b>Оплаты звёздами</b>, UTC\n\n{lines}",
    "payments_line": "{date} · № {number} · {stars} ⭐ → {credits} · {name}{state}\n",
}
