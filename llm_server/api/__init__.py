"""OpenAI's API over HTTP: what is asked, who may ask, who waits, and what is answered. Knows no model, only engines."""
