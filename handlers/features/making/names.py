"""The steps of this feature, as ``dialogues.step`` has them."""

ASK = "ask"
CONFIRM = "confirm"
SETTINGS = "settings"
SEARCH = "search"
