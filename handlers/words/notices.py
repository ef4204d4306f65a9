"""The texts of notices, which only operators read, in both languages."""

EN = {
    "notice": "🛠 <b>Operator notice</b>\n\n{text}",
    "held_back": (
        "There were too many notices within an hour; the rest is held back until the hour is"
        " over. /admin shows how things stand now, the server's log has everything."
    ),
    "alert_lock_lost": (
        "Epoch {epoch} of {instance} ended without signing off; nobody worked for {seconds} s."
        " {reason} Another process works now."
    ),
    "alert_hand_overs": (
        "Within 10 minutes the work changed hands {n:times}: processes take it from each other,"
        " or one crashes again and again. The server's log says which."
    ),
    "alert_progress": (
        "A part of the bot hangs. {reason} The bot restarts by itself; if it has not after two"
        " minutes, restart it: nothing gets lost."
    ),
    "alert_backlog_old": (
        "{n} updates wait, the oldest for {minutes} min. If the number does not fall, restart"
        " the bot: nothing gets lost."
    ),
    "alert_backlog_grows": (
        "The backlog keeps growing: {n} updates wait, {first} a moment ago. If it goes on,"
        " restart the bot: nothing gets lost."
    ),
    "alert_unreadable": (
        "{n} updates within 10 minutes were unreadable and are set aside; the button shows"
        " them. If there are more and more, this version of the bot is too old for Telegram."
    ),
    "alert_deliveries": (
        "{n} deliveries within 10 minutes failed, {ended} ended. The latest error: {reason}"
    ),
    "alert_set_aside": (
        "Update {update} failed {n:times} and is set aside. When the cause is mended, try it"
        " once more: with the button, or with run.py status --replay {number}. Error: {reason}"
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
        "The bot has ended {n:times} while it handled update {update}. It is handled again"
        " later and alone; at last it is set aside. You need not do anything. Why the bot ended"
        " is in the server's log."
    ),
    "alert_refund_refused": (
        "Telegram refused to return {stars} Stars of receipt {n} to user {user}; credits that"
        " were taken back are on the account again. On the user's card you can try once more or"
        " write to them. Number of the payment: {charge}"
    ),
    "alert_end_refused": (
        "Telegram refused to end a subscription of user {user}, who was told how to end it in"
        " Telegram. Number of its payment: {charge}"
    ),
    "alert_webhook_lost": (
        "Somebody changed the webhook (it led to {where}); it is set again. If there is no"
        " other installation of yours with this token, a stranger has it: get a new one from"
        " @BotFather with /revoke and set TELEGRAM_BOT_TOKEN."
    ),
    "alert_over": "✅ Over after {time}: {what}.",
    "over_hand_overs": "instances that took the lock from each other",
    "over_progress": "a part of the bot that hung",
    "over_backlog": "updates that waited",
    "over_stuck_answers": "answers that did not go out",
    "over_stuck_results": "results that were not delivered",
    "over_stuck_jobs": "jobs that did not end",
    "over_deliveries": "deliveries that failed",
    "over_kie": "kie.ai's refusal",
    "over_kie_low": "kie.ai's balance was low",
    "over_free": "the free budget of the day was used up",
    "over_spending": "kie.ai cost much more than usual",
    "over_cost": "a model cost something else than the catalogue says",
    "button_kie_billing": "💳 kie.ai: top up",
    "alert_part_kie-reach": "kie.ai cannot be reached. {reason}",
    "over_part_kie-reach": "kie.ai was out of reach",
    "alert_part_kie-create": (
        "kie.ai takes no new tasks; orders wait in the queue and go on by themselves. {reason}"
    ),
    "over_part_kie-create": "kie.ai took no new tasks",
    "alert_part_kie-query": "kie.ai does not answer about tasks; results come late. {reason}",
    "over_part_kie-query": "kie.ai did not answer about tasks",
    "alert_part_telegram": "Telegram is in trouble. {reason}",
    "over_part_telegram": "Telegram was in trouble",
    "alert_part_webhook": "Messages may not come in. {reason}",
    "over_part_webhook": "the webhook did not work",
    "alert_part_polling": "No messages come in. {reason}",
    "over_part_polling": "no messages came in",
    "alert_part_files": "Files that users send cannot be fetched. {reason}",
    "over_part_files": "files of users could not be fetched",
    "alert_part_data": "The data directory cannot be written. {reason}",
    "over_part_data": "the data directory could not be written",
    "alert_part_service": (
        "The service “{part}” breaks again and again. It is restarted; all others work. {reason}"
    ),
    "over_part_service": "a service broke again and again",
    "alert_part_other": "A part of the bot ({part}) is in trouble. {reason}",
    "over_part_other": "a part of the bot was in trouble",
    "over_unreadable": "updates that could not be read",
    "over_unfetched": "results that nobody fetched",
    "button_token": "🔑 @BotFather: new token",
}

