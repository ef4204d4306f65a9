"""How updates reach the bot: by webhook or by getUpdates."""
