"""The sentences in English about waiting for what does not work."""

EN = {
    "button_tell": "🔔 Tell me when it works",
    "toast_will_tell": "I'll tell you as soon as it works 🔔",
    "toast_works": "It works again",
    "service_works": "🔔 Everything works again. Your request is kept.",
    "model_works": "🔔 <b>{title}</b> works again.",
    "button_waitlist_go_on": "▶️ Go on",
}
