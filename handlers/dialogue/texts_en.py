"""The sentences in English. Fields stand in braces; tags are Telegram's HTML."""

EN = {
    # ----------------------------------------------------------------- menu
    "menu": (
        "👋 Hi! I am <b>{bot}</b>.\n\n"
        "I make pictures, video and voice from your words and photos. Choose a model, and I ask"
        " for the rest; the result comes here."
    ),
    "menu_offer": "<b>{title}</b> — {summary}",
    "my_name": "the bot that makes things",
    "draft_kept": (
        "📝 I kept your text:\n<blockquote>{text}</blockquote>\n\n"
        "Choose a model, and I will use it as the description."
    ),
    # -------------------------------------------------------------- questions
    "ask_text": (
        "✍️ <b>{title}</b>\n\n"
        "Describe in one message what you want to see: {min} to {max} characters."
        " More detail, better result: subject, style, light, mood."
    ),
    "ask_other_text": (
        "✍️ <b>{title}</b> · {label}\n\nSend it in one message: {min} to {max} characters."
    ),
    "ask_choice": "📐 <b>{title}</b>\n\nChoose: {label}",
    "choose_by_button": "Please choose with one of the buttons.",
    "prompt_replaced": "Took your new description.",
    # ---------------------------------------------------------------- confirm
    "confirm": (
        "🧾 <b>Check, please</b>\n\n"
        "Model: <b>{title}</b>\n{settings}"
        "Price: <b>{price}</b>\nUsually takes: {time}"
        "{prompt}"
    ),
    "confirm_setting": "{label}: <b>{value}</b>\n",
    "free": "free",
    "credits": "{n} credits",
    "unavailable_now": (
        "\n\n⚠️ The service that makes this does not accept requests from us at the moment. Your"
        " request is kept here; please press the button again a little later. Nothing was charged."
    ),
    # --------------------------------------------------------------- progress
    "accepted": "⏳ <b>{title}</b>\n\nAccepted. Usually takes {time}; I will send the result here.",
    "started": "🎨 <b>{title}</b>\n\nIt is being made. Usually takes {time}.",
    "delayed": (
        "🕗 <b>{title}</b>\n\nThe service that makes it is away. Your request is kept, and it"
        " goes out as soon as the service is back; you can leave this chat. If that takes more"
        " than an hour, I cancel it, tell you, and nothing is charged."
    ),
    "done": "✅ <b>{title}</b>\n\nDone in {time}.",
    "not_made": "❌ <b>{title}</b>\n\nThis one did not work out; details below.",
    "caption": "<b>{title}</b> · {time}{prompt}",
    "result_link": "📎 I could not send it as a file; the link works for about a day: {url}",
    "result_lost": (
        "😔 Your result was made, but I cannot be sure that it reached you. Nothing was charged."
        " Perhaps this link still works: {url}"
    ),
    "history_empty": "There is no result of yours that I could show again.",
    "album_sent": "☝️ All {n} results.",
    "gift": "🎁 <b>{title}</b>\n\nIt came after all, late and therefore for free.",
    # --------------------------------------------------------------- failures
    "failed_refused_content": (
        "🚫 The model declined this description because of its rules. Nothing was charged."
        " Try to word it differently."
    ),
    "failed_refused_input": (
        "⚠️ The service that makes this did not accept this request. Nothing was charged."
        " Try another description or other settings."
    ),
    "failed_unavailable": (
        "⚠️ The service that makes this does not take requests from us at the moment; the operator"
        " knows. Nothing was charged. Please try again later."
    ),
    "failed_broken": (
        "💥 The service that makes this failed while making this one. Nothing was charged."
        " You can simply try again."
    ),
    "failed_no_result": (
        "🤷 The service that makes this said it was done but sent nothing. Nothing was charged."
        " You can simply try again."
    ),
    "failed_lost": (
        "🔍 The service lost this request while making it. Nothing was charged. If the result"
        " still comes, you get it for free. You can also try again."
    ),
    "failed_timed_out": (
        "⌛ This took too long and I stopped waiting. Nothing was charged."
        " If the result still comes, you get it for free. You can also try again."
    ),
    "failed_unclear": (
        "❓ The connection broke at the worst moment, and nobody can tell whether the"
        " service took this request. Nothing was charged. If a result still comes, you get it"
        " for free. You can also try again."
    ),
    # ---------------------------------------------------------------- answers
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
    "cancelled": "Cancelled. Nothing was created or charged.",
    "nothing_to_cancel": "There is nothing to cancel here.",
    "still_running": "\n\nIn the making right now: {n}. They finish and come here by themselves.",
    "unknown_command": "I do not know the command {command}. Here is what I can do: /help",
    "other_kind": "I cannot use {kind} here.",
    "kind_photo": "a photo",
    "kind_sticker": "a sticker",
    "kind_voice": "a voice message",
    "kind_video": "a video",
    "kind_audio": "music",
    "kind_document": "a file",
    "kind_other": "this kind of message",
    "group": "I work in a private chat, so that results do not flood the group. Open me here:",
    "model_gone": "This model is not offered any more. Please choose another one.",
    "past_gone": "I cannot find that request any more. Please start a new one.",
    "broken_here": (
        "😔 Something broke on my side while I was reading your message, and it was not handled."
        " The operator knows. Please try once more: /start"
    ),
    # ----------------------------------------------------------------- toasts
    "toast_old": "This button is from an earlier step. Here is where we are.",
    "toast_already": "Already on it!",
    "toast_unavailable": (
        "The service that makes this does not accept requests at the moment. Nothing was charged;"
        " please press again later."
    ),
    "toast_too_many": "{n} of {max} already in the making. Please wait for one of them.",
    "toast_language": "English it is",
    "price_changed": "💳 The price has changed meanwhile. Do you still want this?",
    "asked_again": (
        "⏳ Your press reached me so late that I started nothing. Do you still want this?"
    ),
    "checkout_refused": "Nothing is sold for Stars here. You were not charged.",
    "toast_cancelled": "Cancelled",
    # ---------------------------------------------------------------- buttons
    "button_create": "✅ Create · {price}",
    "button_change": "✏️ {label}",
    "button_cancel": "✖️ Cancel",
    "button_again": "🔁 Again",
    "button_retry": "🔁 Try again",
    "button_new": "🎨 New",
    "button_menu": "🏠 Menu",
    "button_help": "❓ Help",
    "button_support": "💬 Support",
    "button_language": "🌐 Русский",
    "button_open_private": "Open private chat",
    # --------------------------------------------------------------- commands
    "command_start": "main menu",
    "command_new": "make something new",
    "command_cancel": "leave the current step",
    "command_language": "switch to Russian",
    "command_history": "latest results",
    "command_help": "how it works",
    "command_support": "contact a human",
    # ----------------------------------------------------------------- pieces
    "seconds": "about {n} s",
    "minutes": "about {n} min",
}
