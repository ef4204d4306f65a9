"""The sentences in English about invitations and promo codes."""

EN = {
    "command_invite": "invite a friend",
    "command_promo": "redeem a promo code",
    "invite": (
        "🎁 <b>Invite a friend</b>\n\nYour link:\n<code>{link}</code>\n\n"
        "When a friend who came by it has paid for the first time, both of you get"
        " {reward:credits}.\nJoined: {came}, paid: {rewarded}."
    ),
    "invite_no_link": "The link is not ready yet. Please try again in a minute.",
    "button_share_invite": "📨 Share",
    "share_text": "Pictures and videos from words",
    "invite_rewarded": "🎁 +{n:credits}: a friend whom you invited has paid for the first time.",
    "invited_rewarded": "🎁 +{n:credits}: thank you for coming by an invitation.",
    "promo_usage": "Send the code after the command: /promo CODE",
    "promo_redeemed": "🎁 <b>+{n:credits}</b>\nBalance: {balance:credits}",
    "promo_percent": "🎁 <b>−{percent} %</b> on your next pack: /topup",
    "promo_wrong": "This code does not work: it is wrong, has ended, or you have used it already.",
    "promo_silenced": "Too many wrong codes. Please try again in an hour.",
    "promo_operators": (
        "🎟 <b>Promo codes</b>\n{codes}\n<b>Links of campaigns</b>\n{campaigns}\n"
        "/promo new CODE credits uses [days] [new] — a code; <code>20%</code> in place of credits:"
        " off the next pack; <i>new</i>: for new users\n"
        "/promo off CODE\n/promo link NAME — a link of a campaign, whose visits are counted"
    ),
    "promo_line": "{mark} <code>{code}</code> · {credits} · {used}/{most}{more}\n",
    "promo_until": " · until {date}",
    "promo_only_new": " · new users",
    "promo_none": "none\n",
    "campaign_line": "{name}: {visits}, new {new}\n",
    "campaign_made": "✅ Visits by this link are counted: {link}",
    "campaign_exists": "There is a link of that name already, and its visits are counted: {link}",
    "campaign_bad": "The name of a campaign has up to 40 Latin letters, digits, - and _.",
    "promo_made": "✅ Code {code} is there: {link}",
    "promo_exists": "There is a code of that name.",
    "promo_ended": "Code {code} is off.",
    "promo_unknown": "There is no such code, or it is off already.",
    "promo_bad": (
        "No code was made. It needs a name of letters and digits, then credits, or a"
        " percentage up to {percent}%, then how often it works, each from 1 to {uses}. Like"
        " this: <code>/promo new FOXES 5 100</code>"
    ),
}
