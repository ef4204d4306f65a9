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
    "balance_entries": "Recent:",
    "balance_entry": "{day} · {what}: <b>{amount}</b>",
    "booked_opening": "opening balance",
    "booked_topup": "top-up",
    "note_receipt": "receipt no. {n}",
    "booked_grant": "bonus",
    "booked_taken": "taken back by the operator",
    "booked_reserve": "{name}",
    "booked_release": "{name}: failed, returned",
    "booked_refund": "{name}: compensation",
    "topup_hidden": "Top-ups are not offered here at the moment.",
    "found_payment_notice": (
        "{stars} ⭐ of user {user} are in Telegram's list of transactions, but no update reported"
        " them (receipt no. {n}). They are {what} now. Number of the payment: {charge}"
    ),
    "found_credited": "credited",
    "found_returning": "on their way back: they fit no order",
    "found_return_notice": (
        "{stars} ⭐ went back to user {user}, but no update reported it (receipt no. {n}). It is"
        " booked now. Credits that were spent already: {spent}. Number of the payment: {charge}"
    ),
    "older_notice": (
        "Telegram's list of transactions has entries from before the first order here: an earlier"
        " bot sold for Stars. Payments: {payments} ({stars} ⭐). Refunds: {refunds}. They are left"
        " as they are: nothing is credited and nothing is returned."
    ),
    "discount": "🎁 −{percent} % on your next pack: the prices below are what you pay.",
    "button_balance": "💳 Balance",
    "button_topup": "➕ Top up",
    "button_all_packs": "⭐ Other packs",
    "command_balance": "credits and free uses",
    "topup_title": "➕ <b>Top-up</b>\nBalance: {n:credits}",
    "credit_price": "1 credit ≈ {price} ⭐",
    "pack_worth": "{n:credits} ≈ {images:pictures} or {videos:videos}",
    "pack_worth_images": "{n:credits} ≈ {images:pictures}",
    "packs_counted": "At the lowest prices: a picture {image:credits}, a video {video:credits}.",
    "videos_one": "{n} video",
    "videos_many": "{n} videos",
    "button_pack": "{n:credits} · {stars} ⭐",
    "button_pack_brief": "{n} 💎 · {stars} ⭐",
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
    "checkout_subscribed": (
        "You have a subscription already. You were not charged. It is under /balance"
    ),
    "checkout_maintenance": (
        "We are doing maintenance. You were not charged. Please pay a little later."
    ),
    "checkout_closed": (
        "Generation does not work at the moment, so nothing is sold. You were not charged."
    ),
    "receipt": (
        "✅ <b>+{credits:credits}</b> for {stars} ⭐\nBalance: {balance:credits}"
        "\nReceipt no. {number}"
    ),
    "button_monthly": "🔁 {n:credits} a month · {stars} ⭐",
    "button_subscribe": "Subscribe · {stars} ⭐ a month",
    "button_end_monthly": "✖️ End the subscription",
    "monthly_title": "{n:credits} a month",
    "monthly_description": (
        "{n:credits} every 30 days until you end it. Credits do not expire. Questions: /paysupport"
    ),
    "monthly_offer": (
        "🔁 <b>{n:credits} a month</b> for {stars} ⭐\n\nTelegram collects the Stars every 30 days"
        " until you end it: with one press under /balance, or in Telegram under Settings, My"
        " Stars. The credits stay."
    ),
    "monthly_active": "🔁 {n:credits} a month for {stars} ⭐. Next payment: {day}",
    "monthly_elsewhere": (
        "🔁 {n:credits} a month for {stars} ⭐. Next payment: {day}. You can end it in Telegram:"
        " Settings, My Stars"
    ),
    "monthly_ending": "🔁 Subscription: being ended. Paid until {day}",
    "monthly_ended": "🔁 Subscription ended, nothing more is collected. Paid until {day}",
    "monthly_failed": (
        "🔁 Subscription: there were too few Stars for the next month. Paid until {day}"
    ),
    "monthly_is_ending": "🔁 I am ending your subscription and will tell you when it has ended.",
    "toast_subscribed": "You have a subscription already: /balance",
    "toast_not_subscribed": "This subscription has ended already",
    "toast_end_in_telegram": "This one can be ended in Telegram: Settings, My Stars",
    "news_canceled": (
        "🔁 You ended your subscription: nothing more is collected. It is paid until {day}, and"
        " your credits stay."
    ),
    "news_active": "🔁 Your subscription goes on: {n:credits} a month for {stars} ⭐.",
    "news_failed": (
        "🔁 There were too few Stars for the next month of your subscription ({stars} ⭐), so no"
        " credits came. Your credits stay. Packs without a subscription: /topup"
    ),
    "receipt_monthly": (
        "✅ <b>+{credits:credits}</b> for {stars} ⭐, your subscription\nBalance: {balance:credits}"
        "\nNext payment: {day}. End it any time: /balance\nReceipt no. {number}"
    ),
    "receipt_second": (
        "✅ <b>+{credits:credits}</b> for {stars} ⭐\nBalance: {balance:credits}\nReceipt no."
        " {number}\n\nYou had a subscription already. This second one is paid until {day} and is"
        " not collected again."
    ),
    "renewal_returning": (
        "⭐ Your {stars} ⭐ for a month of a subscription have arrived (receipt no. {number}), but"
        " there is nothing that I could give you for them, so they go back to you. No credits were"
        " booked. You can end the subscription in Telegram: Settings, My Stars."
    ),
    "renewal_returning_notice": (
        "User {user} paid {stars} ⭐ for a month of a subscription that fits no order, or of a"
        " closed account (receipt no. {n}). It is returned. To credit subscriptions of an earlier"
        " bot: /prices renewals 2 (credits for each Star). Number of the payment: {charge}"
    ),
    "renewal_credited_notice": (
        "User {user} paid {stars} ⭐ for a month of a subscription that an earlier bot has sold"
        " (receipt no. {n}). By your rule (/prices renewals) it was credited: +{credits}. Number of"
        " the payment: {charge}"
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
