"""The sentences in Russian about the balance and the top-up."""

RU = {
    "checkout_refused": "Здесь ничего не продаётся за звёзды. Деньги не списаны.",
    "balance": "💳 <b>Баланс, кредитов: {n}</b>",
    "balance_free_title": "Бесплатно сегодня:\n",
    "balance_free": "• {title}: осталось {n} из {most}\n",
    "balance_entries_title": "Последние записи:\n",
    "balance_entry": "{date} · {what}: <b>{amount}</b>\n",
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
    "button_balance": "💳 Баланс",
    "button_topup": "➕ Пополнить",
    "command_balance": "кредиты и бесплатные попытки",
    "payment_arrived": (
        "⭐ Оплата {amount} пришла. За звёзды здесь ничего не продаётся, поэтому"
        " оператор уже знает: её вернут или зачислят."
    ),
    "payment_returned": "⭐ {amount}: вернулось к вам.",
    "payment_arrived_notice": (
        "Пользователь {user} заплатил {amount}, а за звёзды здесь ничего не"
        " продаётся. Верните (refundStarPayment) или зачислите (/topup {user} …)."
        " Номер платежа: {charge}"
    ),
    "payment_returned_notice": "{amount} вернулось пользователю {user}. Номер платежа: {charge}",
}
