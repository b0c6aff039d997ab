"""The folder that a model is loaded from. Knows nothing of torch; conversion runs in a process of its own.

(Dequantising takes four times the memory that serving does, and a process gives it back.)
"""

import json
import logging
import subprocess
import sys
from pathlib import Path

from llm_server.errors import ModelMissing

MANIFEST = "conversion.json"

log = logging.getLogger(__name__)


def ready_folder(folder: Path, *, convert: bool) -> Path:
    """The folder, converted first if it is missing and ``convert`` allows it.

    Raises:
        ModelMissing: there is no model and none was made; says the command.
    """
    if not _holds_model(folder) and convert:
        log.info("there is no model in %s yet: converting the packaged one, once", folder)
        subprocess.run([sys.executable, "-m", "llm_server.convert", "--out", str(folder)], check=False)
    if not _holds_model(folder):
        raise ModelMissing(folder)
    return folder


def converted_from(folder: Path) -> str | None:
    """The checksum of the file that the folder was made from; None if this server did not make it."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return str(manifest["source_sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_manifest(folder: Path, source: str, sha256: str) -> None:
    """Says what the folder was made from; written last."""
    text = json.dumps({"source": source, "source_sha256": sha256}, indent=2)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _holds_model(folder: Path) -> bool:
    return (folder / "config.json").is_file() and any(folder.glob("*.safetensors"))
