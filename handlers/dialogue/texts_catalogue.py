"""The sentences about models and what they ask for; ``texts.py`` joins them to the others."""

EN = {
    # ------------------------------------------------------------------ menus
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
    # -------------------------------------------------------------- questions
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
    # --------------------------------------------------------------- settings
    "settings": "⚙️ <b>{title}</b>\n\nPrice with these settings: <b>{price}</b>",
    "not_set": "as the model likes",
    "not_attached": "none",
    "yes": "yes",
    "no": "no",
    "files": "{n} attached",
    # ----------------------------------------------------------------- refusals
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
    "failed_refused_file": (
        "⚠️ One of your files cannot be fetched from Telegram any more. Nothing was charged."
        " Please send it again."
    ),
    # ---------------------------------------------------------- the operator's
    "model_on": "✅ <code>{model}</code> is on the menu again.",
    "model_off": "🚫 <code>{model}</code> is off the menu.",
    "model_on_before": "<code>{model}</code> was on the menu already.",
    "model_off_before": "<code>{model}</code> was off the menu already.",
    "model_unknown": "There is no model <code>{model}</code> in the catalogue.",
    "model_is_off": "🚫 <code>{model}</code>: {reason}\n",
    "model_usage": (
        "\nOn the menu: {n}.\n<code>/model ID off</code> takes one off,"
        " <code>/model ID on</code> puts it back."
    ),
    # ---------------------------------------------------------------- buttons
    "button_search": "🔎 Search by name",
    "button_settings": "⚙️ Settings",
    "button_setting": "{label}: {value}",
    "button_back": "⬅️ Back",
    "button_keep": "➡️ Keep: {value}",
    "button_done": "✅ Done · {n}",
    "button_clear": "🗑 Remove",
    "command_search": "find a model by name",
}

