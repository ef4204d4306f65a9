"""The Russian texts of reports for operators."""

RU = {
    "money": (
        "💰 <b>Деньги · {period}</b> (UTC)\n\n<b>Доход</b>\n{stars}\n{hand}\n\n<b>Кредиты"
        " пользователей</b>\nОплачено за результаты: {paid} · подарено: {gifts} · возвращено:"
        " {refunds}\n\n<b>kie.ai</b>\nЗатраты: {kie} кр. = {kie_dollars}\nБесплатная работа:"
        " {free:results}, из них {free_dollars}\n{balance}\n\n"
        "<b>Осталось: {left}</b>{share}{models}"
    ),
    "period_one": "{n} день",
    "period_few": "{n} дня",
    "period_many": "{n} дней",
    "period": "{n:period}",
    "period_today": "сегодня",
    "results_one": "{n} результат",
    "results_few": "{n} результата",
    "results_many": "{n} результатов",
    "money_stars": "⭐ {stars} ≈ {dollars} · {n:payments}",
    "money_stars_back": "; вернулось {stars} ⭐",
    "payments_one": "{n} платёж",
    "payments_few": "{n} платежа",
    "payments_many": "{n} платежей",
    "money_hand": "🏦 Вручную: {credits} кр.",
    "money_hand_worth": " ≈ {dollars}",
    "money_hand_prices": " ({prices})",
    "money_balance": "Баланс: {credits} кр., {days} (данные: {age} назад)",
    "money_balance_unknown": "Баланс: kie.ai ещё не спрашивали",
    "balance_lasts": "при таком расходе хватит на {n:period}",
    "balance_lasts_hours": "при таком расходе хватит на {n} ч",
    "balance_unused": "за 7 дней ничего не потрачено",
    "money_share": " · {share} дохода",
    "money_models": "\n\n<b>Модели</b>{rows}",
    "money_best": "\n\n<b>Лучшие модели</b>{rows}",
    "money_worst": "\n\n<b>Худшие модели</b>{rows}",
    "money_model": "\n• {title}: {left} · {n:results}",
    "money_rough": (
        "\n\n<i>1 ⭐ ≈ 0,013 $, кредит kie.ai = 0,005 $. Кредит пользователя оценён по самому"
        " выгодному для него пакету.</i>"
    ),
    "money_rough_unsold": (
        "\n\n<i>1 ⭐ ≈ 0,013 $, кредит kie.ai = 0,005 $. Пакеты не продаются, поэтому кредиты"
        " пользователей здесь без цены, а у моделей видны только затраты.</i>"
    ),
    "money_usage": (
        "Не понимаю «{given}». <code>/money 7</code> — отчёт за 7 дней; можно также 1 и 30."
    ),
    "limit": (
        "Бот предупредит, когда баланса kie.ai останется меньше чем на день. Свой порог:"
        " <b>{now}</b>.\n<code>/money limit 500</code> задаёт порог,"
        " <code>/money limit off</code> убирает."
    ),
    "limit_none": "нет",
    "limit_set": (
        "✅ Порог баланса kie.ai: {old} → <b>{new}</b>.\nВернуть: <code>/money limit {back}</code>"
    ),
    "limit_bad": (
        "«{given}» — не число от 1 до {most}. <code>/money limit 500</code> или"
        " <code>/money limit off</code>"
    ),
    "alarm_low_day": "На kie.ai осталось кредитов: {credits}; {lasts}.",
    "alarm_low_limit": (
        "На kie.ai осталось кредитов: {credits}, ниже вашего порога {limit}; {lasts}."
    ),
    "alarm_spending": (
        "За последний час kie.ai взял кредитов: {credits} ({dollars}); обычно за час — {usual}."
        " /money покажет, на какую модель; обслуживание остановит новые заказы."
    ),
    "alarm_free": (
        "Бесплатный бюджет на сегодня исчерпан: {n:results}. До полуночи (UTC) бесплатные модели"
        " стоят свою цену."
    ),
    "alarm_cost": (
        "Последние задания модели {model} ({n} подряд) стоили не столько, сколько в каталоге:"
        " кредитов kie.ai {taken} вместо {expected}. Проверьте её цену."
    ),
    "operator_money": "деньги за сегодня, 7 или 30 дней",
    "operator_stats": "пользователи, задания, время",
    "operator_export": "кредиты, задания, платежи в CSV",
    "button_money": "💰 Деньги",
    "button_today": "Сегодня",
    "button_week": "7 дней",
    "button_month": "30 дней",
    "button_stats": "📊 Использование",
    "button_export": "📄 Выгрузка",
    "stats": (
        "📊 <b>Использование · {period}</b> (UTC)\n\n👤 Пользователи: {users} · новые: {new} ·"
        " активные: {active}\n"
        "🧾 Готово: {made} · неудачи: {failed} ({rate}) · в работе: {running}\n"
        "⏱ {durations}{models}"
    ),
    "stats_durations": "Половина результатов готова за {half}, 95 % — за {most}",
    "stats_no_durations": "За это время результатов нет",
    "stats_models": "\n\n<b>Модели</b>{rows}{more}",
    "stats_model": "\n• {title}: готово {made}, неудачи {failed}{running}",
    "stats_running": ", {states}",
    "stats_more": "\nи ещё {n}; все — в выгрузке",
    "stats_usage": (
        "Не понимаю «{given}». <code>/stats 7</code> — отчёт за 7 дней; можно также 1 и 30."
    ),
    "state_queued": "в очереди {n}",
    "state_submitting": "отправляется {n}",
    "state_unclear": "под вопросом {n}",
    "state_waiting": "создаётся {n}",
    "chart_money": "Деньги в $, {period}",
    "chart_stats": "Использование, {period}",
    "chart_income": "Доход",
    "chart_cost": "Затраты",
    "chart_left": "Осталось",
    "chart_made": "Готово",
    "chart_failed": "Неудачи",
    "chart_people": "Пользователи",
    "chart_new": "Новые",
    "chart_caption": "{title} (UTC)",
    "chart_failed_notice": "Картинку нарисовать не удалось, причина в журнале. Цифры — выше.",
    "export": (
        "📄 <b>Выгрузка · {month}</b>\n\nДокумент CSV за этот месяц (UTC). Или словами:"
        " <code>/export ledger {code}</code>"
    ),
    "export_ledger": "Движение кредитов",
    "export_jobs": "Задания",
    "export_payments": "Платежи",
    "button_export_ledger": "Движение кредитов",
    "button_export_jobs": "Задания",
    "button_export_payments": "Платежи",
    "export_begun": "⏳ {what}, {month}: файл готовится и придёт сюда.",
    "export_part": "{what}, {month}: {n:rows}{part}",
    "export_part_number": ", часть {n}",
    "rows_one": "{n} строка",
    "rows_few": "{n} строки",
    "rows_many": "{n} строк",
    "export_empty": "{what}, {month}: за этот месяц ничего нет.",
    "export_failed": "{what}, {month}: файл сделать не удалось, причина в журнале.",
    "export_usage": (
        "Не понимаю «{given}». Выгрузить можно ledger, jobs или payments, месяц пишется так:"
        " 2026-11. <code>/export {kind} {code}</code>"
    ),
    "export_future": "{month} ещё не начался. <code>/export {kind} {code}</code>",
    "made_file_gone": "Файл больше не хранится. Запросите его ещё раз.",
}
