"""``python -m llm_server.engines.grammar_process``: compiles JSON schemas for the server. Knows nothing of models.

Compiling can take for ever and can't be interrupted, so it is done where it can be killed: here. Ends by itself when
nobody asked for a minute.
"""

import resource
import socket
import sys
from typing import Any

import xgrammar

from llm_server.engines.wire import BlockingWire

IDLE_SECONDS = 60.0
MOST_MEMORY = 2 * 1024**3


def main() -> None:
    """("ready",); then ("compile", schema or None, the vocabulary as text) -> (the grammar as text, why not)."""
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    connection = socket.socket(fileno=int(sys.argv[1]))
    connection.settimeout(IDLE_SECONDS)
    wire = BlockingWire(connection)
    wire.send("ready")
    compilers: dict[str, Any] = {}
    while (message := _next(wire)) is not None:
        _, schema, vocabulary = message
        if vocabulary not in compilers:
            info = xgrammar.TokenizerInfo.deserialize_json(vocabulary)
            compilers[vocabulary] = xgrammar.GrammarCompiler(info, max_threads=1)
        wire.send(*_compiled(compilers[vocabulary], schema))


def _next(wire: BlockingWire) -> Any:
    try:
        return wire.receive()
    except TimeoutError:
        return None


def _compiled(compiler: Any, schema: str | None) -> tuple[str | None, str | None]:
    try:
        # One way to write each value: a small model that may put spaces anywhere puts nothing but spaces.
        made = (
            compiler.compile_json_schema(schema, any_whitespace=False)
            if schema
            else compiler.compile_builtin_json_grammar()
        )
        return made.serialize_json(), None
    except Exception as problem:  # whatever the library says of the schema is told to the one who sent it
        return None, str(problem).splitlines()[-1][:300]


if __name__ == "__main__":
    main()
