"""Rasa's REST channel as it is, handing on the metadata of a message. Runs in Rasa's Python; imports Rasa alone."""

from typing import Any

from rasa.core.channels.rest import RestInput
from sanic.request import Request


class RestWithMetadata(RestInput):
    """The actions want to see the turn token, and find it there."""

    @classmethod
    def name(cls) -> str:
        return "rest"

    def get_metadata(self, request: Request) -> dict[str, Any] | None:
        metadata: dict[str, Any] | None = request.json.get("metadata")
        return metadata
