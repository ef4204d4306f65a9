"""The sentences in English that are said in groups and about orders from there."""

EN = {
    "group": (
        "🎨 Here I draw what you ask for: mention me with a wish, or reply to a photo.\n\n"
        "<code>@{name} a fox in a wizard's hat</code>\n\n"
        "You confirm the price in our private chat, and the result comes here."
        " Everything else is in private, too.\n\nAdmins: /group off switches me off."
    ),
    "group_silent": "🔕 The admins have switched me off here. /group on brings me back.",
    "group_anonymous": (
        "You write in the name of a group or a channel, so I can't see who orders."
        " Write as yourself, or ask me in private."
    ),
    "group_usage": "/group off switches me off in this group, /group on brings me back.",
    "group_usage_private": (
        "Add me to a group and mention me there with a wish. Admins switch me off there with"
        " /group off and on again with /group on."
    ),
    "group_off": "🔕 Switched off in this group. /group on brings me back.",
    "group_on": "🔔 I'm back. Mention me with a wish.",
    "group_not_admin": "Only the admins of this group can switch me on and off.",
    "group_needs_words": "What shall I make? Mention me with a few words, or reply to a photo.",
    "group_confirm": "🎨 Sent to our private chat: confirm the price there, and it comes here.",
    "group_start_first": (
        "🎨 Almost: open our private chat and confirm the price there. The result comes here."
    ),
    "group_needs_choice": "This wish needs a choice. Let's go on in private.",
    "wish_from_group": ("🎨 <b>{title}</b>, for the group\n\n{words}Takes {time}\nPrice: {price}"),
    "wish_gone": "That wish from the group is gone. Ask once more there, or right here.",
    "wish_cancelled": "✖️ Cancelled. You weren't charged.",
    "toast_wish_ordered": "Already ordered: it comes to the group ✨",
    "toast_wish_again": "Please check the price once more",
    "toast_group": "The buttons work for their owner, in private. Mention me to order here.",
    "button_wish": "✅ Create · {n} 💎",
    "button_wish_free": "✅ Create for free",
    "button_wish_no": "✖️ No",
    "button_for_me": "🎨 One for me, too",
    "button_open_private": "Open private chat",
    "command_group": "order in groups",
}
