"""Robots are tested on SQLite, and on PostgreSQL when a server can be started."""

from tests.support.desks import clock, database_url, desk, postgres_template

__all__ = ["clock", "database_url", "desk", "postgres_template"]
