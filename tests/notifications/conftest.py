"""A running gateway for each test."""

from tests.support.gateway import gateway

__all__ = ["gateway"]
