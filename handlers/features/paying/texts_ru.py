"""The sentences in Russian about the balance and the top-up."""

RU = {
    "balance": "💳 Баланс: <b>{n:credits}</b>",
    "balance_free_title": "Бесплатно сегодня:",
    "balance_free": "• {title}: {n} из {most}",
    "balance_renewed": "Новые — в {time}",
    "balance_running": "Создаётся:",
    "running_made": "• {name}, прошло {time}",
    "running_queued": "• {name}: в очереди",
    "job_name": "{title} «{words}»",
    "balance_entries": "Последнее:",
    "balance_entry": "{day} · {what}: <b>{amount}</b>",
    "booked_opening": "начальный остаток",
    "booked_topup": "пополнение",
    "booked_grant": "подарок",
    "booked_taken": "списано оператором",
    "booked_reserve": "{name}",
    "booked_release": "{name}: не получилось, вернули",
    "booked_refund": "{name}: компенсация",
    "topup_hidden": "Пополнение здесь сейчас не предлагается.",
    "found_payment_notice": (
        "{stars} ⭐ от пользователя {user} есть в списке Telegram, а сообщения о них не было (чек"
        " № {n}). Теперь: {what}. Номер платежа: {charge}"
    ),
    "found_credited": "зачислены",
    "found_returning": "возвращаются, заказа под них нет",
    "found_return_notice": (
        "{stars} ⭐ вернулись пользователю {user}, а сообщения об этом не было (чек № {n}). Теперь"
        " это учтено. Уже потрачено кредитов: {spent}. Номер платежа: {charge}"
    ),
    "button_balance": "💳 Баланс",
    "button_topup": "➕ Пополнить",
    "command_balance": "кредиты и бесплатные попытки",
    "topup_title": "➕ <b>Пополнение</b>\nНа балансе {n:credits}",
    "credit_price": "1 кредит ≈ {price} ⭐",
    "pack_worth": "{n:credits} ≈ {images:pictures} или {videos:videos}",
    "pack_worth_images": "{n:credits} ≈ {images:pictures}",
    "videos_one": "{n} видео",
    "videos_few": "{n} видео",
    "videos_many": "{n} видео",
    "button_pack": "{n:credits} · {stars} ⭐",
    "toast_pack_gone": "Этот пакет больше не продаётся. Что есть: /topup",
    "invoice_title": "{n:credits}",
    "invoice_description": (
        "{n:credits} для этого бота. Приходят сразу и не сгорают. Вопросы: /paysupport"
    ),
    "invoice_above": "Счёт уже выше ⬆️",
    "checkout_unknown": "Этот счёт здесь неизвестен. Деньги не списаны. Новый: /topup",
    "checkout_foreign": "Этот счёт выставлен не вам. Деньги не списаны. Ваш: /topup",
    "checkout_changed": "Цена этого счёта изменилась. Деньги не списаны. Новый: /topup",
    "checkout_expired": "Срок этого счёта вышел. Деньги не списаны. Новый: /topup",
    "checkout_banned": "Ваш доступ закрыт. Деньги не списаны. Вопросы: /paysupport",
    "checkout_closed": (
        "Сервис генерации сейчас не работает, поэтому продажи остановлены. Деньги не списаны."
    ),
    "receipt": (
        "✅ <b>+{credits:credits}</b> за {stars} ⭐\nНа балансе {balance:credits}\nЧек № {number}"
    ),
    "payment_returning": (
        "⭐ Ваши {stars} ⭐ пришли (чек № {number}), но не подходят ни к одному вашему счёту,"
        " поэтому возвращаются к вам. Кредиты не начислены."
    ),
    "payment_returned": "⭐ {stars} ⭐ вернулись к вам.",
    "payment_returning_notice": (
        "Пользователь {user} заплатил {amount}, а заказа под эту сумму нет. Платёж возвращается."
        " Номер платежа: {charge}"
    ),
    "unsigned_notice": (
        "Чек № {n} зачислен по своему заказу, хотя подпись счёта сделана не этим токеном."
        " Токен меняли? Номер платежа: {charge}"
    ),
    "chargeback_notice": (
        "{stars} ⭐ вернулись пользователю {user} без нашей просьбы (чек № {n}). Уже потрачено"
        " кредитов: {spent}. Номер платежа: {charge}"
    ),
}
