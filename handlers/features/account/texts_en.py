"""The sentences in English about language, help and support."""

EN = {
    "help": (
        "<b>How it works</b>\n\n"
        "1. /start — choose a model\n"
        "2. answer its questions: in words, by buttons, with photos\n"
        "3. check the price and press “Create”\n\n"
        "The result comes here. You can close the chat meanwhile: nothing gets lost.\n\n"
        "/new — make something new\n/search — find a model\n/history — latest results\n"
        "/cancel — leave the current step\n"
        "/language — по-русски\n{support}"
    ),
    "help_support": "/support — contact a human\n",
    "support": "💬 <b>Support</b>\n\n{text}",
    "support_contact": "Write to: {contact}",
    "support_hidden": "There is no support contact for this bot. /help explains how it works.",
    "toast_language": "English it is",
    "button_help": "❓ Help",
    "button_support": "💬 Support",
    "command_language": "switch to Russian",
    "command_help": "how it works",
    "command_support": "contact a human",
}
