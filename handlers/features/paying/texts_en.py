"""The sentences in English about the balance and the top-up."""

EN = {
    "checkout_refused": "Nothing is sold for Stars here. You were not charged.",
    "balance": "💳 <b>Your balance: {n} credits</b>",
    "balance_free_title": "Free today:\n",
    "balance_free": "• {title}: {n} of {most} left\n",
    "balance_entries_title": "Latest entries:\n",
    "balance_entry": "{date} · {what}: <b>{amount}</b>\n",
    "topup": (
        "➕ <b>Top-up</b>\n\n{requisites}\n"
        "After paying, send the receipt to the operator with your number:"
        " <code>{user}</code>. The credits come after it was checked by hand."
    ),
    "topup_bank": "Bank: <b>{value}</b>\n",
    "topup_card": "Card: <code>{value}</code>\n",
    "topup_holder": "Holder: {value}\n",
    "topup_phone": "Phone: <code>{value}</code>\n",
    "topup_hidden": "Top-ups are not offered here at the moment.",
    "button_balance": "💳 Balance",
    "button_topup": "➕ Top up",
    "command_balance": "credits and free uses",
    "payment_arrived": (
        "⭐ Your payment of {amount} has arrived. Nothing is sold for Stars here, so I"
        " told the operator: it is returned or credited to you."
    ),
    "payment_returned": "⭐ {amount} went back to you.",
    "payment_arrived_notice": (
        "User {user} paid {amount}, and nothing is sold for Stars here. Return it"
        " (refundStarPayment) or credit it (/topup {user} …). Number of the payment:"
        " {charge}"
    ),
    "payment_returned_notice": (
        "{amount} of user {user} went back to them. Number of the payment: {charge}"
    ),
}
