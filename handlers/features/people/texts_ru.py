"""The Russian texts about people, for operators."""

RU = {
    "booked": "✅ {what}: <b>{amount}</b>, пользователь <code>{user}</code>. Баланс: {balance}.",
    "booked_for_you": "💳 <b>{amount}</b> · {what}\nНа балансе {balance:credits}{note}",
    "not_booked_topup": "Не записано: такого пользователя нет. Сначала он должен написать боту.",
    "not_booked_grant": "Не записано: такого пользователя нет или баланс стал бы отрицательным.",
    "not_booked_refund": "Не записано: за этот запрос не платили, или уже возвращено.",
    "name_unknown": "без имени",
    "confirm_topup": (
        "➕ Пополнить <b>{name}</b> (<code>{user}</code>) на <b>{amount}</b>?\n"
        "Баланс: {balance} → {after}."
    ),
    "confirm_grant": (
        "🎁 Провести <b>{amount}</b> для <b>{name}</b> (<code>{user}</code>)?\n"
        "Баланс: {balance} → {after}."
    ),
    "confirm_refund": (
        "↩️ Вернуть <b>{amount}</b> пользователю <b>{name}</b> (<code>{user}</code>) за"
        " запрос {job}, {model}?\nБаланс: {balance} → {after}."
    ),
    "person_unknown": (
        "Пользователя {user} здесь нет: он ещё не писал боту или удалил свои данные. Не"
        " пропущена ли цифра? Свой номер каждый видит в /topup."
    ),
    "too_little": (
        "На балансе {balance} ({name}); после {amount} было бы меньше нуля. Самое большее:"
        "\n\n<code>/grant {user} {all}</code>"
    ),
    "request_unknown": "Запроса {job} нет.",
    "request_free": "Запрос {job} был бесплатным.",
    "request_unpaid": "За запрос {job} не платили: по нему ничего не доставлено.",
    "request_refunded": "За запрос {job} уже вернули.",
    "button_book": "✅ Провести",
    "button_leave": "✖️ Не нужно",
    "left": "Ничего не проведено.",
    "operator_user": "найти пользователя: номер, @имя, чек",
    "operator_topup": "провести оплату переводом",
    "operator_grant": "выдать или забрать кредиты",
    "operator_refund": "вернуть плату за результат",
    "button_users": "👥 Люди",
    "button_card": "👤 Карточка",
    "button_undo_act": "↩️ Отменить",
    "button_plus": "➕ Кредиты",
    "button_minus": "➖ Кредиты",
    "button_history": "📒 История",
    "button_jobs": "🎨 Задания",
    "button_refunds": "↩️ Вернуть…",
    "button_person_ban": "⛔ Закрыть доступ",
    "button_person_unban": "✅ Открыть доступ",
    "button_older": "Раньше ›",
    "button_refund_job": "↩️ {job} · {price} 💎",
    "button_everything": "−{n}, всё",
    "button_book_topup": "💳 Оплачено",
    "button_book_grant": "🎁 Подарок",
    "toast_nobody": "Такого пользователя здесь нет",
    "toast_ban_self": "Самому себе доступ закрыть нельзя",
    "toast_ban_operator": "Это оператор. Сначала уберите его номер из ADMIN_ID",
    "find": (
        "👥 <b>Кого?</b>\nПришлите номер, @имя, номер чека или перешлите сообщение этого человека."
    ),
    "find_empty": "Нужен номер, @имя или номер чека: <code>/user @anna</code>",
    "find_no_number": (
        "Номера {words} здесь ни у кого нет, и чека такого тоже. Свой номер каждый видит в /topup."
    ),
    "find_no_name": (
        "Имени {words} здесь нет и не было ни у кого. Его могли сменить; номер надёжнее."
    ),
    "find_no_sense": (
        "«{words}» — не номер и не @имя. Вот так: <code>/user 42</code>, <code>/user @anna</code>"
    ),
    "find_hidden": "Автор скрыл свой аккаунт при пересылке. Пришлите номер или @имя.",
    "find_several": "<b>{words}</b> — это может быть не один человек:",
    "find_former": "Имени <b>{words}</b> сейчас здесь ни у кого нет. У кого оно было раньше:",
    "found_number": "{name} · номер {user}",
    "found_payment": "{name} · оплата с этим чеком",
    "found_receipt": "{name} · чек отсюда",
    "found_name": "{name} · {user}",
    "found_former": "{name} · {user}, имя было раньше",
    "card": (
        "👤 <b>{name}</b>{first} · <code>{user}</code>\n"
        "🌐 {spoken} · с {since} · последний раз — {seen} назад\n"
        "💎 {balance:credits} · потрачено {spent}\n"
        "💳 оплачено {stars} ⭐, переводом {by_hand:credits}\n🎨 {jobs}"
    ),
    "card_partly": "<i>по последним {n} записям и заданиям</i>",
    "card_banned": "⛔ <b>Доступ закрыт</b>: без новых заказов и оплат",
    "card_unreachable": "🔕 Бот заблокирован, сообщения не доходят",
    "card_error": "⚠️ {at} задание {job}: {error}",
    "jobs_none": "заданий ещё не было",
    "jobs_queued": "в очереди {n}",
    "jobs_submitting": "отправляется {n}",
    "jobs_unclear": "неясно {n}",
    "jobs_waiting": "создаётся {n}",
    "jobs_success": "готово {n}",
    "jobs_fail": "не вышло {n}",
    "job_state_queued": "в очереди",
    "job_state_submitting": "отправляется",
    "job_state_unclear": "неясно",
    "job_state_waiting": "создаётся",
    "job_state_success": "готово",
    "job_state_fail": "не вышло",
    "history": "📒 <b>Записи по счёту</b>, UTC\n\n{lines}",
    "history_line": "{at} · {what} · <b>{amount}</b>\n",
    "jobs": "🎨 <b>Задания</b>, UTC\n\n{lines}",
    "jobs_line": "{at} · {job} · {model} · {state} · {price} 💎\n",
    "amount_plus": (
        "➕ Сколько кредитов добавить: <b>{name}</b>? Баланс: {balance}.\n"
        "Нажмите или пришлите число; дальше можно заметку: <code>150 ко дню рождения</code>"
    ),
    "amount_minus": (
        "➖ Сколько кредитов забрать: <b>{name}</b>? Баланс: {balance}.\n"
        "Нажмите или пришлите число; дальше можно заметку."
    ),
    "amount_no_number": "«{words}» — не целое число. Вот так: <code>150</code>",
    "amount_range": "За раз от 1 до {most} кредитов, а не {n}.",
    "amount_too_much": (
        "На балансе {balance}, забрать {n} нельзя. Самое большее: <code>{balance}</code>"
    ),
    "confirm_plus": (
        "➕ Провести <b>{amount}</b>: <b>{name}</b> (<code>{user}</code>)?\n"
        "Баланс: {balance} → {after}.\nЭто оплата переводом или подарок?"
    ),
    "wrong": "{why}\n\n<code>{line}</code>",
    "wrong_nothing": "Не хватает номера и кредитов. Вот так:",
    "wrong_no_request": "Не хватает номера запроса. Вот так:",
    "wrong_request": "«{given}» — не номер запроса. Вот так:",
    "wrong_user": "«{given}» — не номер пользователя и не @имя. Вот так:",
    "wrong_no_user": "Номера {given} не может быть ни у кого. Вот так:",
    "wrong_no_amount": "Не хватает числа кредитов. Вот так:",
    "wrong_amount": "«{given}» — не целое число кредитов. Вот так:",
    "wrong_zero": "0 кредитов ничего не изменит. Вот так:",
    "wrong_negative": "/topup только добавляет, а {given} забирает. Это делает /grant:",
    "wrong_much": "{given} — больше предела в {most} кредитов за раз. Самое большее:",
    "undone": "↩️ Отменено: <b>{amount}</b>, пользователь <code>{user}</code>. Баланс: {balance}.",
    "undo_before": "Это уже отменили.",
    "undo_late": "Отменить можно в течение часа. Теперь нужна новая запись: /grant",
    "undo_unknown": "Такую запись отменить нельзя.",
    "undo_spent": "Не отменено: на балансе {balance}, после {amount} было бы меньше нуля.",
    "entry_undone": "исправление",
    "nothing_yet": "Пока ничего.",
    "note_undone": "отмена",
}
