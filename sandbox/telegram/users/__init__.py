"""What users do. Each action becomes an update on its way to the bot."""
