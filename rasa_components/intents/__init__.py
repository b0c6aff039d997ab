"""Which intent a message has, and how sure that is. Imports Rasa (the classifier alone) and nothing of Deskhand."""
