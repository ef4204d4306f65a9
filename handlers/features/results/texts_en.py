"""The sentences in English about results and failures."""

EN = {
    "caption": "<b>{title}</b> · {time}{prompt}",
    "result_link": "📎 I could not send it as a file; the link works for about a day: {url}",
    "result_lost": (
        "😔 Your result was made, but I cannot be sure that it reached you. Nothing was charged."
        " Perhaps this link still works: {url}"
    ),
    "history_empty": "There is no result of yours that I could show again.",
    "album_sent": "☝️ All {n} results.",
    "gift": "🎁 <b>{title}</b>\n\nIt came after all, late and therefore for free.",
    "failed_refused_content": (
        "🚫 The model declined this description because of its rules. Nothing was charged."
        " Try to word it differently."
    ),
    "failed_refused_input": (
        "⚠️ The service that makes this did not accept this request. Nothing was charged."
        " Try another description or other settings."
    ),
    "failed_unavailable": (
        "⚠️ The service that makes this does not take requests from us at the moment; the operator"
        " knows. Nothing was charged. Please try again later."
    ),
    "failed_broken": (
        "💥 The service that makes this failed while making this one. Nothing was charged."
        " You can simply try again."
    ),
    "failed_no_result": (
        "🤷 The service that makes this said it was done but sent nothing. Nothing was charged."
        " You can simply try again."
    ),
    "failed_lost": (
        "🔍 The service lost this request while making it. Nothing was charged. If the result"
        " still comes, you get it for free. You can also try again."
    ),
    "failed_timed_out": (
        "⌛ This took too long and I stopped waiting. Nothing was charged."
        " If the result still comes, you get it for free. You can also try again."
    ),
    "failed_unclear": (
        "❓ The connection broke at the worst moment, and nobody can tell whether the"
        " service took this request. Nothing was charged. If a result still comes, you get it"
        " for free. You can also try again."
    ),
    "command_history": "latest results",
    "failed_refused_file": (
        "⚠️ One of your files cannot be fetched from Telegram any more. Nothing was charged."
        " Please send it again."
    ),
    "failed_other_length": (
        "⚠️ The price depends on how long your file plays, and it plays for another time than"
        " Telegram says, or I cannot tell. Nothing was charged. Save it anew as MP4, MP3, OGG or"
        " WAV and send it again."
    ),
}
