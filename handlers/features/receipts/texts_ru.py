"""The sentences in Russian about payments by hand."""

RU = {
    "by_hand_gone": "Оплата переводом сейчас не принимается.",
    "pack_gone": "Этот пакет больше не продаётся. Выберите, пожалуйста, другой.",
    "requisites_gone": (
        "Оплата переводом больше не принимается. Если вы уже заплатили, пришлите чек сюда; если"
        " нет, просто выйдите."
    ),
    "button_copy_card": "📋 Скопировать номер карты",
    "button_copy_phone": "📋 Скопировать телефон",
    "button_copy_number": "📋 Скопировать ваш номер",
    "receipt_page": "🧾 Чек № {id}, ещё одна страница",
    "receipt_replaced": "🧾 Чек № {id}: пользователь заменил файл на этот",
    "receipt_edit_sent": "🧾 Новый файл чека № {id} у оператора.",
    "receipt_edit_late": (
        "По чеку № {id} решение принято до замены. Пришлите файл новым сообщением или спросите:"
        " /paysupport"
    ),
    "is_it_receipt": "🧾 Это чек об оплате?",
    "button_is_receipt": "🧾 Да, это чек",
    "button_no_receipt": "🎨 Нет, сделать из этого картинку",
    "doubted_receipt": "🧾 Это чек.",
    "doubted_left": "Хорошо, это не чек.",
    "button_leave_amount": "✖️ Выйти",
    "amount_left": "Ничего не решено.",
    "ban_sure": (
        "⛔ Отказать по чеку № {id} и закрыть аккаунт? Платежи и чеки этого пользователя больше не"
        " будут приниматься."
    ),
    "button_ban_sure": "⛔ Да, закрыть",
    "decided_ban": "⛔ По чеку № {id} отказано, аккаунт закрыт для платежей.",
    "button_unban": "🔓 Снова открыть",
    "ban_lifted": "🔓 Платежи пользователя {user} снова принимаются.",
    "button_receipt": "💳 Оплатить переводом",
    "receipt_packs": "💳 <b>Переводом</b>\nЧто купить?",
    "button_money_pack": "{n:credits} · {money}",
    "requisites": (
        "💳 <b>{what}</b>\n\n{requisites}\nВаш номер: <code>{user}</code>\n\n"
        "После оплаты пришлите чек сюда: фото, снимок экрана или PDF. Оператор проверит его"
        " вручную."
    ),
    "requisites_any": "Оплата переводом",
    "requisites_pack": "{n:credits} за {money}",
    "requisite_bank": "Банк: <b>{value}</b>\n",
    "requisite_card": "Карта: <code>{value}</code>\n",
    "requisite_holder": "Получатель: {value}\n",
    "requisite_phone": "Телефон: <code>{value}</code>\n",
    "button_leave_receipt": "✖️ Выйти",
    "receipt_left": "Чек не отправлен.",
    "receipt_wanted": "Пришлите, пожалуйста, чек: фото или PDF.",
    "receipt_sent": "🧾 Чек № {id} у оператора. Ответ придёт сюда.",
    "receipt_limit": (
        "Ваши чеки ещё ждут оператора, или за сегодня их слишком много. Дождитесь, пожалуйста,"
        " ответа: /paysupport"
    ),
    "receipt_asked": (
        "🧾 <b>Чек № {id}</b>\n{name} (<code>{user}</code>), на балансе {balance:credits}\n"
        "{what}\n"
        "Пополнений раньше: {earlier}{seen}"
    ),
    "receipt_seen": "\n⚠️ Такой файл уже был: № {id}",
    "receipt_no_pack": "пакет не выбран",
    "receipt_no_price": "{n:credits}, цена не указана",
    "button_approve": "✅ +{n}",
    "button_other_amount": "✏️ Другая сумма",
    "button_refuse": "✖️ Отказать",
    "button_ban": "⛔ Закрыть доступ",
    "receipt_approved": "✅ <b>+{credits:credits}</b> по чеку № {id}\nНа балансе {balance:credits}",
    "receipt_refused": "✖️ Чек № {id} не принят: {reason}. Вопросы: /paysupport",
    "receipt_expired": (
        "🕗 За неделю по чеку № {id} никто не ответил. Напишите, пожалуйста: /paysupport"
    ),
    "receipts_wait_notice": "Чеки ждут больше двух дней: {ids}",
    "reason_unpaid": "деньги не пришли",
    "reason_unreadable": "его не прочитать",
    "reason_wrong_sum": "сумма другая",
    "reason_used": "он уже использован",
    "refuse_why": "Почему чек № {id} не принят?",
    "amount_wanted": "✏️ Сколько кредитов начислить по чеку № {id}? Пришлите число.",
    "amount_bad": "Нужно целое число от 1 до {most}.",
    "decided_now": "Решено: чек № {id}.",
    "decided_before": "По чеку № {id} уже решено.",
    "decided_own": "Это ваш собственный чек: решит другой оператор.",
    "button_decided": "{sign} {who}",
    "receipt_unknown": "Такого чека нет.",
    "operators_only": "Эта кнопка для операторов.",
    "button_receipts": "🧾 Чеки ({n})",
    "receipts_none": "Чеков, которые ждут, нет.",
}
