"""The texts of ``kie/api/notice.py``: ``alert_`` and the name of the notice, in both languages."""

EN = {
    "alert_kie_key": (
        "kie.ai refuses the key. Nothing can be made until KIE_API_KEY is a valid one."
    ),
    "alert_kie_credits": (
        "kie.ai has no credits left, or too few for what was ordered. Top up: while there are none,"
        " new orders are answered with an apology."
    ),
    "alert_kie_address": (
        "kie.ai refuses the key or this address. See the allowed addresses of the key at kie.ai."
    ),
    "alert_kie_cap": "The sub-key of kie.ai is over its cap. Raise it at kie.ai.",
    "alert_kie_refuses": (
        "kie.ai refuses our work. New orders are answered with an apology. Its reason: {reason}"
    ),
    "alert_certificate": (
        "The certificate of kie.ai is not trusted ({reason}). Nothing is sent there until it is. If"
        " a proxy or an authority of your own signs it, name its bundle in SSL_CERT_FILE; else the"
        " clock or the network may be wrong."
    ),
    "alert_doubted": (
        "kie.ai told one user that it does not offer {model}. Once it tells another one, the model"
        " goes off the menu; /model {model} off does it now. Its words: {reason}"
    ),
    "alert_withdrawn": (
        "kie.ai does not offer {model} any more. It is off the menu; /model {model} on puts it"
        " back. Its words: {reason}"
    ),
    "alert_offered": "✅ {model} works again; it was off the menu for {minutes} min.",
    "alert_cost": (
        "kie.ai took {taken} credits for job {job} ({model}); its price assumes {expected}. Its"
        " entry in the catalogue, or what it says of the user's file, is wrong."
    ),
    "alert_job_end": (
        "Job {job} of user {user} ended without a result; its credits went back. {what}"
    ),
    "alert_no_result": "kie.ai reports success, but its answer has no usable result: {answer}",
    "alert_end_not_recorded": (
        "Its end could not be recorded: {reason}\nWhat was to be recorded: {report}"
    ),
    "alert_task_of_another": (
        "kie.ai answered with the task {task}, which is that of job {other}; nobody else gets its"
        " result. If it happens again, ask kie.ai's support, and look for a proxy in between that"
        " caches answers."
    ),
    "alert_ended_looks": "The process ended {n:times} while it asked for this task.",
    "times_one": "{n} time",
    "times_many": "{n} times",
    "alert_orphans": (
        "{n:callbacks} of kie.ai found no job within a day: {tasks}.\nTheir list:"
        " run.py status --orphans; --match ORPHAN JOB gives one to a job."
    ),
    "callbacks_one": "{n} callback",
    "callbacks_many": "{n} callbacks",
    "alert_ledger": ("The money does not add up: {n:differences}. Nothing was changed.\n{lines}"),
    "differences_one": "{n} difference",
    "differences_many": "{n} differences",
    "alert_wrong_balance": "user {user}: balance {balance}, ledger {entries}",
    "alert_wrong_jobs": "job {id}: {problem}",
    "alert_wrong_payments": "receipt {id}: {problem}",
    "alert_wrong_star_entries": "entry {id}: {problem}",
    "alert_wrong_receipts": "payment by hand {id}: {problem}",
    "alert_wrong_subscriptions": "subscription {id}: {problem}",
    "alert_wrong_codes": "code {id}: {problem}",
    "alert_wrong_invites": "invitation of {id}: {problem}",
    "alert_books_its_price_is_not_what_was_reserved": "its price is not what was reserved",
    "alert_books_other_credits_went_back_than_were_reserved": (
        "other credits went back than were reserved"
    ),
    "alert_books_its_reservation_ended_before_it_did": "its reservation ended before it did",
    "alert_books_it_failed_and_was_paid": "it failed and was paid",
    "alert_books_it_failed_and_nothing_went_back": "it failed and nothing went back",
    "alert_books_it_was_delivered_and_not_paid": "it was delivered and not paid",
    "alert_books_it_was_not_delivered_and_nothing_went_back": (
        "it was not delivered and nothing went back"
    ),
    "alert_books_it_is_not_what_its_order_offers": "it is not what its order offers",
    "alert_books_it_is_a_month_of_no_subscription": "it is a month of no subscription",
    "alert_books_no_payment_of_it_ends_then": "no payment of it ends then",
    "alert_books_its_credits_are_not_booked": "its credits are not booked",
    "alert_books_what_was_taken_and_spent_is_not_what_it_was_worth": (
        "what was taken and spent is not what it was worth"
    ),
    "alert_books_it_goes_back_and_its_credits_did_not": "it goes back and its credits did not",
    "alert_books_it_is_of_no_payment": "it is of no payment",
    "alert_books_it_is_approved_and_its_credits_are_not_booked": (
        "it is approved and its credits are not booked"
    ),
    "alert_books_it_is_not_approved_and_its_credits_are_booked": (
        "it is not approved and its credits are booked"
    ),
    "alert_books_it_was_used_too_often": "it was used too often",
    "alert_books_it_has_more_uses_than_were_counted": "it has more uses than were counted",
    "alert_books_a_use_of_it_has_no_credits": "a use of it has no credits",
    "alert_books_it_is_rewarded_and_the_credits_are_not_booked": (
        "it is rewarded and the credits are not booked"
    ),
    "alert_books_it_is_not_rewarded_and_credits_are_booked": (
        "it is not rewarded and credits are booked"
    ),
}

