"""What answers a prompt: models in processes of their own, other servers, templates, and how a file of models is read.

Knows nothing of HTTP: :mod:`llm_server.engines.engine` is the one interface that the rest of the server sees.
"""
