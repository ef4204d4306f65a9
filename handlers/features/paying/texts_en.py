"""The sentences in English about the balance and the top-up."""

EN = {
    "balance": "💳 Balance: <b>{n:credits}</b>",
    "balance_free_title": "Free today:",
    "balance_free": "• {title}: {n} of {most} left",
    "balance_renewed": "New ones at {time}",
    "balance_running": "In the making:",
    "running_made": "• {name}, {time} so far",
    "running_queued": "• {name}: queued",
    "job_name": "{title} “{words}”",
    "balance_entries": "Lately:",
    "balance_entry": "{day} · {what}: <b>{amount}</b>",
    "booked_opening": "opening balance",
    "booked_topup": "top-up",
    "booked_grant": "bonus",
    "booked_taken": "taken back by the operator",
    "booked_reserve": "{name}",
    "booked_release": "{name}: failed, returned",
    "booked_refund": "{name}: compensation",
    "topup_hidden": "Top-ups are not offered here at the moment.",
    "found_payment_notice": (
        "{stars} ⭐ of user {user} stood in Telegram's list of transactions, and no update told of"
        " them (receipt no. {n}). They are {what} now. Number of the payment: {charge}"
    ),
    "found_credited": "credited",
    "found_returning": "on their way back: they fit no order",
    "found_return_notice": (
        "{stars} ⭐ went back to user {user}, and we had not been told (receipt no. {n}). It is"
        " booked now. Credits that were spent already: {spent}. Number of the payment: {charge}"
    ),
    "button_balance": "💳 Balance",
    "button_topup": "➕ Top up",
    "command_balance": "credits and free uses",
    "topup_title": "➕ <b>Top-up</b>\nBalance: {n:credits}",
    "credit_price": "1 credit ≈ {price} ⭐",
    "pack_worth": "{n:credits} ≈ {images:pictures} or {videos:videos}",
    "pack_worth_images": "{n:credits} ≈ {images:pictures}",
    "videos_one": "{n} video",
    "videos_many": "{n} videos",
    "button_pack": "{n:credits} · {stars} ⭐",
    "toast_pack_gone": "This pack is not sold any more. See /topup",
    "invoice_title": "{n:credits}",
    "invoice_description": (
        "{n:credits} for this bot. They come at once and do not expire. Questions: /paysupport"
    ),
    "invoice_above": "The invoice is above ⬆️",
    "checkout_unknown": "This invoice is not known here. You were not charged. See /topup",
    "checkout_foreign": "This invoice is somebody else's. You were not charged. See /topup",
    "checkout_changed": "The price of this invoice has changed. You were not charged. See /topup",
    "checkout_expired": "This invoice has expired. You were not charged. A new one: /topup",
    "checkout_banned": "Your account is closed. You were not charged. Questions: /paysupport",
    "checkout_closed": (
        "Generation does not work at the moment, so nothing is sold. You were not charged."
    ),
    "receipt": (
        "✅ <b>+{credits:credits}</b> for {stars} ⭐\nBalance: {balance:credits}"
        "\nReceipt no. {number}"
    ),
    "payment_returning": (
        "⭐ Your {stars} ⭐ have arrived (receipt no. {number}), but they fit no invoice of yours,"
        " so they go back to you. No credits were booked."
    ),
    "payment_returned": "⭐ {stars} ⭐ went back to you.",
    "payment_returning_notice": (
        "User {user} paid {amount}, and it fits no order. It is returned. Number of the"
        " payment: {charge}"
    ),
    "unsigned_notice": (
        "Receipt no. {n} was credited by its order, though its payload is not signed by this"
        " token. Has the token changed? Number of the payment: {charge}"
    ),
    "chargeback_notice": (
        "{stars} ⭐ of user {user} went back to them without our asking (receipt no. {n}). Credits"
        " that were spent already: {spent}. Number of the payment: {charge}"
    ),
}
