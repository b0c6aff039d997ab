"""``python -m llm_server.new_key NAME``: makes an API key, says it once, and prints the entry for the file of keys."""

import argparse
import secrets
import sys

from llm_server.api.api_keys import digest_of


def entry(name: str, key: str) -> str:
    """The lines that let the key in."""
    return f"  - name: {name}\n    sha256: {digest_of(key)}\n"


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m llm_server.new_key", description="Make an API key.")
    parser.add_argument("name", help="who will use it; stands in the log and in the metrics")
    name: str = parser.parse_args(arguments).name
    key = "dhk_llm_" + secrets.token_urlsafe(32)
    sys.stderr.write(f"The key, shown only now: {key}\nThe entry for LLM_API_KEYS_FILE, below `keys:`:\n")
    sys.stdout.write(entry(name, key))
    return 0


if __name__ == "__main__":
    sys.exit(main())
