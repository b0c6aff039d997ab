"""The peer of the chat benchmark: the same Rasa with its default pipeline, behind its own REST channel."""
