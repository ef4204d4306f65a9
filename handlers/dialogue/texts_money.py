"""The sentences about credits, in both languages; ``texts.py`` joins them to the others."""

EN = {
    "free_left": "free, {n} left today",
    "not_enough": (
        "💳 <b>{title}</b> costs {price} credits, and you have {balance}: {missing} to go.\n\n"
        "Your request is kept: after a top-up press the same button again."
    ),
    "toast_used_up": (
        "All {n} free ones of today are used. There are new ones after midnight (UTC)."
    ),
    # ---------------------------------------------------------------- balance
    "balance": "💳 <b>Your balance: {n} credits</b>",
    "balance_free_title": "Free today:\n",
    "balance_free": "• {title}: {n} of {most} left\n",
    "balance_entries_title": "Latest entries:\n",
    "balance_entry": "{date} · {what}: <b>{amount}</b>\n",
    "entry_opening": "carried over",
    "entry_topup": "top-up",
    "entry_grant": "from the operator",
    "entry_reserve": "request {job}",
    "entry_release": "request {job} given back",
    "entry_refund": "request {job} refunded",
    # ----------------------------------------------------------------- top-up
    "topup": (
        "➕ <b>Top-up</b>\n\n{requisites}\n"
        "After paying, send the receipt to the operator with your number:"
        " <code>{user}</code>. The credits come after it was checked by hand."
    ),
    "topup_bank": "Bank: <b>{value}</b>\n",
    "topup_card": "Card: <code>{value}</code>\n",
    "topup_holder": "Holder: {value}\n",
    "topup_phone": "Phone: <code>{value}</code>\n",
    "topup_hidden": "Top-ups are not offered here at the moment.",
    # ------------------------------------------------------------------ queue
    "place_in_queue": "\n\nBefore it in the queue: {n}.",
    "toast_too_late": "Too late: it is being made, or it is over already.",
    "failed_cancelled": "✖️ Cancelled before it began. Nothing was charged.",
    # ---------------------------------------------------------- the operator's
    "booked": "✅ {what}: <b>{amount}</b> for user <code>{user}</code>. Balance: {balance}.",
    "booked_for_you": "💳 {what}: <b>{amount}</b>. Your balance: {balance}.{note}",
    "booking_usage": (
        "<code>/topup USER CREDITS</code>\n"
        "<code>/grant USER CREDITS note</code> (may be negative)\n"
        "<code>/refund REQUEST note</code>\n\n"
        "Numbers only, at most {most} credits at once."
    ),
    "not_booked_topup": "Not booked: I know no such user. They have to write to the bot first.",
    "not_booked_grant": ("Not booked: I know no such user, or the balance would fall below zero."),
    "not_booked_refund": "Not booked: nothing was paid for that request, or it went back before.",
    # ---------------------------------------------------------------- buttons
    "button_balance": "💳 Balance",
    "button_topup": "➕ Top up",
    "button_stop": "✖️ Cancel",
    "command_balance": "credits and free uses",
}

RU = {
    "free_left": "бесплатно, сегодня ещё {n}",
    "not_enough": (
        "💳 <b>{title}</b> стоит {price} кр., у вас {balance} — не хватает {missing}.\n\n"
        "Запрос сохранён: после пополнения нажмите ту же кнопку ещё раз."
    ),
    "toast_used_up": (
        "Бесплатные попытки на сегодня ({n}) закончились. Новые появятся после полуночи (UTC)."
    ),
    # ---------------------------------------------------------------- balance
    "balance": "💳 <b>Баланс, кредитов: {n}</b>",
    "balance_free_title": "Бесплатно сегодня:\n",
    "balance_free": "• {title}: осталось {n} из {most}\n",
    "balance_entries_title": "Последние записи:\n",
    "balance_entry": "{date} · {what}: <b>{amount}</b>\n",
    "entry_opening": "перенесено",
    "entry_topup": "пополнение",
    "entry_grant": "от оператора",
    "entry_reserve": "запрос {job}",
    "entry_release": "возврат за запрос {job}",
    "entry_refund": "возмещение за запрос {job}",
    # ----------------------------------------------------------------- top-up
    "topup": (
        "➕ <b>Пополнение</b>\n\n{requisites}\n"
        "После оплаты отправьте оператору чек и ваш номер: <code>{user}</code>."
        " Кредиты появятся после ручной проверки."
    ),
    "topup_bank": "Банк: <b>{value}</b>\n",
    "topup_card": "Карта: <code>{value}</code>\n",
    "topup_holder": "Получатель: {value}\n",
    "topup_phone": "Телефон: <code>{value}</code>\n",
    "topup_hidden": "Пополнение здесь сейчас не предлагается.",
    # ------------------------------------------------------------------ queue
    "place_in_queue": "\n\nПеред ним в очереди: {n}.",
    "toast_too_late": "Уже поздно: запрос выполняется или завершён.",
    "failed_cancelled": "✖️ Отменено до начала. Ничего не списано.",
    # ---------------------------------------------------------- the operator's
    "booked": "✅ {what}: <b>{amount}</b>, пользователь <code>{user}</code>. Баланс: {balance}.",
    "booked_for_you": "💳 {what}: <b>{amount}</b>. Ваш баланс: {balance}.{note}",
    "booking_usage": (
        "<code>/topup ПОЛЬЗОВАТЕЛЬ КРЕДИТЫ</code>\n"
        "<code>/grant ПОЛЬЗОВАТЕЛЬ КРЕДИТЫ заметка</code> (можно отрицательные)\n"
        "<code>/refund ЗАПРОС заметка</code>\n\n"
        "Только числа, не больше {most} кредитов за раз."
    ),
    "not_booked_topup": ("Не записано: такого пользователя нет. Сначала он должен написать боту."),
    "not_booked_grant": ("Не записано: такого пользователя нет или баланс стал бы отрицательным."),
    "not_booked_refund": "Не записано: за этот запрос не платили, или уже возвращено.",
    # ---------------------------------------------------------------- buttons
    "button_balance": "💳 Баланс",
    "button_topup": "➕ Пополнить",
    "button_stop": "✖️ Отменить",
    "command_balance": "кредиты и бесплатные попытки",
}
