"""The sentences in Russian about language, help and support."""

RU = {
    "help": (
        "<b>Как это работает</b>\n\n"
        "1. Напишите, что нарисовать, или пришлите фото\n"
        "2. Цена видна на кнопке: нажмите «Создать»\n"
        "3. Результат придёт сюда, под ним — что сделать дальше\n\n"
        "Чат можно закрыть: ничего не потеряется. За неудачу ничего не списывается."
    ),
    "help_command": "/{name} — {what}",
    "support": "💬 <b>Поддержка</b>\n\n{text}",
    "support_contact": "Пишите: {contact}",
    "support_hidden": "У этого бота нет контакта поддержки. Как всё устроено: /help",
    "toast_language": "Теперь по-русски",
    "button_help": "❓ Помощь",
    "button_support": "💬 Поддержка",
    "command_language": "переключить на английский",
    "command_help": "как это работает",
    "command_support": "написать человеку",
    "support_title": "💬 <b>Поддержка</b>",
    "support_hint": "✏️ Или напишите прямо сюда одним сообщением: операторы прочитают и ответят.",
    "support_sent": "✅ Передали операторам. Ответ придёт сюда.",
    "support_words": "Опишите, пожалуйста, словами.",
    "support_left": "Операторам ничего не передали.",
    "button_support_leave": "✖️ Выйти",
    "support_asked": (
        "💬 <b>Вопрос</b>\n{name} (<code>{user}</code>), на балансе {balance:credits}{words}"
    ),
    "help_operator": "🛠 <b>Для операторов</b>\n{lines}",
}
