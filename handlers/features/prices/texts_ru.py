"""The sentences in Russian about prices, for operators."""

RU = {
    "button_prices": "🏷 Модели и цены",
    "operator_prices": "модели, цены, пакеты",
    "prices": (
        "🏷 <b>Цены</b>\n\nНаценка: {markup}\nБесплатных в день на всех: {budget}"
        "\nПодписки прежнего бота: {renewals}"
        "\n\n<b>Пакеты</b>\n{packs}"
        "\n<b>Изменено здесь</b>\n{changed}"
        "\n{usage}"
    ),
    "button_price_markup": "Наценка",
    "button_price_budget": "Бесплатные",
    "button_price_new": "➕ Пакет",
    "button_price_new_monthly": "➕ Подписка",
    "button_price_renewals": "Прежние подписки",
    "button_price_model": "Модель",
    "button_price_pack": "{n:credits}",
    "button_price_monthly": "🔁 {n:credits}",
    "button_price_hide": "✖️ Больше не продавать",
    "button_price_reset": "↩️ Как в файле: {what}",
    "price_wanted_markup": "Пришлите наценку, например 2.5",
    "price_wanted_budget": "Пришлите, сколько бесплатных в день на всех; 0: нисколько",
    "price_wanted_new": "Пришлите кредиты и звёзды, например 500 230; дальше можно цену переводом",
    "price_wanted_new_monthly": (
        "Пришлите кредиты и звёзды за месяц, например 500 200. Telegram будет списывать их каждые"
        " 30 дней, пока пользователь не отключит"
    ),
    "price_wanted_monthly": "Пришлите цену месяца в звёздах. У проданных подписок цена прежняя",
    "price_wanted_renewals": (
        "Подписки, которые продал прежний бот с этим токеном, продлеваются сами. Пришлите, сколько"
        " кредитов дать за их звезду, например 2; 0: такой платёж возвращается"
    ),
    "price_wanted_model": "Пришлите модель и цену: z-image 3, или бесплатные: z-image free 10",
    "price_wanted_pack": "Пришлите цену в звёздах; дальше можно цену для оплаты переводом",
    "price_typed_bad": "Такой цены нет: {why}.",
    "prices_pack": "{n:credits} · {price} · маржа {margin}\n",
    "prices_monthly": "🔁 {n:credits} в месяц · {price} · маржа {margin}\n",
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
        "/prices monthly 500 200 — подписка: кредиты, звёзды каждый месяц\n"
        "/prices hide 500, /prices hide monthly 500 — скрыть пакет\n"
        "/prices renewals 2 — кредитов за звезду подписки прежнего бота, 0: вернуть\n"
        "/prices budget 200 — бесплатных в день на всех, 0: нисколько\n"
        "/prices reset z-image, markup, budget или renewals — как в файле"
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
    "what_monthly": "Подписка: {n:credits} в месяц",
    "what_renewals": "Подписки прежнего бота",
    "what_reset": "Как в файле каталога: {model}",
    "value_stars": "{stars} ⭐",
    "value_hidden": "не продаётся",
    "value_no_budget": "без предела",
    "what_budget": "Бесплатных результатов в день на всех",
    "value_renewals": "кредитов за звезду: {rate}",
    "value_returned": "звёзды возвращаются",
    "value_file": "как в файле",
    "button_set": "✅ Установить",
    "button_set_below": "⚠️ Всё равно установить",
    "button_prices_leave": "✖️ Не менять",
    "prices_set": "✅ Установлено и уже действует.",
    "prices_set_before": (
        "Не установлено: это только что изменил другой оператор. Что действует — в /prices."
    ),
    "prices_left": "Ничего не изменено.",
}
