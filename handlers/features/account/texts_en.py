"""The sentences in English about language, help and support."""

EN = {
    "help": (
        "<b>How it works</b>\n\n"
        "1. Tell me what to draw, or send a photo\n"
        "2. The price is on the button: press “Create”\n"
        "3. The result comes here, with buttons for what to do next\n\n"
        "You can close the chat: nothing gets lost. You never pay for a failure."
    ),
    "help_command": "/{name} — {what}",
    "support": "💬 <b>Support</b>\n\n{text}",
    "support_contact": "Write to: {contact}",
    "support_hidden": "There is no support contact for this bot. /help explains how it works.",
    "toast_language": "English it is",
    "button_help": "❓ Help",
    "button_support": "💬 Support",
    "command_language": "switch to Russian",
    "command_help": "how it works",
    "command_support": "contact a human",
    "support_title": "💬 <b>Support</b>",
    "support_hint": "✏️ Or write here in one message: the operators read it and answer here.",
    "support_sent": "✅ Sent to the operators. The answer comes here.",
    "support_words": "Please write it in words.",
    "support_left": "Nothing was sent to the operators.",
    "button_support_leave": "✖️ Leave",
    "support_asked": (
        "💬 <b>A question</b>\n{name} (<code>{user}</code>), balance {balance:credits}{words}"
    ),
    "help_operator": "🛠 <b>For operators</b>\n{lines}",
}
