"""The sentences in English about prices, for operators."""

EN = {
    "button_prices": "🏷 Models and prices",
    "operator_prices": "models, prices, packs",
    "prices": (
        "🏷 <b>Prices</b>\n\nMarkup: {markup}\nFree results a day, all users: {budget}"
        "\nSubscriptions of an earlier bot: {renewals}"
        "\n\n<b>Packs</b>\n{packs}"
        "\n<b>Changed here</b>\n{changed}"
        "\n{usage}"
    ),
    "button_price_markup": "Markup",
    "button_price_budget": "Free budget",
    "button_price_new": "➕ Pack",
    "button_price_new_monthly": "➕ Monthly pack",
    "button_price_renewals": "Earlier subscriptions",
    "button_price_model": "Model",
    "button_price_pack": "{n:credits}",
    "button_price_monthly": "🔁 {n:credits}",
    "button_price_hide": "✖️ Stop selling it",
    "button_price_reset": "↩️ As in the file: {what}",
    "price_wanted_markup": "Send the markup, for example 2.5",
    "price_wanted_budget": "Send the free results a day for all users together; 0: none",
    "price_wanted_new": "Send credits and Stars, for example 500 230; a price by hand may follow",
    "price_wanted_new_monthly": (
        "Send credits and Stars of a month, for example 500 200. Telegram collects them every 30"
        " days until the user ends it"
    ),
    "price_wanted_monthly": (
        "Send the price of a month in Stars. Subscriptions that were sold keep theirs"
    ),
    "price_wanted_renewals": (
        "Subscriptions that an earlier bot with this token has sold go on by themselves. Send how"
        " many credits a Star of them is worth, for example 2; 0: such a payment goes back"
    ),
    "price_wanted_model": "Send model and price (z-image 3) or free uses (z-image free 10)",
    "price_wanted_pack": "Send the price in Stars; a price for payments by hand may follow",
    "price_typed_bad": "That is not a price: {why}.",
    "prices_pack": "{n:credits} · {price} · margin {margin}\n",
    "prices_monthly": "🔁 {n:credits} a month · {price} · margin {margin}\n",
    "prices_no_packs": "none are shown\n",
    "prices_changed": "{model}: {what}\n",
    "prices_gone": " (not in the catalogue any more)",
    "prices_nothing": "nothing\n",
    "prices_price": "from {n:credits}",
    "prices_free": "free {n} a day",
    "prices_usage": (
        "/prices markup 2.5\n/prices z-image 3 — the least price of a model\n"
        "/prices z-image free 10 — free uses a day, 0: none\n"
        "/prices pack 500 230 — credits, Stars; a price for payments by hand may follow\n"
        "/prices monthly 500 200 — a subscription: credits, Stars each month\n"
        "/prices hide 500, /prices hide monthly 500\n"
        "/prices renewals 2 — credits for a Star of an earlier bot's subscription, 0: it goes"
        " back\n"
        "/prices budget 200 — free results a day for all users, 0: none\n"
        "/prices reset z-image, markup, budget or renewals"
    ),
    "prices_bad": "That is not a price: {why}.\n\n{usage}",
    "why_number": "the numbers must be above 0",
    "why_stars": "an invoice takes 1 to 10,000 Stars",
    "why_model": "there is no such model",
    "why_pack": "there is no such pack",
    "why_unknown": "I do not understand it",
    "prices_confirm": "🏷 {what}\n{old} → <b>{new}</b>\nMargin at kie.ai's cost: {margin}",
    "prices_below": "⚠️ <b>Below kie.ai's cost</b>: every sale costs you money.\n\n{shown}",
    "what_markup": "Markup",
    "what_price": "Least price of {model}",
    "what_free": "Free uses a day of {model}",
    "what_pack": "Pack of {n:credits}",
    "what_monthly": "Subscription: {n:credits} a month",
    "what_renewals": "Subscriptions of an earlier bot",
    "what_reset": "As in the catalogue's file: {model}",
    "value_stars": "{stars} ⭐",
    "value_hidden": "not sold",
    "value_no_budget": "no limit",
    "what_budget": "Free results a day for all users together",
    "value_renewals": "{rate} credits for a Star",
    "value_returned": "the Stars go back",
    "value_file": "as in the file",
    "button_set": "✅ Set it",
    "button_set_below": "⚠️ Set it anyway",
    "button_prices_leave": "✖️ Leave it",
    "prices_set": "✅ Set. It is in force now.",
    "prices_set_before": (
        "Not set: another operator has just changed it. /prices shows what is in force."
    ),
    "prices_left": "Nothing was changed.",
}
