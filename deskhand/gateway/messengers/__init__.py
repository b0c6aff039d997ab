"""The doors of Slack and Teams: who asks, what they said, what it is answered. Sending is the worker's."""
