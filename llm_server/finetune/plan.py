"""What a RUN.yml says: data, base model, stages with their hyper-parameters, output. Loads nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from llm_server.finetune.errors import RunInvalid
from llm_server.plan_file import checked, read_yaml
from llm_server.registry.errors import NotAModel
from llm_server.registry.model_files import checksums, model_files


class Method(StrEnum):
    """What a stage trains."""

    PRETRAIN = "pretrain"  # the whole model goes on reading unlabelled text
    ADAPTER = "adapter"  # LoRA beside frozen weights
    HEAD = "head"  # the last layers only
    WHOLE = "whole"  # every weight
    DISTIL = "distil"  # a smaller student learns what the teacher would say
    PRUNE = "prune"  # layers that change least are taken out; what follows recovers


_POSITIVE = {"type": "number", "exclusiveMinimum": 0}
_COUNT = {"type": "integer", "minimum": 1}
_HYPER: dict[str, Any] = {
    "batch": _COUNT, "accumulation": _COUNT, "learning_rate": _POSITIVE,
    "schedule": {"enum": ["linear", "cosine", "constant", "constant_with_warmup", "polynomial"]},
    "warmup": {"type": "number", "minimum": 0, "maximum": 1}, "weight_decay": {"type": "number", "minimum": 0},
    "dropout": {"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "clipping": _POSITIVE,
    "steps": _COUNT, "epochs": _POSITIVE, "precision": {"enum": ["auto", "bfloat16", "float32"]}, "length": _COUNT,
    "evaluate_every": _COUNT, "patience": {"type": "integer", "minimum": 0}, "data": {"type": "string", "minLength": 1},
}  # fmt: skip
_OWN: dict[Method, dict[str, Any]] = {
    Method.ADAPTER: {"rank": _COUNT, "alpha": _POSITIVE, "targets": {"type": "array", "items": {"type": "string"}},
                     "adapter": {"type": ["integer", "string"], "minimum": 1, "minLength": 1}},
    Method.HEAD: {"layers": _COUNT},
    Method.DISTIL: {"teacher": {"type": "string"}, "student_layers": _COUNT, "student_width": _COUNT,
                    "student_heads": _COUNT, "weight": {"type": "number", "minimum": 0}, "temperature": _POSITIVE},
    Method.PRUNE: {"layers": _COUNT},
}  # fmt: skip
_STAGE = {
    "type": "object",
    "required": ["method"],
    "properties": {"method": {"enum": [str(method) for method in Method]}},
    "allOf": [
        {
            "if": {"properties": {"method": {"const": str(method)}}},
            "then": {"properties": {"method": True, **_HYPER, **_OWN.get(method, {})}, "additionalProperties": False},
        }
        for method in Method
    ],
}
_FSDP = {  # of several GPUs, each holds a part of the weights; `true`, or what of it is wished
    "type": ["boolean", "object"], "additionalProperties": False,
    "properties": {"activation_checkpointing": {"type": "boolean"}, "cpu_offload": {"type": "boolean"},
                   "reshard_after_forward": {"type": "boolean"}},
}  # fmt: skip
_RUN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["data", "base", "output", "stages"],
    "properties": {
        "data": {"type": "string"}, "base": {"type": "string"}, "output": {"type": "string"},
        "seed": {"type": "integer"}, "threads": _COUNT, "fsdp": _FSDP,
        "search": {
            "type": "object", "additionalProperties": False, "required": ["over", "steps"],
            "properties": {
                "stage": _COUNT, "steps": _COUNT, "trials": _COUNT,
                "over": {"type": "object", "minProperties": 1,
                         "additionalProperties": {"type": "array", "minItems": 1, "uniqueItems": True}},
            },
        },
        "samples": {"type": "integer", "minimum": 0}, "stages": {"type": "array", "minItems": 1, "items": _STAGE},
    },
}  # fmt: skip
_NUMBERS = {name for each in (_HYPER, *_OWN.values()) for name, kind in each.items() if kind.get("type") == "number"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage. `warmup` is a share of the steps; `patience` 0 means no early stop; lengths are in tokens.

    `data`: what this stage alone learns. `adapter`: the one that goes on, by the number of its stage or by its folder.
    """

    method: Method
    batch: int = 4
    accumulation: int = 1
    learning_rate: float = 2e-4
    schedule: str = "cosine"
    warmup: float = 0.03
    weight_decay: float = 0.0
    dropout: float = 0.0
    clipping: float = 1.0
    steps: int | None = None
    epochs: float = 1.0
    precision: str = "auto"
    length: int = 512
    evaluate_every: int = 50
    patience: int = 0
    rank: int = 16
    alpha: float = 32.0
    targets: tuple[str, ...] = ()
    adapter: int | Path | None = None
    layers: int = 1
    teacher: str = ""
    student_layers: int | None = None
    student_width: int | None = None
    student_heads: int | None = None
    weight: float = 1.0
    temperature: float = 2.0
    data: Path | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Which values a stage is tried with before it is trained whole: all combinations, or `trials` of them by lot."""

    stage: int  # counted from 1
    steps: int  # of each trial
    over: Mapping[str, tuple[Any, ...]]
    trials: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """All that a training run is told."""

    data: Path
    base: Path
    output: Path
    stages: tuple[Stage, ...]
    seed: int = 1
    threads: int | None = None
    fsdp: Mapping[str, Any] = field(default_factory=dict)  # empty: not sharded
    samples: int = 8
    search: Search | None = None
    text: str = field(default="", compare=False)

    def digests(self) -> list[str]:
        """Of everything that decides the outcome: of the first stage, of the first two, and so on to all of them.

        Where the folders lie doesn't decide it.

        Raises:
            NotAModel: the base is broken, or a pickle.
        """
        base = {name.partition("/")[2]: value for name, value in checksums(self.base).items()}
        said: dict[str, Any] = {"seed": self.seed, "data": _card(self.data), "base": base}
        said |= {"search": asdict(self.search)} if self.search else {}
        stages = [_decides(stage) for stage in self.stages]
        shown = (said | {"stages": stages[:count]} for count in range(1, len(stages) + 1))
        return [hashlib.sha256(json.dumps(each, sort_keys=True, default=str).encode()).hexdigest() for each in shown]

    def folder(self, number: int) -> Path:
        """Of a stage, counted from 1."""
        return self.output / f"{number}-{self.stages[number - 1].method}"

    def base_of(self, number: int) -> Path:
        """What a stage begins with: the model that the one before left, or that of the adapter that goes on."""
        goes_on = self.stages[number - 1].adapter
        if isinstance(goes_on, int):
            return self.base_of(goes_on)
        return self.base if number == 1 else self.folder(number - 1) / "model"

    def adapter_of(self, number: int) -> Path | None:
        """The adapter that a stage goes on with."""
        goes_on = self.stages[number - 1].adapter
        return self.folder(goes_on) / "adapter" if isinstance(goes_on, int) else goes_on


def _decides(stage: Stage) -> dict[str, Any]:
    said = asdict(replace(stage, data=None, adapter=None))
    del said["data"], said["adapter"]
    if stage.data:
        said["data"] = _card(stage.data)
    if stage.adapter:
        said["adapter"] = stage.adapter if isinstance(stage.adapter, int) else checksums(stage.adapter)
    return said


def _card(data: Path) -> str:
    return hashlib.sha256((data / "card.json").read_bytes()).hexdigest()


def read_run(path: Path) -> Run:
    """The run in a file. Raises RunInvalid."""
    text, given = read_yaml(path, RunInvalid)
    return run_of(given, path.parent, path.name, text)


def run_of(given: object, folder: Path, name: str = "run", text: str = "") -> Run:
    """The run that these values say. Raises RunInvalid."""
    given = checked(_with_numbers(given), _RUN, name, RunInvalid)
    data, base = _data(folder, given["data"], name, "data"), folder / given["base"]
    _check_model(base, name, "base")
    stages = _stages(given["stages"], folder, name)
    search = _search(given["search"], given["stages"], name) if "search" in given else None
    others = {key: given[key] for key in ("seed", "threads", "samples") if key in given}
    fsdp = given.get("fsdp", False)
    sharding = {"reshard_after_forward": True, **(fsdp if isinstance(fsdp, Mapping) else {})} if fsdp else {}
    return Run(data, base, folder / given["output"], stages, search=search, text=text, fsdp=sharding, **others)


def _search(given: Mapping[str, Any], stages: Sequence[Mapping[str, Any]], name: str) -> Search:
    """Raises RunInvalid: there is no such stage, or a value is none that it takes."""
    number, over = given.get("stage", 1), given["over"]
    if number > len(stages):
        raise RunInvalid(name, "search.stage", f"there are {len(stages)} stages")
    for key, values in over.items():
        for value in values:
            checked({**stages[number - 1], key: value}, _STAGE, f"{name}: search.over.{key}", RunInvalid)
    found = {key: tuple(tuple(each) if isinstance(each, list) else each for each in over[key]) for key in sorted(over)}
    return Search(number, given["steps"], found, given.get("trials"))


def _stages(given: Sequence[Mapping[str, Any]], folder: Path, name: str) -> tuple[Stage, ...]:
    """Raises RunInvalid."""
    made: list[Stage] = []
    for number, each in enumerate(given):
        where = f"stages.{number}"
        said: dict[str, Any] = {**each, "method": Method(each["method"]), "targets": tuple(each.get("targets", ()))}
        if "data" in each:
            said["data"] = _data(folder, each["data"], name, f"{where}.data")
        if "teacher" in each:
            _check_model(folder / each["teacher"], name, f"{where}.teacher")
            said["teacher"] = str(folder / each["teacher"])
        if "adapter" in each:
            said |= going_on(each, made, folder, name, f"{where}.adapter")
        made.append(Stage(**said))
    return tuple(made)


def _data(folder: Path, path: str, name: str, where: str) -> Path:
    """Raises RunInvalid."""
    if not (folder / path / "card.json").is_file():
        raise RunInvalid(name, where, f"{folder / path} was not made by python -m llm_server.data")
    return folder / path


def going_on(
    given: Mapping[str, Any], before: Sequence[Stage], folder: Path, name: str, where: str
) -> dict[str, Any]:  # fmt: skip
    """Which adapter goes on, and its form, which the stage may repeat but not change. Raises RunInvalid."""
    which = given["adapter"]
    if isinstance(which, int):
        if which > len(before) or before[which - 1].method is not Method.ADAPTER:
            raise RunInvalid(name, where, f"stage {which} is none before this one that trains an adapter")
        former = before[which - 1]
        form: dict[str, Any] = {"rank": former.rank, "alpha": former.alpha, "targets": former.targets}
    else:
        which = folder / which
        form = _form_of(which, name, where)
    for key in form.keys() & given.keys():
        if given[key] != form[key] and {*_listed(given[key])} != {*_listed(form[key])}:
            raise RunInvalid(name, where, f"it has `{key}: {form[key]}`, and the stage says {given[key]}")
    return {**form, "adapter": which}


def _form_of(folder: Path, name: str, where: str) -> dict[str, Any]:
    try:
        model_files(folder)
        said = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        targets = said["target_modules"]
        return {"rank": int(said["r"]), "alpha": float(said["lora_alpha"]), "targets": tuple(sorted(_listed(targets)))}
    except NotAModel as problem:
        raise RunInvalid(name, where, str(problem)) from problem
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise RunInvalid(name, where, f"{folder} is no LoRA adapter of peft") from problem


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _with_numbers(given: object) -> object:
    """YAML takes 2e-4 for a word; here it is a number."""
    if not isinstance(given, Mapping) or not isinstance(given.get("stages"), list):
        return given
    stages = [_numbers(stage) for stage in given["stages"]]
    search = given.get("search")
    if isinstance(search, Mapping) and isinstance(search.get("over"), Mapping):
        over = {
            key: [_number(each) for each in values] if key in _NUMBERS and isinstance(values, list) else values
            for key, values in search["over"].items()
        }
        given = {**given, "search": {**search, "over": over}}
    return {**given, "stages": stages}


def _numbers(stage: object) -> object:
    if not isinstance(stage, Mapping):
        return stage
    return {name: _number(value) if name in _NUMBERS else value for name, value in stage.items()}


def _number(value: object) -> object:
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _check_model(folder: Path, name: str, where: str) -> None:
    if not (folder / "config.json").is_file():
        raise RunInvalid(name, where, f"there is no model in {folder}")
    weights = list(folder.glob("*.safetensors"))
    if not weights:
        kind = "pickled weights, which can run any program when they are read" if list(folder.glob("*.bin")) else "none"
        raise RunInvalid(name, where, f"{folder} has no safetensors ({kind}); convert it first")
