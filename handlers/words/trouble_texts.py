"""Why a part does not work: the texts of ``troubles.py``, in both languages."""

EN = {
    "cause_none": "The process could report nothing more: it was killed, or its machine is gone.",
    "cause_other": "In its own words: {text}",
    "cause_webhook_unset": "The webhook could not be set; it is tried again and again. {why}",
    "cause_webhook_unseen": "Telegram could not be asked about the webhook. {why}",
    "cause_webhook_post": (
        "Telegram cannot post to the bot's address; {n} updates wait there. {why}"
    ),
    "cause_silent": "{name} has made no progress for {n} s.",
    "cause_begins_again": (
        "Failures in a row: {n}, the last one {error}. The server's log has each of them"
        " (service_begins_again): please report it with its traceback."
    ),
    "cause_token": (
        "It does not accept the bot's token. Copy the current one from @BotFather and set"
        " TELEGRAM_BOT_TOKEN; until then the bot asks again and again."
    ),
    "cause_conflict": (
        "Another program fetches this bot's messages with the same token: stop it, or get a new"
        " token from @BotFather."
    ),
    "cause_local_files": (
        "The Bot API server runs with --local, and its files cannot be read here: mount its"
        " directory at the same path, readable for the bot, or start the server without"
        " --local."
    ),
    "cause_disk_full": "The disk is full: make room.",
    "cause_disk": "{path} cannot be written: mend the disk or the rights.",
    "cause_database": "The database does not answer properly; its own log says why.",
    "cause_maintenance": "It is being maintained. You need not do anything.",
    "cause_busy": "It was asked too often; the bot waits and goes on by itself.",
    "cause_certificate": (
        "The certificate of the other side is not trusted: check the certificate, the proxy and"
        " the server's clock."
    ),
    "cause_tls": "No secure connection can be made (TLS): check the proxy and the server's clock.",
    "cause_name": "The name of the other side is not found: check DNS and the server's network.",
    "cause_refused": (
        "The connection is refused: nothing listens at that address, or a firewall is in between."
    ),
    "cause_slow": "No answer came in time. If it lasts, check the server's network.",
    "cause_server": (
        "The other side answers with its own error {code}. The bot tries again by itself."
    ),
    "cause_between": (
        "Something in between answers with {code}, such as a proxy or a firewall: check that it"
        " lets the bot through."
    ),
    "cause_unreadable": "The answer could not be read. The bot tries again by itself.",
    "cause_connection": (
        "The connection fails or breaks. If it lasts, check the server's network."
    ),
}

RU = {
    "cause_none": "Процесс ничего не успел сказать: его убили, или машина пропала.",
    "cause_other": "Дословно: {text}",
    "cause_webhook_unset": "Вебхук не удалось установить; бот пробует снова и снова. {why}",
    "cause_webhook_unseen": "Не удалось спросить Telegram о вебхуке. {why}",
    "cause_webhook_post": (
        "Telegram не может передать сообщения на адрес бота; там ждут: {n}. {why}"
    ),
    "cause_silent": "«{name}» стоит уже {n} с.",
    "cause_begins_again": (
        "Сбоев подряд: {n}, последний — {error}. Каждый записан в журнале сервера"
        " (service_begins_again): сообщите о нём разработчикам вместе с трассировкой."
    ),
    "cause_token": (
        "Он не принимает токен бота. Скопируйте действующий токен у @BotFather и укажите его в"
        " TELEGRAM_BOT_TOKEN; до тех пор бот спрашивает снова и снова."
    ),
    "cause_conflict": (
        "Сообщения этого бота забирает другая программа с тем же токеном: остановите её или"
        " получите новый токен у @BotFather."
    ),
    "cause_local_files": (
        "Сервер Bot API запущен с --local, и его файлы здесь не читаются: подключите его"
        " каталог по тому же пути с правом чтения для бота или запустите сервер без --local."
    ),
    "cause_disk_full": "Диск заполнен: освободите место.",
    "cause_disk": "{path} не записывается: проверьте диск и права.",
    "cause_database": "База данных отвечает с ошибкой или не отвечает; почему — в её журнале.",
    "cause_maintenance": "Там идут технические работы. Делать ничего не нужно.",
    "cause_busy": "Запросов было слишком много; бот подождёт и продолжит сам.",
    "cause_certificate": (
        "Сертификату другой стороны нельзя доверять: проверьте сертификат, прокси и часы сервера."
    ),
    "cause_tls": (
        "Защищённое соединение (TLS) не устанавливается: проверьте прокси и часы сервера."
    ),
    "cause_name": "Адрес другой стороны не находится: проверьте DNS и сеть сервера.",
    "cause_refused": (
        "В соединении отказано: по этому адресу никто не отвечает, или мешает межсетевой экран."
    ),
    "cause_slow": "Ответ не пришёл вовремя. Если это не проходит, проверьте сеть сервера.",
    "cause_server": "Другая сторона отвечает ошибкой {code}. Бот попробует снова сам.",
    "cause_between": (
        "По пути кто-то отвечает кодом {code}, например прокси или межсетевой экран: проверьте,"
        " что он пропускает бота."
    ),
    "cause_unreadable": "Ответ не удалось прочитать. Бот попробует снова сам.",
    "cause_connection": (
        "Соединение не устанавливается или обрывается. Если это не проходит, проверьте сеть"
        " сервера."
    ),
}
