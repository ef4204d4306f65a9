"""The sentences in English about letters of operators."""

EN = {
    "button_answer": "✏️ Answer",
    "button_write": "✏️ Write",
    "button_letter_leave": "✖️ Leave it",
    "letter_to": "✏️ Write to <b>{name}</b> in one message.",
    "letter_sent": "✅ Sent to {name}.",
    "letter_waits": (
        "🔕 {name} has blocked the bot. Your words arrive only if the bot may write again soon."
    ),
    "letter_left": "Nothing was sent.",
    "letter_words": "Please write it in words.",
    "letter_long": "That is {n} characters long; at most {most} go into one message.",
    "letter_nobody": "There is no such user here",
    "letter": "💬 <b>From the operators</b>\n\n{words}\n\nTo answer: /support",
}
