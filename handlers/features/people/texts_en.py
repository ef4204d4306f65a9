"""The English texts about people, for operators."""

EN = {
    "booked": "✅ {what}: <b>{amount}</b> for user <code>{user}</code>. Balance: {balance}.",
    "booked_for_you": "💳 <b>{amount}</b> · {what}\nYour balance: {balance:credits}{note}",
    "not_booked_topup": "Not booked: there is no such user. They have to write to the bot first.",
    "not_booked_grant": "Not booked: there is no such user, or the balance would fall below zero.",
    "not_booked_refund": (
        "Not booked: nothing was paid for that request, or it was refunded already."
    ),
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
        "↩️ Give <b>{amount}</b> back to <b>{name}</b> (<code>{user}</code>) for request"
        " {job}, {model}?\nBalance: {balance} → {after}."
    ),
    "person_unknown": (
        "Nobody with the number {user} has written to this bot, or their data was deleted. Is a"
        " digit missing? Users see theirs at /topup."
    ),
    "too_little": (
        "{name} has {balance} credits; {amount} would leave less than nothing. At most:\n"
        "\n<code>/grant {user} {all}</code>"
    ),
    "request_unknown": "There is no request {job}.",
    "request_free": "Request {job} was free.",
    "request_unpaid": "Request {job} has not been paid: nothing was delivered for it.",
    "request_refunded": "Request {job} was refunded already.",
    "button_book": "✅ Book it",
    "button_leave": "✖️ Leave it",
    "left": "Nothing was booked.",
    "operator_user": "find a user: number, @name, receipt",
    "operator_topup": "book what was paid by hand",
    "operator_grant": "give or take credits",
    "operator_refund": "give back what a result has cost",
    "button_users": "👥 Users",
    "button_card": "👤 Card",
    "button_undo_act": "↩️ Undo",
    "button_plus": "➕ Credits",
    "button_minus": "➖ Credits",
    "button_history": "📒 History",
    "button_jobs": "🎨 Jobs",
    "button_refunds": "↩️ Refund…",
    "button_person_ban": "⛔ Ban",
    "button_person_unban": "✅ Lift the ban",
    "button_older": "Older ›",
    "button_refund_job": "↩️ {job} · {price} 💎",
    "button_everything": "−{n}, everything",
    "button_book_topup": "💳 Paid by hand",
    "button_book_grant": "🎁 A gift",
    "toast_nobody": "There is no such user here",
    "toast_ban_self": "You cannot ban yourself",
    "toast_ban_operator": "This is an operator. Take the number out of ADMIN_ID first",
    "find": (
        "👥 <b>Whom?</b>\n"
        "Send a number, an @name, the number of a receipt, or forward a message of that user."
    ),
    "find_empty": "Send a number, an @name or the number of a receipt: <code>/user @anna</code>",
    "find_no_number": (
        "Nobody here has the number {words}, and it is no receipt either. Users see their"
        " number at /topup."
    ),
    "find_no_name": (
        "Nobody here has or had the name {words}. It may have been changed since; the number"
        " is certain."
    ),
    "find_no_sense": (
        "“{words}” is neither a number nor an @name. Like this: <code>/user 42</code>,"
        " <code>/user @anna</code>"
    ),
    "find_hidden": (
        "The author hides the account in forwarded messages. Send the number or the @name."
    ),
    "find_several": "<b>{words}</b> can be several users:",
    "find_former": "Nobody here has the name <b>{words}</b> now. Who had it before:",
    "found_number": "{name} · number {user}",
    "found_payment": "{name} · paid with this receipt",
    "found_receipt": "{name} · sent this receipt",
    "found_name": "{name} · {user}",
    "found_former": "{name} · {user}, had the name before",
    "card": (
        "👤 <b>{name}</b>{first} · <code>{user}</code>\n"
        "🌐 {spoken} · since {since} · seen {seen} ago\n"
        "💎 {balance:credits} · spent {spent}\n"
        "💳 paid {stars} ⭐, by hand {by_hand:credits}\n🎨 {jobs}"
    ),
    "card_partly": "<i>of the latest {n} entries and jobs</i>",
    "card_banned": "⛔ <b>Banned</b>: no new orders and payments",
    "card_unreachable": "🔕 Has blocked the bot",
    "card_error": "⚠️ {at} job {job}: {error}",
    "jobs_none": "no jobs yet",
    "jobs_queued": "queued {n}",
    "jobs_submitting": "being sent {n}",
    "jobs_unclear": "unclear {n}",
    "jobs_waiting": "in the making {n}",
    "jobs_success": "done {n}",
    "jobs_fail": "failed {n}",
    "job_state_queued": "queued",
    "job_state_submitting": "being sent",
    "job_state_unclear": "unclear",
    "job_state_waiting": "in the making",
    "job_state_success": "done",
    "job_state_fail": "failed",
    "history": "📒 <b>Bookings</b>, UTC\n\n{lines}",
    "history_line": "{at} · {what} · <b>{amount}</b>\n",
    "jobs": "🎨 <b>Jobs</b>, UTC\n\n{lines}",
    "jobs_line": "{at} · {job} · {model} · {state} · {price} 💎\n",
    "amount_plus": (
        "➕ How many credits for <b>{name}</b>? Balance: {balance}.\n"
        "Press, or send a number; a note may follow: <code>150 birthday</code>"
    ),
    "amount_minus": (
        "➖ How many credits to take from <b>{name}</b>? Balance: {balance}.\n"
        "Press, or send a number; a note may follow."
    ),
    "amount_no_number": "“{words}” is not a whole number. Like this: <code>150</code>",
    "amount_range": "From 1 to {most} credits at once, not {n}.",
    "amount_too_much": (
        "The balance is {balance}; {n} cannot be taken. At most: <code>{balance}</code>"
    ),
    "confirm_plus": (
        "➕ Book <b>{amount}</b> for <b>{name}</b> (<code>{user}</code>)?\n"
        "Balance: {balance} → {after}.\nWas it paid by hand, or is it a gift?"
    ),
    "wrong": "{why}\n\n<code>{line}</code>",
    "wrong_nothing": "Number and credits are missing. Like this:",
    "wrong_no_request": "The number of the request is missing. Like this:",
    "wrong_request": "“{given}” is not the number of a request. Like this:",
    "wrong_user": "“{given}” is neither a user's number nor an @name. Like this:",
    "wrong_no_user": "No user can have the number {given}. Like this:",
    "wrong_no_amount": "The number of credits is missing. Like this:",
    "wrong_amount": "“{given}” is not a whole number of credits. Like this:",
    "wrong_zero": "0 credits change nothing. Like this:",
    "wrong_negative": "/topup only adds credits; {given} takes them away. That is a grant:",
    "wrong_much": "{given} is over the limit of {most} credits at once. At most:",
    "undone": "↩️ Undone: <b>{amount}</b> for user <code>{user}</code>. Balance: {balance}.",
    "undo_before": "That was undone already.",
    "undo_late": "A booking can be undone for an hour. Now it takes another one: /grant",
    "undo_unknown": "This booking cannot be undone.",
    "undo_spent": "Not undone: the balance is {balance}, {amount} would leave less than nothing.",
    "entry_undone": "correction",
    "nothing_yet": "Nothing yet.",
    "note_undone": "undone",
}
