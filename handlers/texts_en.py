"""The sentences in English. Fields stand in braces; tags are Telegram's HTML."""

EN = {
    # ----------------------------------------------------------------- menu
    "menu": (
        "👋 Hi! I am <b>{bot}</b>.\n\n"
        "I turn your words into pictures. Choose a model, describe what you want to see,"
        " and I will send you the result here."
    ),
    "menu_offer": "<b>{title}</b> — {summary}",
    "my_name": "the picture bot",
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
    "text_too_long": (
        "That is too long: {n} characters, and {title} takes at most {max}."
        " Please shorten it and send it again."
    ),
    "text_too_short": "That is too short: at least {min} characters, please.",
    "choose_by_button": "Please choose with one of the buttons.",
    "prompt_replaced": "Took your new description.",
    # ---------------------------------------------------------------- confirm
    "confirm": (
        "🧾 <b>Check, please</b>\n\n"
        "Model: <b>{title}</b>\n{settings}"
        "Price: <b>{price}</b>\nUsually takes: {time}\n\n"
        "<blockquote>{prompt}</blockquote>"
    ),
    "confirm_setting": "{label}: <b>{value}</b>\n",
    "free": "free",
    "credits": "{n} credits",
    "unavailable_now": (
        "\n\n⚠️ The image service does not accept requests from us at the moment. Your request"
        " is kept here; please press the button again a little later. Nothing was charged."
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
    "caption": "<b>{title}</b> · {time}\n\n<blockquote>{prompt}</blockquote>",
    "result_link": "📎 I could not send it as a file; the link works for about a day: {url}",
    "result_lost": (
        "😔 Your result was made, but I cannot be sure that it reached you. Nothing was charged."
        " Perhaps this link still works: {url}"
    ),
    "album_sent": "☝️ All {n} results.",
    "gift": "🎁 <b>{title}</b>\n\nIt came after all, late and therefore for free.",
    # --------------------------------------------------------------- failures
    "failed_refused_content": (
        "🚫 The model declined this description because of its rules. Nothing was charged."
        " Try to word it differently."
    ),
    "failed_refused_input": (
        "⚠️ The image service did not accept this request. Nothing was charged."
        " Try another description or other settings."
    ),
    "failed_unavailable": (
        "⚠️ The image service does not take requests from us at the moment; the operator"
        " knows. Nothing was charged. Please try again later."
    ),
    "failed_broken": (
        "💥 The image service failed while making this one. Nothing was charged."
        " You can simply try again."
    ),
    "failed_no_result": (
        "🤷 The image service said it was done but sent nothing. Nothing was charged."
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
        "❓ The connection broke at the worst moment, and nobody can tell whether the image"
        " service took this request. Nothing was charged. If a result still comes, you get it"
        " for free. You can also try again."
    ),
    # ---------------------------------------------------------------- answers
    "help": (
        "<b>How it works</b>\n\n"
        "1. /start — choose a model\n"
        "2. describe the picture in one message\n"
        "3. choose the format and press “Create”\n\n"
        "The result comes as a photo. You can close the chat meanwhile: nothing gets lost.\n\n"
        "/new — a new picture\n/cancel — leave the current step\n"
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
    "other_kind": (
        "I cannot use {kind} here: I work with text descriptions. Send me one in a message."
    ),
    "kind_photo": "a photo",
    "kind_sticker": "a sticker",
    "kind_voice": "a voice message",
    "kind_video": "a video",
    "kind_audio": "music",
    "kind_document": "a file",
    "kind_other": "this kind of message",
    "group": "I work in a private chat, so that pictures do not flood the group. Open me here:",
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
        "The image service does not accept requests at the moment. Nothing was charged;"
        " please press again later."
    ),
    "toast_too_many": "{n} of {max} already in the making. Please wait for one of them.",
    "toast_language": "English it is",
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
    "command_new": "new picture",
    "command_cancel": "leave the current step",
    "command_language": "switch to Russian",
    "command_help": "how it works",
    "command_support": "contact a human",
    # ----------------------------------------------------------------- pieces
    "seconds": "about {n} s",
    "minutes": "about {n} min",
    # ---------------------------------------------------------- the operator's
    "notice": "🛠 <b>Operator notice</b>\n\n{text}",
}
