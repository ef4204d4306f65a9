"""The sentences in Russian about prices, for operators."""

RU = {
    "prices": (
        "🏷 <b>Цены</b>\n\nНаценка: {markup}\n\n<b>Пакеты</b>\n{packs}"
        "\n<b>Изменено здесь</b>\n{changed}"
        "\n{usage}"
    ),
    "prices_pack": "{n:credits} · {price} · маржа {margin}\n",
    "prices_no_packs": "ни один не показан\n",
    "prices_changed": "{model}: {what}\n",
    "prices_gone": " (в каталоге больше нет)",
    "prices_nothing": "ничего\n",
    "prices_price": "от {n:credits}",
    "prices_free": "бесплатно {n} в день",
    "prices_usage": (
        "/prices markup 2.5 — наценка\n/prices z-image 3 — наименьшая цена модели\n"
        "/prices z-image free 10 — бесплатно в день, 0: нисколько\n"
        "/prices pack 500 230 — кредиты, звёзды; дальше можно цену для оплаты переводом\n"
        "/prices hide 500 — скрыть пакет\n/prices reset z-image, /prices reset markup — как в файле"
    ),
    "prices_bad": "Такой цены нет: {why}.\n\n{usage}",
    "why_number": "нужны числа больше 0",
    "why_stars": "счёт бывает от 1 до 10 000 звёзд",
    "why_model": "такой модели нет",
    "why_pack": "такого пакета нет",
    "why_unknown": "не удалось понять",
    "prices_confirm": "🏷 {what}\n{old} → <b>{new}</b>\nМаржа при цене kie.ai: {margin}",
    "prices_below": "⚠️ <b>Ниже цены kie.ai</b>: каждая продажа в убыток.\n\n{shown}",
    "what_markup": "Наценка",
    "what_price": "Наименьшая цена {model}",
    "what_free": "Бесплатно в день: {model}",
    "what_pack": "Пакет на {n:credits}",
    "what_reset": "Как в файле каталога: {model}",
    "value_stars": "{stars} ⭐",
    "value_hidden": "не продаётся",
    "value_file": "как в файле",
    "button_set": "✅ Установить",
    "button_set_below": "⚠️ Всё равно установить",
    "button_prices_leave": "✖️ Не менять",
    "prices_set": "✅ Установлено и уже действует.",
    "prices_left": "Ничего не изменено.",
}
