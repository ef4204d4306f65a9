"""The sentences in Russian about letters of operators."""

RU = {
    "button_answer": "✏️ Ответить",
    "button_write": "✏️ Написать",
    "button_letter_leave": "✖️ Не нужно",
    "letter_to": "✏️ Напишите одним сообщением: <b>{name}</b>.",
    "letter_sent": "✅ Отправлено: {name}.",
    "letter_waits": (
        "🔕 {name}: бот заблокирован. Слова дойдут, только если ему скоро снова разрешат писать."
    ),
    "letter_left": "Ничего не отправлено.",
    "letter_words": "Напишите, пожалуйста, словами.",
    "letter_long": "Знаков {n}, а в одно сообщение входит не больше {most}.",
    "letter_nobody": "Такого пользователя здесь нет",
    "letter": "💬 <b>От операторов</b>\n\n{words}\n\nОтветить: /support",
}
