"""The one public door: sign-in, HTTP API, Socket.IO, pages. Knows nothing of tables or of how Rasa decides."""
