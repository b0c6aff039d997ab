"""The order domain is tested on the real store, on both databases."""

from tests.support.desks import clock, database_url, desk, postgres_template

__all__ = ["clock", "database_url", "desk", "postgres_template"]
