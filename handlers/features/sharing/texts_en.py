"""The sentences in English about sharing own works in other chats."""

EN = {
    "shared": "✨ Made with @{name}",
    "share_untitled": "My work",
    "share_none": "Nothing to share yet. Make the first one",
    "share_no_match": "No such work. To see all, delete the words",
}
