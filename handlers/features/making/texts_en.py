"""The sentences in English about choosing, asking, confirming and ordering."""

EN = {
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
    "ask_text": (
        "✍️ <b>{title}</b>\n\n"
        "Describe in one message what you want to see: {min} to {max} characters."
        " More detail, better result: subject, style, light, mood."
    ),
    "ask_other_text": (
        "✍️ <b>{title}</b> · {label}\n\nSend it in one message: {min} to {max} characters."
    ),
    "ask_choice": "📐 <b>{title}</b>\n\nChoose: {label}",
    "prompt_replaced": "Took your new description.",
    "confirm": ("🎨 <b>{title}</b>\n\n{settings}Takes {time}\nPrice: <b>{price}</b>{prompt}"),
    "confirm_setting": "{label}: <b>{value}</b>\n",
    "unavailable_now": (
        "\n\n⚠️ The service that makes this does not accept requests from us at the moment. Your"
        " request is kept here; please press the button again a little later. Nothing was charged."
    ),
    "cancelled": "Cancelled. Nothing was created or charged.",
    "nothing_to_cancel": "There is nothing to cancel here.",
    "still_running": "\n\nIn the making right now: {n}. They finish and come here by themselves.",
    "model_gone": "This model is not offered any more. Please choose another one.",
    "ordered_elsewhere": "🎨 Accepted. It comes to the group.",
    "toast_unavailable": (
        "The service that makes this does not accept requests at the moment. Nothing was charged;"
        " please press again later."
    ),
    "toast_enough_running": "{n} of {max} already in the making. Please wait for one of them.",
    "toast_unfetched": (
        "Results that could not reach you (the bot was blocked): {n}. We paid for them."
        " Please top up (/balance) or write to us (/help)."
    ),
    "price_changed": "💳 The price has changed meanwhile. Do you still want this?",
    "asked_again": (
        "⏳ Your press reached me so late that I started nothing. Do you still want this?"
    ),
    "toast_cancelled": "Cancelled",
    "button_create": "✅ Create · {price}",
    "button_change": "✏️ {label}",
    "button_cancel": "✖️ Cancel",
    "command_start": "main menu",
    "command_new": "make something new",
    "command_cancel": "leave the current step",
    "category_image": "🖼 Pictures · {n}",
    "category_video": "🎬 Video · {n}",
    "category_audio": "🔊 Voice · {n}",
    "category_tools": "🛠 Tools · {n}",
    "category_image_title": "🖼 <b>Pictures</b>",
    "category_video_title": "🎬 <b>Video</b>",
    "category_audio_title": "🔊 <b>Voice and sound</b>",
    "category_tools_title": "🛠 <b>Improve your own photos and clips</b>",
    "button_model": "{title} · {price}",
    "price_is": "{n} cr.",
    "price_from": "from {n} cr.",
    "price_free": "free",
    "search": "🔎 Send a part of the model's name or of what it does: <i>kling</i>, <i>photo</i>.",
    "found": "🔎 <b>{query}</b>: {shown} of {n}",
    "found_nothing": "🔎 <b>{query}</b>: nothing found. Try a shorter word.",
    "ask_number": "🔢 <b>{title}</b> · {label}\n\nSend a number from {min} to {max}.",
    "ask_any_number": "🔢 <b>{title}</b> · {label}\n\nSend a number.",
    "ask_image": "🖼 <b>{title}</b> · {label}\n\nSend a picture: {formats}, up to {max} MB.",
    "ask_images": (
        "🖼 <b>{title}</b> · {label}\n\nSend up to {most} pictures, one by one or as an album:"
        " {formats}, up to {max} MB each.\nReceived: <b>{given}</b>"
    ),
    "ask_audio": (
        "🎙 <b>{title}</b> · {label}\n\nSend a voice message or a recording: {formats},"
        " up to {max} MB."
    ),
    "ask_audios": (
        "🎙 <b>{title}</b> · {label}\n\nSend up to {most} recordings: {formats},"
        " up to {max} MB each.\nReceived: <b>{given}</b>"
    ),
    "ask_video": "🎞 <b>{title}</b> · {label}\n\nSend a clip: {formats}, up to {max} MB.",
    "ask_videos": (
        "🎞 <b>{title}</b> · {label}\n\nSend up to {most} clips: {formats},"
        " up to {max} MB each.\nReceived: <b>{given}</b>"
    ),
    "ask_seconds": "\nAt most {max} s long.",
    "album_comes": "📚 I am taking in the whole album. When all of it is sent, press “Done”.",
    "left_out": "The rest of the album does not fit here and was left out.",
    "prompt_kept": "📝 I have kept that as the prompt.",
    "file_kept_image": "🖼 Got your picture. What shall I do with it?",
    "file_kept_audio": "🎙 Got your recording. What shall I do with it?",
    "file_kept_video": "🎞 Got your clip. What shall I do with it?",
    "settings": "⚙️ <b>{title}</b>\n\nPrice with these settings: <b>{price}</b>",
    "not_set": "as the model likes",
    "not_attached": "none",
    "yes": "yes",
    "no": "no",
    "files": "{n} attached",
    "bad_missing": "Something is missing here.",
    "bad_unknown": "The model does not know that.",
    "bad_not_text": "Please send some words.",
    "bad_too_short": "Too short: at least {min} characters, please.",
    "bad_too_long": (
        "That is too long: {n} characters, and at most {max} fit. Please shorten it and send it"
        " again."
    ),
    "bad_not_a_choice": "Please choose one of these: {choices}.",
    "bad_not_a_switch": "Please choose yes or no.",
    "bad_not_a_number": "Please send a number, for example 5 or 0.5.",
    "bad_not_whole": "Please send a whole number.",
    "bad_too_small": "Too small: at least {min}.",
    "bad_too_big": "Too big: at most {max}.",
    "bad_not_fixed": "That cannot be changed.",
    "bad_no_file": "Please send the file itself.",
    "bad_wrong_kind_image": "A picture is needed here.",
    "bad_wrong_kind_audio": "A voice message or a recording is needed here.",
    "bad_wrong_kind_video": "A clip is needed here.",
    "bad_wrong_format": "This format ({mime}) does not work here. These do: {formats}.",
    "bad_too_heavy": (
        "Too heavy: {n} MB, and at most {max} MB work. Send it smaller, or a photo not as a file."
    ),
    "bad_unknown_length": (
        "I cannot see how long it plays, and the price depends on that. Please send it as a voice"
        " message, audio or video, not as a file."
    ),
    "bad_plays_too_long": "Too long: {n} s, and at most {max} s work. Please send a shorter one.",
    "bad_too_few_files": "That is {n}, and at least {min} are needed.",
    "bad_too_many_files": "There are {max} already, and no more fit. Remove them to send others.",
    "button_search": "🔎 Search by name",
    "button_settings": "⚙️ Settings",
    "button_setting": "{label}: {value}",
    "button_back": "⬅️ Back",
    "button_keep": "➡️ Keep: {value}",
    "button_done": "✅ Done · {n}",
    "button_clear": "🗑 Remove",
    "command_search": "find a model by name",
    "not_enough": (
        "💳 <b>{title}</b> costs {price} credits, and you have {balance}: {missing} to go.\n\n"
        "Your request is kept: after a top-up press the same button again."
    ),
    "toast_used_up": (
        "All {n} free ones of today are used. There are new ones after midnight (UTC)."
    ),
    "toast_too_late": "Too late: it is being made, or it is over already.",
    "failed_cancelled": "✖️ Cancelled before it began. Nothing was charged.",
    "button_stop": "✖️ Cancel",
    "no_longer_fits": (
        "⚠️ These settings do not fit this model any more. Nothing was charged; please choose again."
    ),
    "texts_joined": "📝 Telegram has cut your text in two; I put it together.",
    "edit_taken": "✏️ I took your edited text.",
    "edit_too_late": (
        "That request has gone out already, with the text as it was. The"
        " edited text is kept: choose a model for it."
    ),
    "kept_files": "\n\n📎 Kept for you: {n:files_kept}.",
    "kept_words": "\n\n📝 Kept for you:\n<blockquote>{text}</blockquote>",
    "files_kept_one": "{n} file",
    "files_kept_many": "{n} files",
    "button_other": "🤖 Another model",
    "which_model": "Which model shall make it?",
}
