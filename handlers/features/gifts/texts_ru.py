"""The sentences in Russian about invitations and promo codes."""

RU = {
    "command_invite": "пригласить друга",
    "command_promo": "ввести промокод",
    "invite": (
        "🎁 <b>Пригласите друга</b>\n\nВаша ссылка:\n<code>{link}</code>\n\n"
        "Когда друг, пришедший по ней, впервые заплатит, вы оба получите {reward:credits}.\n"
        "Пришло: {came}, заплатило: {rewarded}."
    ),
    "invite_no_link": "Ссылка ещё не готова. Попробуйте, пожалуйста, через минуту.",
    "button_share_invite": "📨 Поделиться",
    "share_text": "Картинки и видео по описанию",
    "invite_rewarded": "🎁 +{n:credits}: друг, которого вы пригласили, впервые заплатил.",
    "invited_rewarded": "🎁 +{n:credits}: спасибо, что пришли по приглашению.",
    "promo_usage": "Напишите код после команды: /promo КОД",
    "promo_redeemed": "🎁 <b>+{n:credits}</b>\nНа балансе {balance:credits}",
    "promo_percent": "🎁 <b>−{percent} %</b> на следующий пакет: /topup",
    "promo_wrong": "По этому коду ничего нет: он неверный, закончился или уже использован вами.",
    "promo_silenced": "Слишком много неверных кодов. Попробуйте, пожалуйста, через час.",
    "promo_operators": (
        "🎟 <b>Промокоды</b>\n{codes}\n<b>Ссылки кампаний</b>\n{campaigns}\n"
        "/promo new КОД кредиты сколько [дней] [new] — код; <code>20%</code> вместо кредитов:"
        " скидка на пакет; <i>new</i>: для новых\n"
        "/promo off КОД — выключить\n/promo link ИМЯ — ссылка кампании, переходы считаются"
    ),
    "promo_line": "{mark} <code>{code}</code> · {credits} · {used}/{most}{more}\n",
    "promo_until": " · до {date}",
    "promo_only_new": " · для новых",
    "promo_none": "нет\n",
    "campaign_line": "{name}: {visits}, новых {new}\n",
    "campaign_made": "✅ Переходы по этой ссылке считаются: {link}",
    "campaign_exists": "Ссылка с таким именем уже есть, переходы по ней считаются: {link}",
    "campaign_bad": "Имя кампании: до 40 латинских букв, цифр, знаков - и _.",
    "promo_made": "✅ Код {code} готов: {link}",
    "promo_exists": "Такой код уже есть.",
    "promo_ended": "Код {code} выключен.",
    "promo_unknown": "Такого кода нет, или он уже выключен.",
    "promo_bad": (
        "Так код не сделать. Нужно имя из букв и цифр, затем кредиты или скидка до {percent}%,"
        " затем сколько раз он сработает, каждое число от 1 до {uses}. Вот так: <code>/promo"
        " new FOXES 5 100</code>"
    ),
}
