"""How people reach the bot. Knows of conversations and Rasa's webhook, nothing of HTTP routes or sign-in."""
