"""The English texts about maintenance, for operators."""

EN = {
    "operator_maintenance": "pause new orders and payments",
    "button_maintenance": "🔧 Maintenance",
    "button_maintenance_off": "✅ End it",
    "button_open_end": "Until I end it",
    "button_minutes": "{n} min",
    "maintenance_off": "🔧 <b>Maintenance</b> is off.",
    "maintenance_on": "🔧 <b>Maintenance</b> is on until you end it.",
    "maintenance_until": "🔧 <b>Maintenance</b> is on until {until} UTC.",
    "maintenance_on_before": "That was in force already.",
    "maintenance_off_before": "It was off already.",
    "maintenance_what": (
        "While it is on, nobody can order or pay, and everybody is told so. What runs is finished"
        " and delivered."
    ),
    "maintenance_words": (
        "“{words}” is not a number of minutes. For half an hour: <code>/maintenance 30</code>"
    ),
    "maintenance_minutes": (
        "From 1 to {most} minutes, not {words}. For half an hour: <code>/maintenance 30</code>"
    ),
}
