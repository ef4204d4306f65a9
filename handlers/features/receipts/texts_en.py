"""The sentences in English about payments by hand."""

EN = {
    "button_receipt": "💳 Pay by transfer",
    "receipt_packs": "💳 <b>By transfer</b>\nWhat would you like to buy?",
    "button_money_pack": "{n:credits} · {money}",
    "requisites": (
        "💳 <b>{what}</b>\n\n{requisites}\nYour number: <code>{user}</code>\n\n"
        "After paying, send the receipt here: a photo, a screenshot or a PDF. An operator checks"
        " it by hand."
    ),
    "requisites_any": "Payment by transfer",
    "requisites_pack": "{n:credits} for {money}",
    "requisite_bank": "Bank: <b>{value}</b>\n",
    "requisite_card": "Card: <code>{value}</code>\n",
    "requisite_holder": "Holder: {value}\n",
    "requisite_phone": "Phone: <code>{value}</code>\n",
    "button_leave_receipt": "✖️ Leave",
    "receipt_left": "No receipt was sent.",
    "receipt_wanted": "Send the receipt as a photo or a PDF, please.",
    "receipt_sent": "🧾 Receipt no. {id} is with the operator. The answer comes here.",
    "receipt_limit": (
        "There are receipts of yours that wait for the operator, or too many of today. Please wait"
        " for the answer: /paysupport"
    ),
    "receipt_asked": (
        "🧾 <b>Receipt no. {id}</b>\n{name} (<code>{user}</code>), balance {balance:credits}\n"
        "{what}\n"
        "Top-ups before: {earlier}{seen}"
    ),
    "receipt_seen": "\n⚠️ The same file was seen before: no. {id}",
    "receipt_no_pack": "no pack chosen",
    "button_approve": "✅ +{n}",
    "button_other_amount": "✏️ Other amount",
    "button_refuse": "✖️ Refuse",
    "button_ban": "⛔ Ban",
    "receipt_approved": (
        "✅ <b>+{credits:credits}</b> by receipt no. {id}\nBalance: {balance:credits}"
    ),
    "receipt_refused": "✖️ Receipt no. {id} was refused: {reason}. Questions: /paysupport",
    "receipt_expired": (
        "🕗 Nobody has decided about receipt no. {id} within a week. Please write: /paysupport"
    ),
    "receipts_wait_notice": "Receipts wait for more than two days: {ids}",
    "reason_unpaid": "the money has not arrived",
    "reason_unreadable": "it cannot be read",
    "reason_wrong_sum": "the sum is another one",
    "reason_used": "it was used before",
    "refuse_why": "Why is receipt no. {id} refused?",
    "amount_wanted": "✏️ How many credits is receipt no. {id} worth? Send the number.",
    "amount_bad": "A whole number from 1 to {most} is wanted.",
    "decided_now": "Decided: receipt no. {id}.",
    "decided_before": "Receipt no. {id} was decided before.",
    "decided_own": "It is your own receipt: another operator decides.",
    "button_decided": "{sign} {who}",
    "receipt_unknown": "There is no such receipt.",
    "operators_only": "This button is for operators.",
}
