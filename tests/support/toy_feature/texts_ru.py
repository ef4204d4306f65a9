"""The sentences in Russian about notes."""

RU = {
    "ask_note": "Что запомнить?",
    "kept": "Готово. У вас {n:notes}.",
    "notes_one": "{n} заметка",
    "notes_few": "{n} заметки",
    "notes_many": "{n} заметок",
    "listed": "Ваши заметки: {words}",
    "button_notes": "Заметки",
    "button_leave": "Не нужно",
    "command_note": "сохранить заметку",
}