RU = {
    "alert_kie_key": "kie.ai не принимает ключ. Пока KIE_API_KEY неверен, сделать ничего нельзя.",
    "alert_kie_credits": (
        "На счёте kie.ai кончились кредиты, или их не хватило на заказ. Пополните его: пока их нет,"
        " на заказы отвечаем извинением."
    ),
    "alert_kie_address": (
        "kie.ai не принимает ключ или этот адрес. Проверьте у kie.ai, каким адресам ключ разрешён."
    ),
    "alert_kie_cap": "Дочерний ключ kie.ai исчерпал свой предел. Поднимите его у kie.ai.",
    "alert_kie_refuses": (
        "kie.ai отказывается работать. На новые заказы отвечаем извинением. Причина: {reason}"
    ),
    "alert_certificate": (
        "Сертификату kie.ai нельзя доверять ({reason}). Пока это так, туда ничего не отправляется."
        " Если его подписывает ваш прокси или ваш центр сертификации, укажите его сертификаты в"
        " SSL_CERT_FILE; иначе проверьте часы и сеть."
    ),
    "alert_doubted": (
        "kie.ai ответил одному пользователю, что модели {model} у него нет. После второго такого"
        " ответа она уйдёт из меню; убрать её сейчас — /model {model} off. Слова kie.ai: {reason}"
    ),
    "alert_withdrawn": (
        "kie.ai больше не предлагает {model}. Модель убрана из меню; вернуть её — /model {model}"
        " on. Слова kie.ai: {reason}"
    ),
    "alert_offered": "✅ {model} снова работает; в меню её не было {minutes} мин.",
    "alert_cost": (
        "kie.ai взял {taken} кр. за задание {job} ({model}), а цена рассчитана на {expected}."
        " Ошибка в каталоге или в его данных о файле пользователя."
    ),
    "alert_job_end": (
        "Задание {job} пользователя {user} закончилось без результата, кредиты возвращены. {what}"
    ),
    "alert_no_result": "kie.ai сообщает об успехе, но результата в ответе нет: {answer}",
    "alert_end_not_recorded": (
        "Его конец не удалось записать: {reason}\nЗаписать нужно было: {report}"
    ),
    "alert_task_of_another": (
        "kie.ai ответил задачей {task}, а это задача задания {other}; её результат никто другой не"
        " получит. Если это повторится, напишите в поддержку kie.ai и проверьте, нет ли между ботом"
        " и kie.ai прокси, который кэширует ответы."
    ),
    "alert_ended_looks": "Пока бот запрашивал это задание, процесс завершился {n:times}.",
    "times_one": "{n} раз",
    "times_few": "{n} раза",
    "times_many": "{n} раз",
    "alert_orphans": (
        "За сутки ни к одному заданию не подошло: {n:callbacks} kie.ai ({tasks}).\nСписок: run.py"
        " status --orphans, отдать заданию — --match ORPHAN JOB."
    ),
    "callbacks_one": "{n} обратный вызов",
    "callbacks_few": "{n} обратных вызова",
    "callbacks_many": "{n} обратных вызовов",
    "alert_ledger": "Деньги не сходятся: {n:differences}. Ничего не изменено.\n{lines}",
    "differences_one": "{n} расхождение",
    "differences_few": "{n} расхождения",
    "differences_many": "{n} расхождений",
    "alert_wrong_balance": "пользователь {user}: баланс {balance}, по записям {entries}",
    "alert_wrong_jobs": "задание {id}: {problem}",
    "alert_wrong_payments": "чек {id}: {problem}",
    "alert_wrong_star_entries": "запись {id}: {problem}",
    "alert_wrong_receipts": "перевод {id}: {problem}",
    "alert_wrong_subscriptions": "подписка {id}: {problem}",
    "alert_wrong_codes": "промокод {id}: {problem}",
    "alert_wrong_invites": "приглашение пользователя {id}: {problem}",
    "alert_books_its_price_is_not_what_was_reserved": "цена не равна зарезервированной сумме",
    "alert_books_other_credits_went_back_than_were_reserved": (
        "вернулось не столько, сколько было зарезервировано"
    ),
    "alert_books_its_reservation_ended_before_it_did": "резерв закрыт раньше, чем само задание",
    "alert_books_it_failed_and_was_paid": "не удалось, но оплачено",
    "alert_books_it_failed_and_nothing_went_back": "не удалось, а кредиты не возвращены",
    "alert_books_it_was_delivered_and_not_paid": "доставлено, но не оплачено",
    "alert_books_it_was_not_delivered_and_nothing_went_back": (
        "не доставлено, а кредиты не возвращены"
    ),
    "alert_books_it_is_not_what_its_order_offers": "не совпадает с тем, что предлагал заказ",
    "alert_books_it_is_a_month_of_no_subscription": "это месяц подписки, которой нет",
    "alert_books_no_payment_of_it_ends_then": "ни один её платёж не кончается в этот день",
    "alert_books_its_credits_are_not_booked": "кредиты не зачислены",
    "alert_books_what_was_taken_and_spent_is_not_what_it_was_worth": (
        "списанное и потраченное вместе не равны сумме оплаты"
    ),
    "alert_books_it_goes_back_and_its_credits_did_not": "оплата возвращается, а кредиты не списаны",
    "alert_books_it_is_of_no_payment": "такой оплаты нет",
    "alert_books_it_is_approved_and_its_credits_are_not_booked": (
        "одобрено, но кредиты не зачислены"
    ),
    "alert_books_it_is_not_approved_and_its_credits_are_booked": (
        "не одобрено, но кредиты зачислены"
    ),
    "alert_books_it_was_used_too_often": "использован больше раз, чем можно",
    "alert_books_it_has_more_uses_than_were_counted": "использований больше, чем посчитано",
    "alert_books_a_use_of_it_has_no_credits": "за одно из использований нет кредитов",
    "alert_books_it_is_rewarded_and_the_credits_are_not_booked": (
        "награда выдана, но кредиты не зачислены"
    ),
    "alert_books_it_is_not_rewarded_and_credits_are_booked": (
        "награды не было, но кредиты зачислены"
    ),
}
