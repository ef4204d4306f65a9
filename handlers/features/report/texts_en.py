"""The English texts of reports for operators."""

EN = {
    "money": (
        "💰 <b>Money · {period}</b> (UTC)\n\n<b>Income</b>\n{stars}\n{hand}\n\n<b>Credits of"
        " users</b>"
        "\nPaid for results: {paid} · given away: {gifts} · refunded: {refunds}\n\n<b>kie.ai</b>\n"
        "Cost: {kie} credits = {kie_dollars}\nFree work: {free:results}, {free_dollars} of it\n"
        "{balance}\n\n<b>Left: {left}</b>{share}{models}"
    ),
    "period_one": "{n} day",
    "period_many": "{n} days",
    "period": "{n:period}",
    "period_today": "today",
    "results_one": "{n} result",
    "results_many": "{n} results",
    "money_stars": "⭐ {stars} ≈ {dollars} · {n:payments}",
    "money_stars_back": "; {stars} ⭐ went back",
    "payments_one": "{n} payment",
    "payments_many": "{n} payments",
    "money_hand": "🏦 By hand: {credits} credits",
    "money_hand_worth": " ≈ {dollars}",
    "money_hand_prices": " ({prices})",
    "money_balance": "Balance: {credits} credits, {days} ({age} ago)",
    "money_balance_unknown": "Balance: kie.ai has not been asked yet",
    "balance_lasts": "enough for {n:period} at this pace",
    "balance_lasts_hours": "enough for {n} h at this pace",
    "balance_unused": "nothing was spent in 7 days",
    "money_share": " · {share} of the income",
    "money_models": "\n\n<b>Models</b>{rows}",
    "money_best": "\n\n<b>Best models</b>{rows}",
    "money_worst": "\n\n<b>Worst models</b>{rows}",
    "money_model": "\n• {title}: {left} · {n:results}",
    "money_rough": (
        "\n\n<i>1 ⭐ ≈ $0.013, 1 credit of kie.ai = $0.005. A credit of a user counts as the"
        " cheapest"
        " pack sells it.</i>"
    ),
    "money_rough_unsold": (
        "\n\n<i>1 ⭐ ≈ $0.013, 1 credit of kie.ai = $0.005. No pack is for sale, so credits of"
        " users have no value here; models show their cost.</i>"
    ),
    "money_usage": (
        "I do not know “{given}”. <code>/money 7</code> reports on 7 days; 1 and 30 can be asked"
        " for as well."
    ),
    "limit": (
        "You are told when kie.ai's balance is below one day of spending. Own limit: <b>{now}</b>."
        "\n<code>/money limit 500</code> sets one, <code>/money limit off</code> removes it."
    ),
    "limit_none": "none",
    "limit_set": (
        "✅ Own limit of kie.ai's balance: {old} → <b>{new}</b>.\n"
        "Back: <code>/money limit {back}</code>"
    ),
    "limit_bad": (
        "“{given}” is not a number from 1 to {most}. <code>/money limit 500</code>, or"
        " <code>/money limit off</code>"
    ),
    "alarm_low_day": "kie.ai has {credits} credits left, {lasts}.",
    "alarm_low_limit": "kie.ai has {credits} credits left, below your limit of {limit}; {lasts}.",
    "alarm_spending": (
        "The last hour cost {credits} credits of kie.ai ({dollars}); usually an hour costs {usual}."
        " /money shows which model; maintenance stops new orders."
    ),
    "alarm_free": (
        "The free budget of today is used up: {n:results}. Until midnight (UTC) free models cost"
        " their price."
    ),
    "alarm_cost": (
        "The last {n} jobs of {model} cost something else than the catalogue says: {taken} credits"
        " of kie.ai in place of {expected}. Its price needs a look."
    ),
    "operator_money": "money of today, 7 or 30 days",
    "operator_stats": "users, jobs, durations",
    "operator_export": "ledger, jobs, payments as CSV",
    "button_money": "💰 Money",
    "button_today": "Today",
    "button_week": "7 days",
    "button_month": "30 days",
    "button_stats": "📊 Usage",
    "button_export": "📄 Export",
    "stats": (
        "📊 <b>Usage · {period}</b> (UTC)\n\n👤 Users: {users} · new: {new} · active: {active}\n"
        "🧾 Made: {made} · failed: {failed} ({rate}) · in work: {running}\n⏱ {durations}{models}"
    ),
    "stats_durations": "Half of the results within {half}, 95 % within {most}",
    "stats_no_durations": "No results in this time",
    "stats_models": "\n\n<b>Models</b>{rows}{more}",
    "stats_model": "\n• {title}: {made} made, {failed} failed{running}",
    "stats_running": ", {states}",
    "stats_more": "\nand {n} more; all are in the export",
    "stats_usage": (
        "I do not know “{given}”. <code>/stats 7</code> reports on 7 days; 1 and 30 can be asked"
        " for as well."
    ),
    "state_queued": "{n} queued",
    "state_submitting": "{n} being sent",
    "state_unclear": "{n} unclear",
    "state_waiting": "{n} being made",
    "chart_money": "Money in $, {period}",
    "chart_stats": "Usage, {period}",
    "chart_income": "Income",
    "chart_cost": "Cost",
    "chart_left": "Left",
    "chart_made": "Made",
    "chart_failed": "Failed",
    "chart_people": "Users",
    "chart_new": "New",
    "chart_caption": "{title} (UTC)",
    "chart_failed_notice": "The picture could not be drawn; the log says why. The figures are"
    " above.",
    "export": (
        "📄 <b>Export · {month}</b>\n\nA CSV document of that month (UTC). Or in words:"
        " <code>/export ledger {code}</code>"
    ),
    "export_ledger": "Ledger",
    "export_jobs": "Jobs",
    "export_payments": "Payments",
    "button_export_ledger": "Ledger",
    "button_export_jobs": "Jobs",
    "button_export_payments": "Payments",
    "export_begun": "⏳ {what}, {month}: the file is being made and comes here.",
    "export_part": "{what}, {month}: {n:rows}{part}",
    "export_part_number": ", part {n}",
    "rows_one": "{n} row",
    "rows_many": "{n} rows",
    "export_empty": "{what}, {month}: there is nothing in that month.",
    "export_failed": "{what}, {month}: the file could not be made; the log says why.",
    "export_usage": (
        "I do not know “{given}”. The kinds are ledger, jobs and payments, the month is written as"
        " 2026-11: <code>/export {kind} {code}</code>"
    ),
    "export_future": "{month} has not begun yet. <code>/export {kind} {code}</code>",
    "made_file_gone": "The file is not kept any more. Ask for it once more.",
}
