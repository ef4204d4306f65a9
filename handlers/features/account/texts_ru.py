"""The sentences in Russian about language, help and support."""

RU = {
    "help": (
        "<b>Как это работает</b>\n\n"
        "1. /start — выберите модель\n"
        "2. ответьте на её вопросы: словами, кнопками, фото\n"
        "3. проверьте цену и нажмите «Создать»\n\n"
        "Результат придёт сюда. Чат можно закрыть: ничего не потеряется.\n\n"
        "/new — создать новое\n/search — найти модель\n/history — последние результаты\n"
        "/cancel — выйти из текущего шага\n"
        "/language — in English\n{support}"
    ),
    "help_support": "/support — написать человеку\n",
    "support": "💬 <b>Поддержка</b>\n\n{text}",
    "support_contact": "Пишите: {contact}",
    "support_hidden": "У этого бота нет контакта поддержки. Как всё устроено: /help",
    "toast_language": "Теперь по-русски",
    "button_help": "❓ Помощь",
    "button_support": "💬 Поддержка",
    "command_language": "переключить на английский",
    "command_help": "как это работает",
    "command_support": "написать человеку",
}
