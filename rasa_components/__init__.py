"""Components that Rasa loads: they import rasa and nothing of ours, in Python 3.10."""
