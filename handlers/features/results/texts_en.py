"""The sentences in English about results and failures."""

EN = {
    "caption_paid": "{n:paid}",
    "paid_one": "{n} credit",
    "paid_many": "{n} credits",
    "caption_free": "free",
    "caption_left": "free, {n} left",
    "result_link": "📎 I couldn't attach the file. This link works for about a day: {url}",
    "result_lost": (
        "😔 Your result is ready, but it may not have arrived. Nothing was charged."
        " The link may still work: {url}"
    ),
    "result_lost_text": (
        "😔 Your result is ready, but it may not have arrived. Nothing was charged."
    ),
    "history_empty": "Your creations will show up here. Nothing yet.",
    "album_sent": "☝️ Done: {n:files}",
    "album_pictures": "☝️ Done: {n:pictures}",
    "album_songs": "☝️ Done: {n:songs}",
    "songs_one": "{n} song",
    "songs_many": "{n} songs",
    "files_one": "{n} file",
    "files_many": "{n} files",
    "gift": "🎁 <b>{title}</b>\n\nBetter late than never, so this one is on us.",
    "failed": "❌ <b>{title}</b>{words}",
    "failed_words": " “{words}”",
    "failed_refused_content": (
        "The model declined this description under its rules. Nothing was charged."
        " Try rewording it."
    ),
    "failed_refused_input": (
        "The model didn't accept these settings. Nothing was charged."
        " Try other settings or another description."
    ),
    "failed_unavailable": (
        "The generation service is temporarily unavailable; the operator knows."
        " Nothing was charged. Please try again later."
    ),
    "failed_broken": (
        "The generation service failed on this one. Nothing was charged. Please try again."
    ),
    "failed_no_result": (
        "The generation service reported success but sent no file. Nothing was charged."
        " You can simply try again."
    ),
    "failed_lost": (
        "The generation service lost track of this request. Nothing was charged."
        " If the result turns up, it's free. You can also try again."
    ),
    "failed_timed_out": (
        "There was no answer for too long, so I stopped waiting. Nothing was charged."
        " If the result still arrives, it's free. You can also try again."
    ),
    "failed_unclear": (
        "The connection dropped and it's unclear whether the request arrived. Nothing was"
        " charged. If a result comes, it's free. You can also try again."
    ),
    "failed_refused_file": (
        "One of your files can't be fetched from Telegram any more. Nothing was charged."
        " Please send it again."
    ),
    "failed_no_picture": (
        "One of your files is not a picture that the models can read (JPEG, PNG, WebP). Nothing"
        " was charged. Send it as a photo, not as a file: Telegram converts it."
    ),
    "failed_other_length": (
        "The price depends on how long your file plays, and it plays for another time than"
        " Telegram says, or I can't tell. Nothing was charged. Save it anew as MP4, MP3, OGG or"
        " WAV and send it again."
    ),
    "progress_left": "🎨 <b>{title}</b>\n\nCreating… {time} left",
    "progress_almost": "🎨 <b>{title}</b>\n\nCreating… almost there",
    "progress_late": (
        "🎨 <b>{title}</b>\n\nThis is taking longer than usual ({time} so far). I'm on it;"
        " if it fails, nothing is charged."
    ),
    "button_follow_extend": "➕ Extend",
    "button_follow_1080p": "📺 1080p",
    "button_follow_4k": "📺 4K",
    "button_share": "📤 Share",
    "button_variation": "🔁 Another one",
    "button_again": "🔁 Try again",
    "button_format": "◻️ Format",
    "button_words": "✏️ Words",
    "button_reword": "✏️ Reword",
    "button_other_model": "🤖 Another model",
    "button_do_edit": "🪄 Edit",
    "button_do_animate": "💃 Animate",
    "button_do_upscale": "🔍 Enhance",
    "button_do_cutout": "✂️ Cut out",
    "button_star": "⭐",
    "button_starred": "🌟",
    "button_original": "📎 File",
    "button_prompt": "📋 Prompt",
    "button_back_to_result": "↩️ Back",
    "button_priced": "{text} · {n} 💎",
    "toast_which": "Which one?",
    "toast_starred": "⭐ Added to favourites",
    "toast_unstarred": "Removed from favourites",
    "toast_most_starred": "You have {n} favourites, the most there can be. Remove one first.",
    "toast_original": "Sending the file",
    "toast_original_over": (
        "The original is kept for {n} hours after it was made. You still have the copy above."
    ),
    "toast_past_gone": "That request is gone. Start a new one?",
    "toast_model_gone": "This model isn't available right now.",
    "original_link": "📎 I couldn't attach the file. It is here while the link works: {url}",
    "original_lost": "😔 The original isn't available any more; it is kept for about a day.",
    "button_works": "🖼 My works",
    "work_place": "{day} · My works · {n} of {all}",
    "work_files": "{n:files} in this one",
    "work_lost": "😔 Telegram no longer keeps the file of “{title}”. It can be made again.",
    "works_all": "{mark}All",
    "works_image": "{mark}🖼",
    "works_video": "{mark}🎬",
    "works_audio": "{mark}🔊",
    "works_star": "{mark}⭐",
    "toast_no_works": "Nothing here yet",
    "command_history": "my creations",
}
