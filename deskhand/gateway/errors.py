"""Refusals of the HTTP door. What the order desk refuses stands in `deskhand.orders.errors`.

DeskhandError
└── GatewayError
    ├── SignInRequired      sign_in_required        401
    ├── SignInRefused       sign_in_refused         401
    ├── SessionExpired      session_expired         401
    ├── PasswordWrong       password_wrong          403
    ├── SessionForged       session_forged          401
    ├── LinkUsed            link_used               401
    ├── ApiKeyRefused       api_key_refused         401
    ├── SignInNotOffered    sign_in_not_offered     404
    ├── SignInForged        sign_in_forged          400
    ├── SignInDenied        sign_in_denied          403
    ├── IdentityRefused     identity_refused        403
    ├── NoRoleGiven         no_role_given           403
    ├── UserLocked          user_locked             403
    ├── ProviderUnavailable provider_unavailable    502
    ├── ModelAway           model_away              503
    ├── RequestForged       cross_site_request      403
    ├── MessengerForged     messenger_forged        401
    ├── PeopleOnly          people_only             403
    ├── ScopeMissing        scope_missing           403
    ├── KeyInAddress        key_in_address          400
    ├── KeyUnknown          api_key_unknown         404
    ├── MisunderstoodUnknown misunderstood_unknown  404
    ├── ChannelClosed       channel_closed          403
    ├── RouteUnknown        route_unknown           404
    ├── RequestTooLarge     request_too_large       413
    ├── FileRefused         file_refused            422
    ├── DiskFull            disk_full               507
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


class PasswordWrong(GatewayError):
    """The present password is another one."""

    code = "password_wrong"
    status = 403


class SessionExpired(GatewayError):
    """The sign-in has expired; sign in again."""

    code = "session_expired"
    status = 401


class SessionForged(GatewayError):
    """The token is not one of ours."""

    code = "session_forged"
    status = 401


class LinkUsed(GatewayError):
    """This link was used or withdrawn; `deskhand users links` makes new ones."""

    code = "link_used"
    status = 401


class ApiKeyRefused(GatewayError):
    """This API key is not accepted."""

    code = "api_key_refused"
    status = 401


class SignInNotOffered(GatewayError):
    """There is no provider to sign in with."""

    code = "sign_in_not_offered"
    status = 404


class SignInForged(GatewayError):
    """Start the sign-in again: {reason}."""

    code = "sign_in_forged"
    status = 400


class SignInDenied(GatewayError):
    """The provider let nobody in: {reason}."""

    code = "sign_in_denied"
    status = 403


class IdentityRefused(GatewayError):
    """What the provider says of the user is not accepted: {reason}."""

    code = "identity_refused"
    status = 403


class NoRoleGiven(GatewayError):
    """The user is in no group that has a role here."""

    code = "no_role_given"
    status = 403


class UserLocked(GatewayError):
    """The user is locked here."""

    code = "user_locked"
    status = 403


class ProviderUnavailable(GatewayError):
    """The provider can't be asked: {reason}."""

    code = "provider_unavailable"
    status = 502


class ModelAway(GatewayError):
    """The language model gives no text now: {reason}."""

    code = "model_away"
    status = 503


class RequestForged(GatewayError):
    """The request did not come from our own page."""

    code = "cross_site_request"
    status = 403


class MessengerForged(GatewayError):
    """The request does not come from the messenger, or came before."""

    code = "messenger_forged"
    status = 401


class MisunderstoodUnknown(GatewayError):
    """No such message was misunderstood."""

    code = "misunderstood_unknown"
    status = 404


class ChannelClosed(GatewayError):
    """Your company has this channel switched off: {channel}."""

    code = "channel_closed"
    status = 403


class PeopleOnly(GatewayError):
    """This address is for people who have signed in; an API key does not open it."""

    code = "people_only"
    status = 403


class ScopeMissing(GatewayError):
    """This API key lacks the scope {scope}."""

    code = "scope_missing"
    status = 403


class KeyInAddress(GatewayError):
    """An address ends up in logs: send the key as `Authorization: Bearer ...`, and have this one rotated."""

    code = "key_in_address"
    status = 400


class KeyUnknown(GatewayError):
    """There is no API key {id} that is in force."""

    code = "api_key_unknown"
    status = 404


class RouteUnknown(GatewayError):
    """There is nothing at this address."""

    code = "route_unknown"
    status = 404


class RequestTooLarge(GatewayError):
    """The request is larger than {limit} bytes."""

    code = "request_too_large"
    status = 413


class FileRefused(GatewayError):
    """The file can't be imported: {problem}."""

    code = "file_refused"
    status = 422


class DiskFull(GatewayError):
    """There is no room for the file; an administrator has to make some."""

    code = "disk_full"
    status = 507


class InvalidRequest(GatewayError):
    """{field}: {problem}."""

    code = "invalid_request"
    status = 422


class TooManyRequests(GatewayError):
    """Too many requests; try again in {seconds} seconds."""

    code = "too_many_requests"
    status = 429
