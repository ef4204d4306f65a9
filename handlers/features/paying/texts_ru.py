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
    "note_receipt": "чек № {n}",
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
    "older_notice": (
        "В списке операций Telegram есть записи до первого заказа здесь: за звёзды продавал прежний"
        " бот. Платежи: {payments} ({stars} ⭐). Возвраты: {refunds}. Они остаются как есть: ничего"
        " не начислено и не возвращено."
    ),
    "discount": "🎁 −{percent} % на следующий пакет: цены ниже уже со скидкой.",
    "button_balance": "💳 Баланс",
    "button_topup": "➕ Пополнить",
    "button_all_packs": "⭐ Другие пакеты",
    "command_balance": "кредиты и бесплатные попытки",
    "topup_title": "➕ <b>Пополнение</b>\nНа балансе {n:credits}",
    "credit_price": "1 кредит ≈ {price} ⭐",
    "pack_worth": "{n:credits} ≈ {images:pictures} или {videos:videos}",
    "pack_worth_images": "{n:credits} ≈ {images:pictures}",
    "packs_counted": (
        "По самым низким ценам: картинка — {image:credits}, видео — {video:credits}."
    ),
    "videos_one": "{n} видео",
    "videos_few": "{n} видео",
    "videos_many": "{n} видео",
    "button_pack": "{n:credits} · {stars} ⭐",
    "button_pack_brief": "{n} 💎 · {stars} ⭐",
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
    "checkout_subscribed": ("Подписка у вас уже есть. Деньги не списаны. Она на экране /balance"),
    "checkout_maintenance": (
        "Идут технические работы. Деньги не списаны. Оплатите, пожалуйста, чуть позже."
    ),
    "checkout_closed": (
        "Сервис генерации сейчас не работает, поэтому продажи остановлены. Деньги не списаны."
    ),
    "receipt": (
        "✅ <b>+{credits:credits}</b> за {stars} ⭐\nНа балансе {balance:credits}\nЧек № {number}"
    ),
    "button_monthly": "🔁 {n:credits} в месяц · {stars} ⭐",
    "button_subscribe": "Подписаться · {stars} ⭐ в месяц",
    "button_end_monthly": "✖️ Отключить подписку",
    "monthly_title": "{n:credits} в месяц",
    "monthly_description": (
        "{n:credits} каждые 30 дней, пока вы не отключите. Кредиты не сгорают. Вопросы: /paysupport"
    ),
    "monthly_offer": (
        "🔁 <b>{n:credits} в месяц</b> за {stars} ⭐\n\nTelegram списывает звёзды каждые 30 дней,"
        " пока вы не отключите подписку: одним нажатием на экране /balance или в Telegram:"
        " Настройки, Мои звёзды. Кредиты остаются."
    ),
    "monthly_active": "🔁 {n:credits} в месяц за {stars} ⭐. Следующее списание: {day}",
    "monthly_elsewhere": (
        "🔁 {n:credits} в месяц за {stars} ⭐. Следующее списание: {day}. Отключить можно в"
        " Telegram: Настройки, Мои звёзды"
    ),
    "monthly_ending": "🔁 Подписка отключается. Оплачена до {day}",
    "monthly_ended": "🔁 Подписка отключена, больше ничего не спишется. Оплачена до {day}",
    "monthly_failed": "🔁 Подписка: на следующий месяц не хватило звёзд. Оплачена до {day}",
    "monthly_is_ending": "🔁 Отключаю подписку и напишу, когда она будет отключена.",
    "toast_subscribed": "Подписка у вас уже есть: /balance",
    "toast_not_subscribed": "Эта подписка уже отключена",
    "toast_end_in_telegram": "Эту подписку можно отключить в Telegram: Настройки, Мои звёзды",
    "news_canceled": (
        "🔁 Вы отключили подписку: больше ничего не спишется. Она оплачена до {day}, кредиты"
        " остаются."
    ),
    "news_active": "🔁 Подписка снова действует: {n:credits} в месяц за {stars} ⭐.",
    "news_failed": (
        "🔁 На следующий месяц подписки не хватило звёзд ({stars} ⭐), поэтому кредиты не пришли."
        " Те, что есть, остаются. Пакеты без подписки: /topup"
    ),
    "receipt_monthly": (
        "✅ <b>+{credits:credits}</b> за {stars} ⭐ по подписке\nНа балансе {balance:credits}"
        "\nСледующее списание: {day}. Отключить в любой момент: /balance\nЧек № {number}"
    ),
    "receipt_second": (
        "✅ <b>+{credits:credits}</b> за {stars} ⭐\nНа балансе {balance:credits}\nЧек № {number}"
        "\n\nПодписка у вас уже была. Эта, вторая, оплачена до {day}, и больше по ней ничего не"
        " спишется."
    ),
    "renewal_returning": (
        "⭐ Ваши {stars} ⭐ за месяц подписки пришли (чек № {number}), но дать за них нечего,"
        " поэтому они возвращаются к вам. Кредиты не начислены. Отключить подписку можно в"
        " Telegram: Настройки, Мои звёзды."
    ),
    "renewal_returning_notice": (
        "Пользователь {user} заплатил {stars} ⭐ за месяц подписки, под которую нет заказа, или его"
        " доступ закрыт (чек № {n}). Платёж возвращается. Чтобы зачислять подписки прежнего бота:"
        " /prices renewals 2 (кредитов за звезду). Номер платежа: {charge}"
    ),
    "renewal_credited_notice": (
        "Пользователь {user} заплатил {stars} ⭐ за месяц подписки, которую продал прежний бот (чек"
        " № {n}). По вашему правилу (/prices renewals) зачислено кредитов: {credits}. Номер"
        " платежа: {charge}"
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
