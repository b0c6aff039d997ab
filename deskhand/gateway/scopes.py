"""What an API key may be made for: a closed list. Knows nothing of requests or roles.

A scope opens routes, a role opens actions; a key needs both.
"""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """Each route that a key may call names one of these; a route without one is for people."""

    ORDERS_READ = "orders:read"  # lists, one order, its history, the report
    ORDERS_WRITE = "orders:write"  # place an order, and every action on one
    ORDERS_IMPORT = "orders:import"  # files and single orders of other systems
    CASES_READ = "cases:read"  # what may be started, cases with their histories and texts, what waits
    CASES_WRITE = "cases:write"  # start and withdraw cases, claim and decide tasks; of orders too, what waits there
    NOTIFICATIONS_READ = "notifications:read"  # the key's own inbox, and acknowledging it
    NOTIFICATIONS_WRITE = "notifications:write"  # post notices to roles, users and customers
    ADMIN_KEYS = "admin:keys"  # list and revoke keys; only people make and rotate them
