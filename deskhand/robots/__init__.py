"""Robots: what a person did on the screen of a system that has no API, step by step, with evidence.

A robot knows its screen and one work item; it knows no database, no queue and no chat. Whoever runs it hands it
a session.
"""
