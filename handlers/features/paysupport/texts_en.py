"""The sentences in English about help with payments."""

EN = {
    "command_paysupport": "help with payments",
    "payment_help": (
        "💬 <b>Help with payments</b>\n\n{payments}\n\n"
        "Stars are returned for credits that are not spent, one whole payment at a time."
        " Write in one message what happened and the number of the receipt; operators read it and"
        " answer here."
    ),
    "no_payments": "You have not paid in Stars here yet.",
    "payment": "{date} · {stars} ⭐ → {credits:credits} · receipt no. {number}{state}\n",
    "state_credited": "",
    "state_returning": " · on its way back",
    "state_returned": " · returned",
    "state_stuck": " · operators look at it",
    "button_leave_help": "✖️ Leave",
    "help_left": "Nothing was sent to the operators.",
    "help_sent": "✅ Sent to the operators. The answer comes here.",
    "help_wants_words": "Please write it in words.",
    "asked_notice": (
        "💬 <b>Help with a payment</b>\n{name} (<code>{user}</code>), balance {balance:credits}\n\n"
        "{payments}\n{words}"
    ),
    "button_refund_payment": "↩️ Return {stars} ⭐ · no. {number}",
    "confirm_return": (
        "Return {stars} ⭐ of receipt no. {number} to {name}?\n"
        "Credits of the payment: {credits}. Balance: {balance}."
    ),
    "confirm_return_spent": (
        "Return {stars} ⭐ of receipt no. {number} to {name}?\nCredits of the payment: {credits}."
        " Balance: {balance}, so {spent} of them are spent: the balance goes to zero, and the rest"
        " is noted."
    ),
    "button_return": "↩️ Yes, return {stars} ⭐",
    "button_return_anyway": "⚠️ Return {stars} ⭐ anyway",
    "return_begun": (
        "↩️ {stars} ⭐ of receipt no. {number} are on their way back; the credits are off the"
        " account."
    ),
    "return_begun_monthly": (
        "↩️ {stars} ⭐ of receipt no. {number} are on their way back; the credits are off the"
        " account. They paid the current month of a subscription, so it is being ended."
    ),
    "return_not_possible": "Receipt no. {number} cannot be returned: {state}.",
    "return_unknown": "There is no such receipt of a payment in Stars.",
    "reason_returning": "it is on its way back",
    "reason_returned": "it was returned",
    "reason_stuck": "Telegram refused to return it",
    "reason_changed": "the balance has changed; look at it once more",
    "not_for_you": "This button is for operators.",
    "payment_usage": "/payment number — a payment by the number of its receipt",
    "payment_card": (
        "⭐ <b>Receipt no. {number}</b>\n{date} · {stars} ⭐ → {credits:credits}{state}\n{name}"
        " (<code>{user}</code>), balance {balance:credits}\n<code>{charge}</code>"
    ),
    "operator_payment": "a payment by the number of its receipt",
    "button_payments": "⭐ Payments",
    "button_payment": "No. {number}",
    "button_older_payments": "Older ›",
    "payments": "⭐ <b>Payments in Stars</b>, UTC\n\n{lines}",
    "payments_line": "{date} · no. {number} · {stars} ⭐ → {credits} · {name}{state}\n",
}
