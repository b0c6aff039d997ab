"""Refusals of the HTTP door. What the order desk refuses stands in `deskhand.orders.errors`.

DeskhandError
└── GatewayError
    ├── SignInRequired      sign_in_required        401
    ├── SignInRefused       sign_in_refused         401
    ├── SessionExpired      session_expired         401
    ├── SessionForged       session_forged          401
    ├── RequestForged       cross_site_request      403
    ├── ChannelClosed       channel_closed          403
    ├── RouteUnknown        route_unknown           404
    ├── RequestTooLarge     request_too_large       413
    ├── InvalidRequest      invalid_request         422
    ├── TooManyRequests     too_many_requests       429
"""

from __future__ import annotations

from typing import ClassVar

from deskhand.orders.errors import DeskhandError


class GatewayError(DeskhandError):
    """The request was refused."""

    code = "request_refused"
    status: ClassVar[int] = 400


class SignInRequired(GatewayError):
    """Sign in first."""

    code = "sign_in_required"
    status = 401


class SignInRefused(GatewayError):
    """Login or password is wrong."""

    code = "sign_in_refused"
    status = 401


class SessionExpired(GatewayError):
    """The sign-in has expired; sign in again."""

    code = "session_expired"
    status = 401


class SessionForged(GatewayError):
    """The token is not one of ours."""

    code = "session_forged"
    status = 401


class RequestForged(GatewayError):
    """The request did not come from our own page."""

    code = "cross_site_request"
    status = 403


class ChannelClosed(GatewayError):
    """Your company has this channel switched off: {channel}."""

    code = "channel_closed"
    status = 403


class RouteUnknown(GatewayError):
    """There is nothing at this address."""

    code = "route_unknown"
    status = 404


class RequestTooLarge(GatewayError):
    """The request is larger than {limit} bytes."""

    code = "request_too_large"
    status = 413


class InvalidRequest(GatewayError):
    """{field}: {problem}."""

    code = "invalid_request"
    status = 422


class TooManyRequests(GatewayError):
    """Too many requests; try again in {seconds} seconds."""

    code = "too_many_requests"
    status = 429
