"""Groups and topics."""

from tests.support.served_situations.acts import SHORT, in_group, in_topic, pressed_in_group, says
from tests.support.served_situations.served import ANONYMOUS, BOT, GROUP, OURS, WISH, Situation

#: Answers in a group are in the language of who asks.
GROUPS = (
    Situation("a command without a name", (in_group("/start"),), ("mention me", "упомяните меня")),
    Situation(
        "a command with our name", (in_group(f"/topup@{BOT}"),), ("mention me", "упомяните меня")
    ),
    Situation(
        "a mention",
        (in_group(f"@{BOT} {WISH}"),),
        ("private chat", "личный чат"),
    ),
    Situation(
        "a mention by a customer",
        (says("/start"), in_group(f"@{BOT} {WISH}")),
        (WISH, WISH),
        ("gwish", "gno"),
    ),
    Situation(
        "a mention alone",
        (in_group(f"@{BOT}"),),
        ("Mention me", "Упомяните меня"),
    ),
    Situation(
        "a mention that is too dear",
        (says("/start"), in_group(f"/video@{BOT} waves")),
        SHORT,
        ("buy", "gwish"),
    ),
    Situation(
        "an anonymous admin",
        (in_group(f"@{BOT} {WISH}", sender_chat=GROUP, **{"from": ANONYMOUS}),),
        ("yourself", "от себя"),
    ),
    Situation("the switch without a word", (in_group("/group"),), ("/group off", "/group off")),
    Situation("the switch in private", (says("/group"),), ("/group off", "/group off")),
    Situation("a topic of a private chat", (in_topic(WISH),), (WISH, WISH), ("create",)),
    Situation("a command of another bot", (in_group("/start@other_bot"),), ("", ""), silent=True),
    Situation("words to others", (in_group("see you at six"),), ("", ""), silent=True),
    Situation(
        "a reply to us",
        (says("/start"), in_group(WISH, reply_to_message=OURS)),
        (WISH, WISH),
        ("gwish", "gno"),
    ),
    Situation(
        "a button of another user",
        (pressed_in_group("create|1|"),),
        ("work for their owner", "работают у владельца"),
    ),
)
