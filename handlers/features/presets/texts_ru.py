"""The sentences in Russian about presets, which users know as effects."""

RU = {
    "presets": "✨ <b>Эффекты</b>\n\nОдно фото или пара слов — и готово. Что показать?",
    "presets_none": "Сейчас эффектов нет.",
    "preset": "✨ <b>{title}</b>\n{about}\n\nСлева до, справа после. Цена: {price}",
    "preset_gone": "Этот эффект сейчас недоступен.",
    "button_presets": "✨ Эффекты",
    "button_presets_all": "‹ Все эффекты",
    "button_try": "✨ Попробовать · {n} 💎",
    "button_try_free": "✨ Попробовать бесплатно",
    "samples": "✨ {names}: попробуйте прямо сейчас 👇",
    "button_sample": "✨ {title} · {n} 💎",
    "button_sample_free": "🎁 {title} · бесплатно",
    "command_effects": "эффекты с примерами",
}
