"""The sentences in Russian about effects."""

RU = {
    "effects": "✨ <b>Эффекты</b>\n\nОдно фото или пара слов — и готово. Что показать?",
    "effects_none": "Сейчас эффектов нет.",
    "effect": "✨ <b>{title}</b>\n{about}\n\nСлева до, справа после. Цена: {price}",
    "effect_gone": "Этот эффект сейчас недоступен.",
    "button_effects": "✨ Эффекты",
    "button_effects_all": "‹ Все эффекты",
    "button_try": "✨ Попробовать · {n} 💎",
    "button_try_free": "✨ Попробовать бесплатно",
    "command_effects": "эффекты с примерами",
}
