"""The sentences in English about payments by hand."""

EN = {
    "by_hand_gone": "Payments by transfer are not taken at the moment.",
    "pack_gone": "This pack is not sold any more. Please choose another one.",
    "requisites_gone": (
        "Payments by transfer are not taken any more. If you have paid already, send the receipt"
        " here; else leave."
    ),
    "button_copy_card": "📋 Copy the card number",
    "button_copy_phone": "📋 Copy the phone number",
    "button_copy_number": "📋 Copy your number",
    "receipt_page": "🧾 Receipt no. {id}, another page",
    "receipt_replaced": "🧾 Receipt no. {id}: its user has put this file in place of another one",
    "receipt_edit_sent": "🧾 The new file of receipt no. {id} is with the operator.",
    "receipt_edit_late": (
        "Receipt no. {id} was decided before the change. Please send the file as a new message, or"
        " ask: /paysupport"
    ),
    "is_it_receipt": "🧾 Is this the receipt of your payment?",
    "button_is_receipt": "🧾 It is the receipt",
    "button_no_receipt": "🎨 Make something of it",
    "doubted_receipt": "🧾 This is the receipt.",
    "doubted_left": "It is not a receipt, then.",
    "button_leave_amount": "✖️ Leave",
    "amount_left": "Nothing was decided.",
    "ban_sure": (
        "⛔ Refuse receipt no. {id} and close the account of its user? No payment and no receipt"
        " of this user is taken then."
    ),
    "button_ban_sure": "⛔ Yes, close it",
    "decided_ban": "⛔ Receipt no. {id} is refused, and the account is closed for payments.",
    "button_unban": "🔓 Open it again",
    "ban_lifted": "🔓 Payments of user {user} are taken again.",
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
        "Your earlier receipts are still waiting for the operator, or you have sent too many"
        " today. Please wait for the answer: /paysupport"
    ),
    "receipt_asked": (
        "🧾 <b>Receipt no. {id}</b>\n{name} (<code>{user}</code>), balance {balance:credits}\n"
        "{what}\n"
        "Top-ups before: {earlier}{seen}"
    ),
    "receipt_seen": "\n⚠️ The same file was seen before: no. {id}",
    "receipt_no_pack": "no pack chosen",
    "receipt_no_price": "{n:credits}, no price was noted",
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
    "receipts_wait_notice": "Receipts have been waiting for more than two days: {ids}",
    "reason_unpaid": "the money has not arrived",
    "reason_unreadable": "it cannot be read",
    "reason_wrong_sum": "the sum is another one",
    "reason_used": "it was used before",
    "refuse_why": "Why is receipt no. {id} refused?",
    "amount_wanted": "✏️ How many credits is receipt no. {id} worth? Send the number.",
    "amount_bad": "Please send a whole number from 1 to {most}.",
    "decided_now": "Decided: receipt no. {id}.",
    "decided_before": "Receipt no. {id} was decided already.",
    "decided_own": "It is your own receipt: another operator decides.",
    "button_decided": "{sign} {who}",
    "receipt_unknown": "There is no such receipt.",
    "operators_only": "This button is for operators.",
    "button_receipts": "🧾 Receipts ({n})",
    "receipts_none": "No receipts are waiting.",
}
