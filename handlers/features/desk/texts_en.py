"""The English texts of operators' commands in the chat."""

EN = {
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
    "booked": "✅ {what}: <b>{amount}</b> for user <code>{user}</code>. Balance: {balance}.",
    "booked_for_you": "💳 {what}: <b>{amount}</b>. Your balance: {balance}.{note}",
    "booking_usage": (
        "<code>/topup USER CREDITS</code>\n"
        "<code>/grant USER CREDITS note</code> (may be negative)\n"
        "<code>/refund REQUEST note</code>\n\n"
        "Numbers only, at most {most} credits at once."
    ),
    "not_booked_topup": "Not booked: I know no such user. They have to write to the bot first.",
    "not_booked_grant": ("Not booked: I know no such user, or the balance would fall below zero."),
    "not_booked_refund": "Not booked: nothing was paid for that request, or it went back before.",
    "admin_active": "🛠 <b>ACTIVE</b>: {instance}, epoch {epoch}, since {since}",
    "admin_nobody": "🛠 <b>ACTIVE</b>: nobody holds the lock in a term",
    "admin_waiting": "PASSIVE: {name}",
    "admin_updates": "<b>Updates</b>: {n} to process{oldest}; {dead} set aside",
    "admin_jobs": "<b>Jobs</b>: {counts}",
    "admin_outbox": "<b>Outbox</b>: {n} to deliver{oldest}; {held} held for who blocked the bot",
    "admin_oldest": ", the oldest for {n} s",
    "admin_money": (
        "<b>Credits today</b> (UTC): topped up {topped_up}, granted {granted}, paid for results"
        " {paid}, refunded {refunded}"
    ),
    "admin_kie_works": "✅ kie.ai takes requests",
    "admin_trouble": "⚠️ {text}",
    "admin_recent_errors": "\n<b>Last errors</b> (7 days):",
    "admin_no_errors": "\nNo errors within 7 days.",
    "admin_update": "• {at} update {number} set aside: {error}",
    "admin_delivery": "• {at} delivery {number} failed: {error}",
    "admin_job": "• {at} job {number} failed: {error}",
    "admin_at": "\n<i>{at} UTC</i>",
    "button_admin": "🔄 Refresh",
    "name_unknown": "without a name",
    "confirm_topup": (
        "➕ Top up <b>{name}</b> (<code>{user}</code>) by <b>{amount}</b>?\n"
        "Balance: {balance} → {after}."
    ),
    "confirm_grant": (
        "🎁 Book <b>{amount}</b> for <b>{name}</b> (<code>{user}</code>)?\n"
        "Balance: {balance} → {after}."
    ),
    "confirm_refund": (
        "↩️ Give <b>{amount}</b> back to <b>{name}</b> (<code>{user}</code>) for"
        " request {job}, {model}?\n"
        "Balance: {balance} → {after}."
    ),
    "person_unknown": "Nobody with the number {user} has written to this bot yet.",
    "too_little": "{name} has {balance} credits; {amount} would leave less than nothing.",
    "request_unknown": "There is no request {job}.",
    "request_free": "Request {job} was free.",
    "request_unpaid": "Request {job} has not been paid: nothing was delivered for it.",
    "request_refunded": "Request {job} was given back before.",
    "button_book": "✅ Book it",
    "button_leave": "✖️ Leave it",
    "left": "Nothing was booked.",
}
