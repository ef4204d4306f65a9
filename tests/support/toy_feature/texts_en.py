"""The sentences in English about notes."""

EN = {
    "ask_note": "What shall I keep?",
    "kept": "Kept. You have {n:notes}.",
    "notes_one": "{n} note",
    "notes_many": "{n} notes",
    "listed": "Your notes: {words}",
    "button_notes": "Notes",
    "button_leave": "Leave it",
    "command_note": "keep a note",
}
