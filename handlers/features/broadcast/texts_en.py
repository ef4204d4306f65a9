"""The sentences in English about broadcasts."""

EN = {
    "button_broadcast": "📣 Broadcast",
    "operator_broadcast": "write to many users",
    "write_news": (
        "📣 <b>Broadcast</b>\n\nSend me the message as it is to arrive: a text, or a photo or video"
        " with a caption. You see it once more, and choose who gets it, before anything is sent."
    ),
    "wants_message": "A broadcast is a text, or one photo or video with a caption.",
    "no_album": "An album cannot be a broadcast: one photo or video can.",
    "text_long": "That text has {n} characters; {most} fit into a message.",
    "caption_long": "That caption has {n} characters; {most} fit under a photo or video.",
    "news_card": (
        "📣 <b>The message above is how it will arrive.</b>\n\n"
        "To: {audience} — {n:people}\nTakes {time}\nButton: {button}\nBonus: {bonus}"
    ),
    "people_one": "{n} person",
    "people_many": "{n} people",
    "to_all": "all",
    "to_ru": "in Russian",
    "to_en": "in English",
    "to_payers": "who have paid",
    "to_never": "who never paid",
    "to_silent": "silent for {days:days_off}",
    "days_off_one": "{n} day",
    "days_off_many": "{n} days",
    "no_bonus": "none",
    "each_bonus": "{n:credits} each, {whole:credits} in all",
    "no_link": "none",
    "button_rewrite": "✏️ Other message",
    "button_link": "🔗 Button",
    "button_bonus": "🎁 Bonus",
    "button_go": "✅ Send to {n:people}",
    "button_discard": "🗑 Discard",
    "link_wanted": (
        "🔗 Send the button as <code>Text | https://…</code>, for example"
        " <code>See the models | https://example.com/models</code>"
    ),
    "button_form": (
        "That is not a button. Send text and link in one line: <code>Text | https://…</code>"
    ),
    "button_long": "A button has at most {label} characters, its link {url}.",
    "link_bad": "The link has to begin with https:// and name a host.",
    "button_no_link": "Without a button",
    "button_to_card": "◀️ Back",
    "bonus_wanted": "🎁 How many credits does each receiver get? Send a number up to {most}.",
    "bonus_bad": "That is not a whole number from 0 to {most}.",
    "button_no_bonus": "No bonus",
    "nobody": "Nobody belongs to this audience now: choose another one.",
    "news_sure": (
        "📣 Send the message above to <b>{n:people}</b> ({audience})? It takes {time}.{bonus}"
    ),
    "sure_bonus": " Each gets {n:credits}, {whole:credits} in all.",
    "button_sure": "📣 Yes, send",
    "news_gone": "This draft is not there any more.",
    "news_discarded": "The draft is gone. Nothing was sent.",
    "news_open": "📣 <b>Broadcast</b>\n\n{list}",
    "news_none": "No broadcast is running or waiting.\n",
    "news_line": "No. {id}: {state}, {done} of {whole}\n",
    "button_write_news": "✏️ Write one",
    "button_draft": "✏️ Go on with the draft",
    "news_progress": (
        "📣 <b>Broadcast no. {id}</b>: {state}\n\n{bar} {done} of {whole}\nArrived: {sent}\n"
        "Not reachable: {failed}\nLeft out: {skipped}"
    ),
    "news_doubtful": "\nMay have arrived twice: {n}",
    "news_report": (
        "📣 <b>Broadcast no. {id}</b> {state} after {time}\n\nArrived: {sent}\n"
        "Not reachable: {failed}\n"
        "Left out (no news, forgotten, banned): {skipped}"
    ),
    "news_is_draft": "a draft",
    "news_is_queued": "in the queue",
    "news_is_running": "is being sent",
    "news_is_paused": "paused",
    "news_is_stopped": "stopped",
    "news_is_done": "done",
    "button_news_pause": "⏸ Pause",
    "button_news_resume": "▶️ Go on",
    "button_news_stop": "⏹ Stop",
    "button_news_stop_sure": "⏹ Stop for good",
    "stop_sure": "Stop broadcast no. {id}? {n:people} will not get it.",
    "news_unknown": "That broadcast has ended.",
    "button_news_off": "🔕 No more news",
    "button_news_on": "🔔 News again",
    "toast_news_off": "No more news. Answers and results come as before.",
    "toast_news_on": "You get news again.",
    "stop_sure_early": "Stop broadcast no. {id}? Nobody has got it yet.",
}
