"""The Russian texts about maintenance, for operators."""

RU = {
    "operator_maintenance": "приостановить заказы и оплаты",
    "button_maintenance": "🔧 Работы",
    "button_maintenance_off": "✅ Закончить",
    "button_open_end": "Пока не закончу",
    "button_minutes": "{n} мин",
    "maintenance_off": "🔧 <b>Технических работ</b> нет.",
    "maintenance_on": "🔧 <b>Технические работы</b> идут, пока вы их не закончите.",
    "maintenance_until": "🔧 <b>Технические работы</b> идут до {until} UTC.",
    "maintenance_on_before": "Это уже действует.",
    "maintenance_off_before": "Их и так не было.",
    "maintenance_what": (
        "Пока они идут, заказать и оплатить нельзя, и бот говорит об этом каждому. Начатое будет"
        " доделано и доставлено."
    ),
    "maintenance_words": ("«{words}» — не число минут. На полчаса: <code>/maintenance 30</code>"),
    "maintenance_minutes": (
        "От 1 до {most} минут, а не {words}. На полчаса: <code>/maintenance 30</code>"
    ),
}
