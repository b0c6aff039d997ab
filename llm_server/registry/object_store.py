"""S3 and what speaks like it, as fsspec sees a file system: obstore underneath, its errors in our words.

The environment says where and as whom, as it does for other programs: AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION. Nothing that was listed is remembered.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.fsspec import BufferedFile, FsspecStore

from llm_server.registry.errors import StoreFailed

_Store: Any = FsspecStore
_File: Any = BufferedFile


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Raises StoreFailed for what the store says, and FileExistsError as a disk does."""
    try:
        yield
    except AlreadyExistsError:
        raise FileExistsError(path) from None
    except BaseError as problem:
        raise StoreFailed(path, str(problem)) from problem


class ObjectStore(_Store):  # type: ignore[misc]  # fsspec has no types
    """Objects in buckets. Every method may raise StoreFailed."""

    protocol = "s3"
    cachable = False  # the environment may say another place the next time

    def __init__(self) -> None:
        plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        super().__init__(
            "s3", client_options={"allow_http": plain, "connect_timeout": timedelta(seconds=10)},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=60)},
        )  # fmt: skip

    async def _ls(self, path: str, *given: Any, **named: Any) -> Any:
        with _told(path):
            return await super()._ls(path, *given, **named)

    async def _info(self, path: str, **named: Any) -> Any:
        with _told(path):
            return await super()._info(path, **named)

    async def _cat_file(self, path: str, *given: Any, **named: Any) -> Any:
        with _told(path):
            return await super()._cat_file(path, *given, **named)

    async def _pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Raises FileExistsError where `mode` is "create" and the object is there, whoever made it."""
        bucket, key = self._split_path(path)
        with _told(path):
            try:
                await self._construct_store(bucket).put_async(key, value, mode=mode)
            except FileNotFoundError:
                raise StoreFailed(path, f"there is no bucket {bucket}.") from None

    def _open(self, path: str, mode: str = "rb", **named: Any) -> Any:
        with _told(path):
            return _ObjectFile(self, path, mode)


class _ObjectFile(_File):  # type: ignore[misc]  # fsspec has no types
    """What is written is there once it is closed."""

    def read(self, length: int = -1) -> Any:
        with _told(self.path):
            return super().read(length)

    def write(self, data: bytes) -> Any:
        with _told(self.path):
            return super().write(data)

    def close(self) -> None:
        with _told(self.path):
            super().close()
