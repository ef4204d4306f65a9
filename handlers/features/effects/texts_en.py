"""The sentences in English about effects."""

EN = {
    "effects": "✨ <b>Effects</b>\n\nOne photo or a few words, and it is done. What shall I show?",
    "effects_none": "There are no effects at the moment.",
    "effect": (
        "✨ <b>{title}</b>\n{about}\n\nBefore on the left, after on the right. Price: {price}"
    ),
    "effect_gone": "This effect is not available right now.",
    "button_effects": "✨ Effects",
    "button_effects_all": "‹ All effects",
    "button_try": "✨ Try · {n} 💎",
    "button_try_free": "✨ Try for free",
    "command_effects": "effects with samples",
}
