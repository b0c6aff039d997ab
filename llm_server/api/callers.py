"""Whose request it is: the API keys that are let in, each with what it has used. Knows nothing of HTTP."""

from collections.abc import Sequence

from llm_server.api.api_keys import ANYBODY, ApiKey, digest_of
from llm_server.api.key_limits import KeyUse
from llm_server.errors import InvalidApiKey

_SCHEME = "bearer "


class Callers:
    """Knows a caller by his key. Without any key everybody is let in, as one caller."""

    def __init__(self, keys: Sequence[ApiKey]) -> None:
        self._by_digest = {key.sha256: KeyUse(key) for key in keys}
        self._anybody = KeyUse(ANYBODY)

    def caller(self, authorization: str) -> KeyUse:
        """The caller that the header names.

        Found by the hash of his key, so that the time it takes tells nothing of the keys.

        Raises:
            InvalidApiKey: no key, or none of ours.
        """
        if not self._by_digest:
            return self._anybody
        if not authorization.lower().startswith(_SCHEME):
            raise InvalidApiKey()
        found = self._by_digest.get(digest_of(authorization[len(_SCHEME) :]))
        if found is None:
            raise InvalidApiKey()
        return found
