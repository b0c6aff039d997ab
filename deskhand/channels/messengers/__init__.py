"""Slack and Teams: how cards look there, whose account is whose, what comes in, what goes out.

Knows nothing of HTTP routes or sign-in; the gateway mounts what comes in, the worker carries what goes out.
"""
