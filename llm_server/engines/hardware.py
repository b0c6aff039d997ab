"""Which device and number format the model runs on, and why. Knows nothing of models."""

import ctypes
import sys
from contextlib import suppress
from dataclasses import dataclass

import torch


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the model runs, with the reason for the log."""

    device: torch.device
    dtype: torch.dtype
    reason: str


def choose_placement(device: str, dtype: str) -> Placement:
    """Takes what was asked for; ``auto`` is CUDA if there is one, and bfloat16 where the processor computes in it."""
    chosen = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    if dtype != "auto":
        return Placement(chosen, _DTYPES[dtype], "asked for by LLM_DTYPE")
    native = _native_bfloat16(chosen)
    if native is None:
        return Placement(chosen, torch.float32, "no native bfloat16 here, emulating it would be slower")
    return Placement(chosen, torch.bfloat16, f"{native}: half the memory to read for each token")


def free_on_gpus() -> list[int]:
    """Free bytes of each GPU that this process sees."""
    return [torch.cuda.mem_get_info(number)[0] for number in range(torch.cuda.device_count())]


def gpu_memory() -> int:
    """Bytes that this process holds on all GPUs together."""
    return sum(torch.cuda.memory_allocated(number) for number in range(torch.cuda.device_count()))


_DTYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


def _native_bfloat16(device: torch.device) -> str | None:
    if device.type == "cuda":
        return "native bfloat16 on the GPU" if torch.cuda.is_bf16_supported(including_emulation=False) else None
    has = torch.cpu.get_capabilities()
    return next((f"{flag} on the CPU" for flag in ("amx_bf16", "avx512_bf16") if has.get(flag)), None)


_DONT_NEED = 4  # MADV_DONTNEED: private memory reads as zeros again and takes no room until it is written


def give_back_zeros(tensor: torch.Tensor) -> None:
    """Gives the room of a tensor of zeros back to the system until it is used."""
    if tensor.device.type != "cpu" or not sys.platform.startswith("linux"):
        return
    page, size = 4096, tensor.numel() * tensor.element_size()
    begin = -(-tensor.data_ptr() // page) * page
    length = (tensor.data_ptr() + size - begin) // page * page
    with suppress(OSError):
        ctypes.CDLL(None).madvise(ctypes.c_void_p(begin), ctypes.c_size_t(max(length, 0)), _DONT_NEED)


def give_back_freed() -> None:
    """Gives back to the system what loading a model took and does not need any more."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).malloc_trim(0)
