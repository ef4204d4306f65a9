"""The sentences in Russian about broadcasts."""

RU = {
    "button_broadcast": "📣 Рассылка",
    "operator_broadcast": "написать многим",
    "write_news": (
        "📣 <b>Рассылка</b>\n\nПришлите сообщение таким, каким оно должно прийти: текст либо фото"
        " или видео с подписью. Перед отправкой вы увидите его ещё раз и выберете, кому оно уйдёт."
    ),
    "wants_message": "Для рассылки подойдёт текст либо одно фото или видео с подписью.",
    "no_album": "Альбом разослать нельзя, одно фото или видео — можно.",
    "text_long": "В тексте {n} знаков, а в сообщение помещается {most}.",
    "caption_long": "В подписи {n} знаков, а под фото или видео помещается {most}.",
    "news_card": (
        "📣 <b>Сообщение — выше, так оно и придёт.</b>\n\n"
        "Кому: {audience} — {n:people}\nЗаймёт {time}\nКнопка: {button}\nБонус: {bonus}"
    ),
    "people_one": "{n} человек",
    "people_few": "{n} человека",
    "people_many": "{n} человек",
    "to_all": "всем",
    "to_ru": "на русском",
    "to_en": "на английском",
    "to_payers": "платившим",
    "to_never": "не платившим",
    "to_silent": "молчат {days:days_off}",
    "days_off_one": "{n} день",
    "days_off_few": "{n} дня",
    "days_off_many": "{n} дней",
    "no_bonus": "нет",
    "each_bonus": "каждому {n:credits}, всего {whole:credits}",
    "no_link": "нет",
    "button_rewrite": "✏️ Заменить",
    "button_link": "🔗 Кнопка",
    "button_bonus": "🎁 Бонус",
    "button_go": "✅ Отправить · {n:people}",
    "button_discard": "🗑 Удалить",
    "link_wanted": (
        "🔗 Пришлите кнопку так: <code>Текст | https://…</code>, например"
        " <code>Смотреть модели | https://example.com/models</code>"
    ),
    "button_form": (
        "Это не кнопка. Пришлите текст и ссылку одной строкой: <code>Текст | https://…</code>"
    ),
    "button_long": "В кнопке не больше {label} знаков, в ссылке — {url}.",
    "link_bad": "Ссылка должна начинаться с https:// и вести на сайт.",
    "button_no_link": "Без кнопки",
    "button_to_card": "◀️ Назад",
    "bonus_wanted": "🎁 Сколько кредитов получит каждый? Пришлите число до {most}.",
    "bonus_bad": "Нужно целое число от 0 до {most}.",
    "button_no_bonus": "Без бонуса",
    "nobody": "Сейчас таких людей нет: выберите других.",
    "news_sure": (
        "📣 Отправить сообщение выше: <b>{n:people}</b> ({audience})? Займёт {time}.{bonus}"
    ),
    "sure_bonus": " Каждый получит {n:credits}, всего {whole:credits}.",
    "button_sure": "📣 Да, отправить",
    "news_gone": "Этого черновика уже нет.",
    "news_discarded": "Черновик удалён. Ничего не отправлено.",
    "news_open": "📣 <b>Рассылка</b>\n\n{list}",
    "news_none": "Сейчас ничего не рассылается.\n",
    "news_line": "№ {id}: {state}, {done} из {whole}\n",
    "button_write_news": "✏️ Написать",
    "button_draft": "✏️ Продолжить черновик",
    "news_progress": (
        "📣 <b>Рассылка № {id}</b>: {state}\n\n{bar} {done} из {whole}\nДошло: {sent}\n"
        "Недоступны: {failed}\nПропущены: {skipped}"
    ),
    "news_doubtful": "\nМогло прийти дважды: {n}",
    "news_report": (
        "📣 <b>Рассылка № {id}</b>: {state}, заняла {time}\n\nДошло: {sent}\nНедоступны: {failed}\n"
        "Пропущены (без новостей, забыты, закрыты): {skipped}"
    ),
    "news_is_draft": "черновик",
    "news_is_queued": "в очереди",
    "news_is_running": "идёт",
    "news_is_paused": "на паузе",
    "news_is_stopped": "остановлена",
    "news_is_done": "закончена",
    "button_news_pause": "⏸ Пауза",
    "button_news_resume": "▶️ Продолжить",
    "button_news_stop": "⏹ Остановить",
    "button_news_stop_sure": "⏹ Остановить совсем",
    "stop_sure": "Остановить рассылку № {id}? Не получат: {n:people}.",
    "news_unknown": "Эта рассылка уже закончилась.",
    "button_news_off": "🔕 Больше без новостей",
    "button_news_on": "🔔 Снова получать новости",
    "toast_news_off": "Новостей больше не будет. Ответы и результаты приходят как прежде.",
    "toast_news_on": "Новости снова будут приходить.",
    "stop_sure_early": "Остановить рассылку № {id}? Её ещё никто не получил.",
}
