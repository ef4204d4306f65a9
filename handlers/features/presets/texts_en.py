"""The sentences in English about presets, which users know as effects."""

EN = {
    "presets": "✨ <b>Effects</b>\n\nOne photo or a few words, and it is done. What shall I show?",
    "presets_none": "There are no effects at the moment.",
    "preset": (
        "✨ <b>{title}</b>\n{about}\n\nBefore on the left, after on the right. Price: {price}"
    ),
    "preset_gone": "This effect is not available right now.",
    "button_presets": "✨ Effects",
    "button_presets_all": "‹ All effects",
    "button_try": "✨ Try · {n} 💎",
    "button_try_free": "✨ Try for free",
    "samples": "✨ {names}: try them right now 👇",
    "button_sample": "✨ {title} · {n} 💎",
    "button_sample_free": "🎁 {title} · free",
    "command_effects": "effects with samples",
}
