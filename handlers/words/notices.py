"""The texts of notices, which only operators read, in both languages."""

EN = {
    "notice": "🛠 <b>Operator notice</b>\n\n{text}",
    "held_back": (
        "There were too many notices within an hour; more are held back until it is over."
        " See /admin, the log and run.py status."
    ),
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
    "alert_set_aside": (
        "Set aside after {n} tries: update {update}. {reason}\nOnce more: run.py status --replay"
        " {number}"
    ),
    "alert_stuck_answers": (
        "An answer to a user has not gone out for {minutes} min. If others go out, its row is"
        " locked or refused: run.py status, pg_stat_activity."
    ),
    "alert_stuck_results": (
        "A finished result has not been delivered for {minutes} min. If others are, its host gives"
        " no file, or its row is locked: run.py status, the log."
    ),
    "alert_stuck_jobs": (
        "A job should have ended {minutes} min ago. kie.ai does not answer about it, or its row is"
        " locked: run.py status, the log."
    ),
    "alert_unfetched": (
        "{n} results of the last 24 hours were made and never fetched: their users had blocked the"
        " bot. kie.ai was paid for them. After three in a row a user orders nothing more."
    ),
    "alert_ended": (
        "The bot has ended {n} times while it handled update {update}. It is handled again later,"
        " by itself; at last it is set aside. The log says what ended the bot."
    ),
    "alert_refund_refused": (
        "Telegram refused to return {stars} Stars of receipt {n} to user {user}; credits that were"
        " taken back are on the account again. Number of the payment: {charge}"
    ),
    "alert_webhook_lost": (
        "Somebody changed the webhook (it led to {where}); it is set again. Is there another"
        " installation with this token?"
    ),
}

RU = {
    "notice": "🛠 <b>Сообщение оператору</b>\n\n{text}",
    "held_back": (
        "За час накопилось слишком много сообщений; остальные придержаны до его конца."
        " Смотрите /admin, журнал и run.py status."
    ),
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
    "alert_set_aside": (
        "Отложено после {n} попыток: обновление {update}. {reason}\nПовторить: run.py status"
        " --replay {number}"
    ),
    "alert_stuck_answers": (
        "Ответ пользователю не уходит уже {minutes} мин. Если другие уходят, его строка"
        " заблокирована или не записывается: run.py status, pg_stat_activity."
    ),
    "alert_stuck_results": (
        "Готовый результат не доставлен уже {minutes} мин. Если другие доставляются, файл не отдают"
        " или строка заблокирована: run.py status, журнал."
    ),
    "alert_stuck_jobs": (
        "Задание должно было закончиться {minutes} мин назад. kie.ai не отвечает о нём, или его"
        " строка заблокирована: run.py status, журнал."
    ),
    "alert_unfetched": (
        "За сутки сделано и не получено результатов: {n}. Их заказчики заблокировали бота, а kie.ai"
        " оплачен. После трёх таких подряд новые заказы не принимаются."
    ),
    "alert_ended": (
        "Бот завершился {n} раза при обработке обновления {update}. Оно будет обработано позже и"
        " отдельно от других, а в конце концов отложено. Почему завершился бот, сказано в журнале."
    ),
    "alert_refund_refused": (
        "Telegram отказался вернуть звёзды ({stars}) по чеку {n} пользователю {user}; списанные"
        " кредиты снова на счёте. Номер платежа: {charge}"
    ),
    "alert_webhook_lost": (
        "Кто-то сменил вебхук (он вёл на {where}); он установлен снова. Нет ли другой установки"
        " с этим токеном?"
    ),
}