RU = {
    "notice": "🛠 <b>Сообщение оператору</b>\n\n{text}",
    "held_back": (
        "За час накопилось слишком много сообщений; остальные придержаны до его конца. Как дела"
        " сейчас — в /admin, всё остальное — в журнале сервера."
    ),
    "alert_lock_lost": (
        "Эпоха {epoch} ({instance}) оборвалась: {seconds} с никто не работал. {reason} Сейчас"
        " работает другой процесс."
    ),
    "alert_hand_overs": (
        "За 10 минут работа переходила от процесса к процессу {n:times}: они отнимают её друг у"
        " друга, или один из них падает снова и снова. Какой — видно в журнале сервера."
    ),
    "alert_progress": (
        "Часть бота зависла. {reason} Бот перезапустится сам; если через две минуты этого не"
        " случилось, перезапустите его: ничего не потеряется."
    ),
    "alert_backlog_old": (
        "Ждут обработки: {n}, дольше всех — {minutes} мин. Если число не уменьшается,"
        " перезапустите бота: ничего не потеряется."
    ),
    "alert_backlog_grows": (
        "Очередь растёт: ждут {n}, недавно было {first}. Если она растёт и дальше,"
        " перезапустите бота: ничего не потеряется."
    ),
    "alert_unreadable": (
        "Нечитаемых апдейтов за 10 минут: {n}. Они отложены, кнопка покажет список. Если их"
        " всё больше, эта версия бота стара для Telegram."
    ),
    "alert_deliveries": "Не доставлено за 10 минут: {n} из {ended}. Последняя ошибка: {reason}",
    "alert_set_aside": (
        "Апдейт {update} не удалось обработать {n:times}, он отложен. Когда причина"
        " устранена, повторите: кнопкой или run.py status --replay {number}. Ошибка: {reason}"
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
        "Бот аварийно завершился {n:times}, обрабатывая апдейт {update}. Он будет"
        " обработан позже и отдельно от других, а если снова не выйдет — отложен. Делать"
        " ничего не нужно; почему бот завершился, сказано в журнале сервера."
    ),
    "alert_refund_refused": (
        "Telegram отказался вернуть звёзды ({stars}) по чеку {n} пользователю {user}; списанные"
        " кредиты снова на счёте. В карточке пользователя можно попробовать ещё раз или"
        " написать ему. Номер платежа: {charge}"
    ),
    "alert_end_refused": (
        "Telegram отказался отключить подписку пользователя {user}. Номер её платежа: {charge}."
        " Пользователю написано, как отключить её в Telegram"
    ),
    "alert_webhook_lost": (
        "Кто-то сменил вебхук (он вёл на {where}); он установлен снова. Если другой вашей"
        " установки с этим токеном нет, токен у посторонних: получите новый у @BotFather"
        " командой /revoke и укажите его в TELEGRAM_BOT_TOKEN."
    ),
    "alert_over": "✅ Закончилось, длилось {time}: {what}.",
    "over_hand_overs": "экземпляры отнимали блокировку друг у друга",
    "over_progress": "часть бота висела",
    "over_backlog": "апдейты ждали обработки",
    "over_stuck_answers": "ответы не уходили",
    "over_stuck_results": "результаты не доставлялись",
    "over_stuck_jobs": "задания не заканчивались",
    "over_deliveries": "сообщения не доставлялись",
    "over_kie": "kie.ai отказывал",
    "over_kie_low": "баланс kie.ai был мал",
    "over_free": "бесплатный бюджет дня был исчерпан",
    "over_spending": "расход на kie.ai был намного больше обычного",
    "over_cost": "модель стоила не столько, сколько в каталоге",
    "button_kie_billing": "💳 Пополнить kie.ai",
    "alert_part_kie-reach": "kie.ai недоступен. {reason}",
    "over_part_kie-reach": "kie.ai был недоступен",
    "alert_part_kie-create": (
        "kie.ai не принимает новых заданий; заказы ждут в очереди и пойдут дальше сами. {reason}"
    ),
    "over_part_kie-create": "kie.ai не принимал заданий",
    "alert_part_kie-query": "kie.ai не отвечает о заданиях; результаты запаздывают. {reason}",
    "over_part_kie-query": "kie.ai не отвечал о заданиях",
    "alert_part_telegram": "Неполадка с Telegram. {reason}",
    "over_part_telegram": "неполадка с Telegram",
    "alert_part_webhook": "Сообщения могут не приходить. {reason}",
    "over_part_webhook": "вебхук не работал",
    "alert_part_polling": "Сообщения не приходят. {reason}",
    "over_part_polling": "сообщения не приходили",
    "alert_part_files": "Файлы, которые присылают пользователи, не скачиваются. {reason}",
    "over_part_files": "файлы не скачивались",
    "alert_part_data": "Каталог данных не записывается. {reason}",
    "over_part_data": "каталог данных не записывался",
    "alert_part_service": (
        "Служба «{part}» ломается снова и снова; она запускается заново, остальные работают."
        " {reason}"
    ),
    "over_part_service": "служба ломалась снова и снова",
    "alert_part_other": "Неполадка в части бота ({part}). {reason}",
    "over_part_other": "неполадка в части бота",
    "over_unreadable": "апдейты не читались",
    "over_unfetched": "результаты оставались неполученными",
    "button_token": "🔑 @BotFather: новый токен",
}
