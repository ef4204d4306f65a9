"""The sentences in Russian about waiting for what does not work."""

RU = {
    "button_tell": "🔔 Сообщить, когда заработает",
    "toast_will_tell": "Сообщу, как только заработает 🔔",
    "toast_works": "Уже работает",
    "service_works": "🔔 Всё снова работает. Ваш запрос сохранён.",
    "model_works": "🔔 <b>{title}</b> снова работает.",
    "button_waitlist_go_on": "▶️ Продолжить",
}