RU = {
    # ------------------------------------------------------------------ menus
    "category_image": "🖼 Картинки · {n}",
    "category_video": "🎬 Видео · {n}",
    "category_audio": "🔊 Голос · {n}",
    "category_tools": "🛠 Инструменты · {n}",
    "category_image_title": "🖼 <b>Картинки</b>",
    "category_video_title": "🎬 <b>Видео</b>",
    "category_audio_title": "🔊 <b>Голос и звук</b>",
    "category_tools_title": "🛠 <b>Улучшить ваши фото и видео</b>",
    "button_model": "{title} · {price}",
    "price_is": "{n} кр.",
    "price_from": "от {n} кр.",
    "price_free": "бесплатно",
    "search": "🔎 Пришлите часть названия или того, что нужно: <i>kling</i>, <i>фото</i>.",
    "found": "🔎 <b>{query}</b>: {shown} из {n}",
    "found_nothing": "🔎 <b>{query}</b>: ничего не нашлось. Попробуйте слово короче.",
    # -------------------------------------------------------------- questions
    "ask_number": "🔢 <b>{title}</b> · {label}\n\nПришлите число от {min} до {max}.",
    "ask_any_number": "🔢 <b>{title}</b> · {label}\n\nПришлите число.",
    "ask_image": "🖼 <b>{title}</b> · {label}\n\nПришлите картинку: {formats}, до {max} МБ.",
    "ask_images": (
        "🖼 <b>{title}</b> · {label}\n\nПришлите до {most} картинок, по одной или альбомом:"
        " {formats}, до {max} МБ каждая.\nПолучено: <b>{given}</b>"
    ),
    "ask_audio": (
        "🎙 <b>{title}</b> · {label}\n\nПришлите голосовое или запись: {formats}, до {max} МБ."
    ),
    "ask_audios": (
        "🎙 <b>{title}</b> · {label}\n\nПришлите до {most} записей: {formats},"
        " до {max} МБ каждая.\nПолучено: <b>{given}</b>"
    ),
    "ask_video": "🎞 <b>{title}</b> · {label}\n\nПришлите ролик: {formats}, до {max} МБ.",
    "ask_videos": (
        "🎞 <b>{title}</b> · {label}\n\nПришлите до {most} роликов: {formats},"
        " до {max} МБ каждый.\nПолучено: <b>{given}</b>"
    ),
    "ask_seconds": "\nНе длиннее {max} с.",
    "album_comes": "📚 Беру весь альбом. Когда он отправится целиком, нажмите «Готово».",
    "left_out": "Остальное из альбома сюда не подходит, его не взял.",
    "prompt_kept": "📝 Это запомнил как описание.",
    "file_kept_image": "🖼 Картинка получена. Что с ней сделать?",
    "file_kept_audio": "🎙 Запись получена. Что с ней сделать?",
    "file_kept_video": "🎞 Ролик получен. Что с ним сделать?",
    # --------------------------------------------------------------- settings
    "settings": "⚙️ <b>{title}</b>\n\nЦена с этими настройками: <b>{price}</b>",
    "not_set": "на усмотрение модели",
    "not_attached": "без них",
    "yes": "да",
    "no": "нет",
    "files": "приложено: {n}",
    # ----------------------------------------------------------------- refusals
    "bad_missing": "Здесь чего-то не хватает.",
    "bad_unknown": "Этого модель не знает.",
    "bad_not_text": "Пришлите, пожалуйста, слова.",
    "bad_too_short": "Слишком коротко: нужно хотя бы символов: {min}.",
    "bad_too_long": (
        "Слишком длинно: символов {n}, а помещается не больше {max}."
        " Сократите, пожалуйста, и пришлите ещё раз."
    ),
    "bad_not_a_choice": "Выберите, пожалуйста, одно из: {choices}.",
    "bad_not_a_switch": "Выберите, пожалуйста, да или нет.",
    "bad_not_a_number": "Пришлите, пожалуйста, число, например 5 или 0,5.",
    "bad_not_whole": "Пришлите, пожалуйста, целое число.",
    "bad_too_small": "Слишком мало: не меньше {min}.",
    "bad_too_big": "Слишком много: не больше {max}.",
    "bad_not_fixed": "Это не меняется.",
    "bad_no_file": "Пришлите, пожалуйста, сам файл.",
    "bad_wrong_kind_image": "Здесь нужна картинка.",
    "bad_wrong_kind_audio": "Здесь нужно голосовое или запись.",
    "bad_wrong_kind_video": "Здесь нужен ролик.",
    "bad_wrong_format": "Такой формат ({mime}) здесь не подойдёт. Подойдут: {formats}.",
    "bad_too_heavy": (
        "Слишком тяжёлый: {n} МБ, а можно не больше {max}. Пришлите поменьше, а фото — не файлом."
    ),
    "bad_unknown_length": (
        "Не вижу, сколько он длится, а от этого зависит цена. Пришлите, пожалуйста, голосовым,"
        " аудио или видео, а не файлом."
    ),
    "bad_plays_too_long": "Слишком долго: {n} с, а можно не больше {max}. Пришлите короче.",
    "bad_too_few_files": "Пока {n}, а нужно хотя бы {min}.",
    "bad_too_many_files": "Уже есть {max}, больше не поместится. Уберите их и пришлите другие.",
    "failed_refused_file": (
        "⚠️ Один из ваших файлов больше не получить из Telegram. Ничего не списано."
        " Пришлите его, пожалуйста, ещё раз."
    ),
    # ---------------------------------------------------------- the operator's
    "model_on": "✅ <code>{model}</code> снова в меню.",
    "model_off": "🚫 <code>{model}</code> убрана из меню.",
    "model_on_before": "<code>{model}</code> и так была в меню.",
    "model_off_before": "<code>{model}</code> и так не в меню.",
    "model_unknown": "Модели <code>{model}</code> нет в каталоге.",
    "model_is_off": "🚫 <code>{model}</code>: {reason}\n",
    "model_usage": (
        "\nВ меню: {n}.\n<code>/model ID off</code> убирает модель,"
        " <code>/model ID on</code> возвращает."
    ),
    # ---------------------------------------------------------------- buttons
    "button_search": "🔎 Поиск по названию",
    "button_settings": "⚙️ Настройки",
    "button_setting": "{label}: {value}",
    "button_back": "⬅️ Назад",
    "button_keep": "➡️ Оставить: {value}",
    "button_done": "✅ Готово · {n}",
    "button_clear": "🗑 Убрать",
    "command_search": "найти модель по названию",
}
