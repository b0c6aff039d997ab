"""What comes with the server: an adapter for the packaged model, trained on texts about orders. No torch here."""

from pathlib import Path

from llm_server.engines.model_folder import converted_from
from llm_server.engines.packaged_model import SMOLLM2
from llm_server.settings import DEFAULT_MODEL_DIR

ORDER_TEXTS = Path(__file__).parent / "order-texts"


def shipped_adapter(folder: Path) -> Path | None:
    """The adapter, where the folder holds the packaged model or is the one that it will be converted to."""
    if not (ORDER_TEXTS / "adapter_model.safetensors").is_file():
        return None
    is_packaged = converted_from(folder) == SMOLLM2.sha256 or (folder == DEFAULT_MODEL_DIR and not folder.exists())
    return ORDER_TEXTS if is_packaged else None
