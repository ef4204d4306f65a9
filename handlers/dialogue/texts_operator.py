"""The sentences that only operators read, in both languages; ``texts.py`` joins them."""

EN = {
    "notice": "🛠 <b>Operator notice</b>\n\n{text}",
    "held_back": (
        "There were too many notices within an hour; more are held back until it is over."
        " See /admin, the log and run.py status."
    ),
    # --------------------------------------------------------------- alerts
    "alert_lock_lost": (
        "Epoch {epoch} of {instance} ended without signing off; nobody was ACTIVE for {seconds} s."
        " Reason: {reason}"
    ),
    "alert_hand_overs": (
        "{n} terms within 10 minutes: instances keep taking the lock from each other, or one"
        " crashes again and again. See the log and run.py status."
    ),
    "alert_progress": "A part of the bot hangs: {reason}. Restart it if nobody else does.",
    "alert_backlog_old": "{n} updates wait, the oldest for {minutes} min.",
    "alert_backlog_grows": "The backlog keeps growing: {n} updates wait, {first} a moment ago.",
    "alert_unreadable": (
        "{n} updates within 10 minutes were unreadable and are set aside: run.py status --dead"
    ),
    "alert_deliveries": (
        "{n} deliveries within 10 minutes failed, {ended} ended. The latest error: {reason}"
    ),
    "alert_webhook_lost": (
        "Somebody changed the webhook (it led to {where}); it is set again. Is there another"
        " installation with this token?"
    ),
    # --------------------------------------------------------------- /admin
    "admin_active": "🛠 <b>ACTIVE</b>: {instance}, epoch {epoch}, since {since}",
    "admin_nobody": "🛠 <b>ACTIVE</b>: nobody holds the lock in a term",
    "admin_waiting": "PASSIVE: {name}",
    "admin_updates": "<b>Updates</b>: {n} to process{oldest}; {dead} set aside",
    "admin_jobs": "<b>Jobs</b>: {counts}",
    "admin_outbox": "<b>Outbox</b>: {n} to deliver{oldest}; {held} held for who blocked the bot",
    "admin_oldest": ", the oldest for {n} s",
    "admin_money": (
        "<b>Credits today</b> (UTC): topped up {topped_up}, granted {granted}, paid for results"
        " {paid}, refunded {refunded}"
    ),
    "admin_kie_works": "✅ kie.ai takes requests",
    "admin_trouble": "⚠️ {text}",
    "admin_mishaps": "\n<b>Last errors</b> (7 days):",
    "admin_no_mishaps": "\nNo errors within 7 days.",
    "admin_update": "• {at} update {number} set aside: {error}",
    "admin_delivery": "• {at} delivery {number} failed: {error}",
    "admin_job": "• {at} job {number} failed: {error}",
    "admin_at": "\n<i>{at} UTC</i>",
    "button_admin": "🔄 Refresh",
}

RU = {
    "notice": "🛠 <b>Сообщение оператору</b>\n\n{text}",
    "held_back": (
        "За час накопилось слишком много сообщений; остальные придержаны до его конца."
        " Смотрите /admin, журнал и run.py status."
    ),
    # --------------------------------------------------------------- alerts
    "alert_lock_lost": (
        "Эпоха {epoch} ({instance}) закончилась без прощания; {seconds} с никто не был ACTIVE."
        " Причина: {reason}"
    ),
    "alert_hand_overs": (
        "Смен ACTIVE за 10 минут: {n}. Экземпляры отнимают блокировку друг у друга, или один из"
        " них падает снова и снова. Смотрите журнал и run.py status."
    ),
    "alert_progress": "Часть бота зависла: {reason}. Перезапустите его, если он не сам.",
    "alert_backlog_old": "Ждут обработки: {n}, самое старое обновление — {minutes} мин.",
    "alert_backlog_grows": "Очередь растёт: ждут {n}, недавно было {first}.",
    "alert_unreadable": (
        "Нечитаемых обновлений за 10 минут: {n}; они отложены: run.py status --dead"
    ),
    "alert_deliveries": ("Не доставлено за 10 минут: {n} из {ended}. Последняя ошибка: {reason}"),
    "alert_webhook_lost": (
        "Кто-то сменил вебхук (он вёл на {where}); он установлен снова. Нет ли другой установки"
        " с этим токеном?"
    ),
    # --------------------------------------------------------------- /admin
    "admin_active": "🛠 <b>ACTIVE</b>: {instance}, эпоха {epoch}, с {since}",
    "admin_nobody": "🛠 <b>ACTIVE</b>: никто не держит блокировку",
    "admin_waiting": "PASSIVE: {name}",
    "admin_updates": "<b>Обновления</b>: ждут {n}{oldest}; отложено {dead}",
    "admin_jobs": "<b>Задания</b>: {counts}",
    "admin_outbox": "<b>Исходящие</b>: ждут {n}{oldest}; {held} — для тех, кто заблокировал бота",
    "admin_oldest": ", старейшее — {n} с",
    "admin_money": (
        "<b>Кредиты за сегодня</b> (UTC): пополнено {topped_up}, выдано {granted}, оплачено"
        " {paid}, возмещено {refunded}"
    ),
    "admin_kie_works": "✅ kie.ai принимает запросы",
    "admin_trouble": "⚠️ {text}",
    "admin_mishaps": "\n<b>Последние ошибки</b> (7 дней):",
    "admin_no_mishaps": "\nЗа 7 дней ошибок нет.",
    "admin_update": "• {at} обновление {number} отложено: {error}",
    "admin_delivery": "• {at} сообщение {number} не доставлено: {error}",
    "admin_job": "• {at} задание {number} не удалось: {error}",
    "admin_at": "\n<i>{at} UTC</i>",
    "button_admin": "🔄 Обновить",
}
