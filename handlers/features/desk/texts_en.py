"""The sentences in English about what operators do in the chat."""

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
    "admin_mishaps": "\n<b>Last errors</b> (7 days):",
    "admin_no_mishaps": "\nNo errors within 7 days.",
    "admin_update": "• {at} update {number} set aside: {error}",
    "admin_delivery": "• {at} delivery {number} failed: {error}",
    "admin_job": "• {at} job {number} failed: {error}",
    "admin_at": "\n<i>{at} UTC</i>",
    "button_admin": "🔄 Refresh",
}
