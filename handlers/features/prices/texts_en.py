"""The sentences in English about prices, for operators."""

EN = {
    "prices": (
        "🏷 <b>Prices</b>\n\nMarkup: {markup}\n\n<b>Packs</b>\n{packs}"
        "\n<b>Changed here</b>\n{changed}"
        "\n{usage}"
    ),
    "prices_pack": "{n:credits} · {price} · margin {margin}\n",
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
        "/prices hide 500\n/prices reset z-image, /prices reset markup"
    ),
    "prices_bad": "That is no price: {why}.\n\n{usage}",
    "why_number": "numbers above 0 are wanted",
    "why_stars": "an invoice takes 1 to 10,000 Stars",
    "why_model": "there is no such model",
    "why_pack": "there is no such pack",
    "why_unknown": "it is not understood",
    "prices_confirm": "🏷 {what}\n{old} → <b>{new}</b>\nMargin at kie.ai's cost: {margin}",
    "prices_below": "⚠️ <b>Below kie.ai's cost</b>: every sale costs you money.\n\n{shown}",
    "what_markup": "Markup",
    "what_price": "Least price of {model}",
    "what_free": "Free uses a day of {model}",
    "what_pack": "Pack of {n:credits}",
    "what_reset": "As in the catalogue's file: {model}",
    "value_stars": "{stars} ⭐",
    "value_hidden": "not sold",
    "value_file": "as in the file",
    "button_set": "✅ Set it",
    "button_set_below": "⚠️ Set it all the same",
    "button_prices_leave": "✖️ Leave it",
    "prices_set": "✅ Set. It is in force now.",
    "prices_left": "Nothing was changed.",
}
