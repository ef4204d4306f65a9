"""The sentences in English about invitations and promo codes."""

EN = {
    "command_invite": "invite a friend",
    "command_promo": "redeem a promo code",
    "invite": (
        "🎁 <b>Invite a friend</b>\n\nYour link:\n<code>{link}</code>\n\n"
        "When a friend who came by it has paid for the first time, both of you get"
        " {reward:credits}.\nCame: {came}, paid: {rewarded}."
    ),
    "invite_no_link": "The link is not ready yet. Please try again in a minute.",
    "button_share_invite": "📨 Share",
    "share_text": "Pictures and videos from words",
    "invite_rewarded": "🎁 +{n:credits}: a friend whom you invited has paid for the first time.",
    "invited_rewarded": "🎁 +{n:credits}: thank you for coming by an invitation.",
    "promo_usage": "Send the code behind the command: /promo CODE",
    "promo_redeemed": "🎁 <b>+{n:credits}</b>\nBalance: {balance:credits}",
    "promo_wrong": "This code gives nothing: it is wrong, over, or you have used it.",
    "promo_silenced": "Too many wrong codes. Please try again in an hour.",
    "promo_operators": (
        "🎟 <b>Promo codes</b>\n{codes}\n<b>Links of campaigns</b>\n{campaigns}\n"
        "/promo new CODE credits uses [days] [new] — a code; <i>new</i>: for new users\n"
        "/promo off CODE\nLinks: ?start=p_CODE, ?start=c_campaign"
    ),
    "promo_line": "{mark} <code>{code}</code> · {credits} · {used}/{most}{more}\n",
    "promo_until": " · until {date}",
    "promo_only_new": " · new users",
    "promo_none": "none\n",
    "campaign_line": "{name}: {visits}, new {new}\n",
    "promo_made": "✅ Code {code} is there: {link}",
    "promo_exists": "There is a code of that name.",
    "promo_ended": "Code {code} is off.",
    "promo_unknown": "There is no such code.",
    "promo_bad": "That is no code: letters and digits, then credits and uses above 0.",
}
