"""The Russian texts of operators' commands in the chat."""

RU = {
    "model_on": "✅ <code>{model}</code> снова в меню.",
    "model_off": "🚫 <code>{model}</code> убрана из меню.",
    "model_on_before": "<code>{model}</code> и так была в меню.",
    "model_off_before": "<code>{model}</code> и так не в меню.",
    "model_unknown": "Модели <code>{model}</code> нет в каталоге.",
    "model_is_off": "🚫 <code>{model}</code>: {reason}\n",
    "model_usage": (
        "\nВ меню: {n}.\n<code>/model ID off</code> убирает модель,"
        " <code>/model ID on</code> возвращает."
    ),
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
    "admin_active": "🛠 <b>ACTIVE</b>: {instance}, эпоха {epoch}, с {since}",
    "admin_nobody": "🛠 <b>ACTIVE</b>: никто не держит блокировку",
    "admin_waiting": "PASSIVE: {name}",
    "admin_updates": "<b>Обновления</b>: ждут {n}{oldest}; отложено {dead}",
    "admin_jobs": "<b>Задания</b>: {counts}",
    "admin_outbox": "<b>Исходящие</b>: ждут {n}{oldest}; {held} — для тех, кто заблокировал бота",
    "admin_oldest": ", старейшее — {n} с",
    "admin_money": (
        "<b>Кредиты за сегодня</b> (UTC): пополнено {topped_up}, выдано {granted}, оплачено"
        " {paid}, возмещено {refunded}"
    ),
    "admin_kie_works": "✅ kie.ai принимает запросы",
    "admin_trouble": "⚠️ {text}",
    "admin_recent_errors": "\n<b>Последние ошибки</b> (7 дней):",
    "admin_no_errors": "\nЗа 7 дней ошибок нет.",
    "admin_update": "• {at} обновление {number} отложено: {error}",
    "admin_delivery": "• {at} сообщение {number} не доставлено: {error}",
    "admin_job": "• {at} задание {number} не удалось: {error}",
    "admin_at": "\n<i>{at} UTC</i>",
    "button_admin": "🔄 Обновить",
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
        "↩️ Вернуть <b>{amount}</b> пользователю <b>{name}</b>"
        " (<code>{user}</code>) за запрос {job}, {model}?\n"
        "Баланс: {balance} → {after}."
    ),
    "person_unknown": "Пользователь {user} ещё не писал боту.",
    "too_little": "У {name} на балансе {balance}; после {amount} было бы меньше нуля.",
    "request_unknown": "Запроса {job} нет.",
    "request_free": "Запрос {job} был бесплатным.",
    "request_unpaid": "За запрос {job} не платили: по нему ничего не доставлено.",
    "request_refunded": "За запрос {job} уже вернули.",
    "button_book": "✅ Провести",
    "button_leave": "✖️ Не нужно",
    "left": "Ничего не проведено.",
}
