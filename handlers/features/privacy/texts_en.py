"""The sentences in English about data, its deletion and the terms of sale."""

EN = {
    "command_privacy": "your data",
    "command_terms": "terms of sale",
    "privacy": (
        "🔒 <b>Your data</b>\n\n"
        "What the bot keeps, and for how long:\n"
        "• what you write and press: {bodies:days}\n"
        "• what the bot writes to you: {told:days}\n"
        "• requests with their words, links to files and results: {jobs:days};"
        " favourites as long as they are yours\n"
        "• what you asked for in a group and did not confirm: {wishes:days}\n"
        "• your number, name, @name, language and credits: until you want to be forgotten\n"
        "• payments and booked credits: for good, as accounting\n\n"
        "Your words and files go to kie.ai, which makes the results. Telegram carries every"
        " message. Nobody else gets anything.\n\n"
        "Questions: {whom}"
    ),
    "privacy_own": "🔒 <b>Your data</b>\n\n{text}",
    "days_one": "{n} day",
    "days_many": "{n} days",
    "button_data": "📄 My data",
    "button_forget_me": "🗑 Forget me",
    "data_coming": "📄 Your data is being put together. It comes here as a file.",
    "data_had": "You already got your data today. The next copy is possible after midnight UTC.",
    "data_caption": "📄 Everything that is kept about you, as of {day} (UTC).",
    "data_lost": "Your data could not be sent. Please ask for it again tomorrow.",
    "forget_first": (
        "🗑 <b>Forget you?</b>\n\n"
        "Deleted for good: what you wrote, what the bot wrote, all requests and results,"
        " favourites, files, your name and language.\n"
        "Kept: your number beside payments and booked credits, as accounting. What is in this chat"
        " is yours: delete the chat in Telegram."
    ),
    "button_forget_on": "Go on",
    "button_keep_all": "✖️ Leave everything as it is",
    "forget_second": "⚠️ <b>This cannot be undone.</b>\n\n{lost}",
    "lost_nothing": "You have no credits, so none are lost.",
    "lost_credits": "You lose {n:credits}.",
    "lost_stars": (
        "{stars} ⭐ could be returned first (receipt {numbers}): ask for it at /paysupport, then"
        " come back here."
    ),
    "forget_running": "{n:unended} still in progress: I wait until it is done, at the usual price.",
    "unended_one": "{n} request is",
    "unended_many": "{n} requests are",
    "button_forget_now": "🗑 Forget me for good",
    "forgetting": (
        "🗑 Everything about you is being deleted. I'll tell you here when it is done, usually"
        " within a few minutes."
    ),
    "forgetting_already": "I am already deleting your data. I'll tell you when it is done.",
    "forgotten": (
        "✅ Done: everything about you is deleted. This message was the last one. /start begins"
        " again."
    ),
    "not_forgotten": "Everything stays as it is.",
    "refused_receipt": (
        "Not yet: your receipt no. {n} waits for an operator. When it is decided, I can forget you."
    ),
    "refused_return": (
        "Not yet: the Stars of receipt no. {n} are on their way back to you. When they have"
        " arrived, I can forget you."
    ),
    "refused_monthly": (
        "Not yet: your subscription is paid until {day}. If it goes on, end it under /balance"
        " first. I can forget you after that day."
    ),
    "terms": (
        "📄 <b>Terms of sale</b>\n\n"
        "{prices}"
        "• Credits pay for requests in this bot and nothing else. They do not expire.\n"
        "• The price stands on the button before you confirm. Only a result that has arrived is"
        " charged; what failed or could not be delivered costs nothing.\n"
        "• Credits come right after a payment in Stars, with a receipt.\n"
        "• Stars are returned for credits that are not spent: /paysupport\n"
        "• Not allowed: sexual images of children, other people's faces without their consent,"
        " incitement to violence, fraud, and whatever the law forbids. We close the account"
        " of anyone who does it.\n"
        "• We are responsible for these purchases, not Telegram or its support: /paysupport\n"
        "• What is kept about you: /privacy"
    ),
    "terms_own": "📄 <b>Terms of sale</b>\n\n{text}",
    "terms_prices": "• Prices: {packs}.\n",
    "terms_pack": "{n:credits} {price}",
    "terms_monthly": "🔁 {n:credits} a month {price}",
}
