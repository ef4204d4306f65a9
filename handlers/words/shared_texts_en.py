"""The English texts that several features use."""

EN = {
    "not_enough": "You need {price:credits} and have {balance}. {n} short.",
    "toast_short": "{n:credits} short. Nothing was started.",
    "toast_already": "Already on it ✨",
    "bot_description": (
        "🎨 Tell me what to draw, or send a photo: I draw, edit and animate, make clips, songs and"
        " voices.\n\n• You see the price before you pay\n• You never pay for a failure\n"
        "• The first pictures of each day are free\n\nPress Start and write a few words."
    ),
    "bot_short_description": (
        "Pictures, video, songs and voice from your words and photos. Price first, failures free."
    ),
    "choose_by_button": "Please tap one of the buttons below.",
    "free": "free",
    "credits": "{n:credits}",
    "credits_one": "{n} credit",
    "credits_many": "{n} credits",
    "accepted": "⏳ <b>{title}</b>\n\nQueued. Usually {time}; you can leave this chat.",
    "started": "🎨 <b>{title}</b>\n\nCreating… {time}",
    "delayed": (
        "🕗 <b>{title}</b>\n\nThe generation service is down. Your request is saved and will start"
        " by itself; you can leave this chat. If it isn't back within an hour, I cancel it, tell"
        " you, and nothing is charged."
    ),
    "foreign_command": "{command} was forwarded. Write it yourself to have it carried out.",
    "foreign_words": (
        "You did not write this message yourself. Write it yourself and it will be accepted."
    ),
    "unknown_command": "I don't know {command}. All commands: /help",
    "broken_here": (
        "😔 Something broke on my side and your message wasn't handled. The operator knows."
        " Please try again or press /start"
    ),
    "asked_enough": (
        "You have written to the operators {n} times within the hour. Their answer comes here;"
        " please wait for it."
    ),
    "begun_unreadable": (
        "I could not read what you had begun here, so it is put aside. Please send it to me again."
    ),
    "old_keyboard": "The buttons of an earlier version are removed.",
    "toast_operators_only": "This button is for operators",
    "toast_old": "That button has expired",
    "button_new": "🎨 New",
    "button_menu": "🏠 Menu",
    "seconds": "≈ {n} s",
    "minutes": "≈ {n} min",
    "exact_seconds": "{n} s",
    "exact_minutes": "{n} min",
    "exact_hours": "{n} h",
    "exact_days": "{n} d",
    "price_over_budget": "{n:credits}, today's free ones are gone",
    "free_left": "free, {n} left today",
    "entry_opening": "carried over",
    "entry_transfer": "moved between bots",
    "entry_topup": "top-up",
    "entry_stars": "paid in Stars",
    "entry_stars_refund": "Stars refunded",
    "entry_promo": "promo code",
    "entry_invite": "invitation",
    "entry_forgotten": "given up when everything was deleted",
    "entry_grant": "from the operator",
    "entry_reserve": "request {job}",
    "entry_release": "request {job} given back",
    "entry_refund": "request {job} refunded",
    "monthly_stopped": (
        "🔁 Your subscription has ended: nothing more is collected. It is paid until {day}, and"
        " your credits stay."
    ),
    "monthly_not_stopped": (
        "🔁 Telegram did not let me end your subscription. You can end it yourself: Telegram,"
        " Settings, My Stars. The operator knows."
    ),
    "refused_banned": "Your account is closed: no new orders or payments. Questions: /paysupport",
    "refused_maintenance": (
        "We are doing maintenance. Nothing is charged; what runs is finished. Please try a little"
        " later."
    ),
    "refused_maintenance_until": (
        "We are doing maintenance until {until}. Nothing is charged; what runs is finished."
        " Please try then."
    ),
    "place_in_queue": "\n\nNumber {n} in the queue, starts in {time}.",
    "other_photo": "I can't use a photo here. /cancel leaves this step.",
    "other_sticker": "I can't do anything with a sticker. Send me words or a photo.",
    "other_voice": "I can't use a voice message here. Write it, please.",
    "other_video": "I can't use a video here.",
    "other_audio": "I can't use music here.",
    "other_document": "I can't read this kind of file. Send a photo, a voice message or a video.",
    "other_gift": "Thank you for the gift! I told the operator. It does not change your balance.",
    "other_other": "I can't use this kind of message. Send me words or a photo.",
    "send_as_photo": (
        "iPhones keep photos as HEIC, which the models cannot read."
        " Send it as a photo, not as a file: Telegram converts it."
    ),
    "welcome": "Hello! How can I help?",
    "pictures_one": "{n} picture",
    "pictures_many": "{n} pictures",
}
