"""The worker: takes what the outbox holds, carries automatic nodes and timers, sends documents.

Holds nothing that is not in the database: it may be killed at any moment.
"""
