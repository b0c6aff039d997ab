"""A running gateway for each test."""

from tests.support.desks import database_url, postgres_template
from tests.support.gateway import gateway

__all__ = ["database_url", "gateway", "postgres_template"]
