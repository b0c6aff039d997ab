"""The generation server: an OpenAI-shaped HTTP service over a language model on this machine.

It knows nothing of orders and imports nothing of ``deskhand``; any other OpenAI-compatible server may stand in for it.
"""
