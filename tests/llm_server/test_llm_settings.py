"""Settings: read once, refused by name."""

from pathlib import Path

import pytest

from llm_server.errors import InvalidSetting
from llm_server.new_key import entry
from llm_server.settings import settings_from


def test_nothing_set_is_loopback_and_the_packaged_model():
    settings = settings_from({"LLM_API_KEY": " ", "LLM_PORT": ""})

    assert (settings.host, settings.port, settings.api_key) == ("127.0.0.1", 8080, None)
    assert (settings.queue_limit, settings.timeout_seconds) == (16, 30.0)
    assert settings.threads >= 1
    assert settings.converts_missing_model
    assert settings.model_id == "smollm2-135m-instruct"
    assert not settings.is_open_to_the_network


def test_what_is_set_is_taken():
    settings = settings_from(
        {
            "LLM_HOST": "0.0.0.0",
            "LLM_PORT": "9000",
            "LLM_MODEL_DIR": "/models/qwen",
            "LLM_API_KEY": "k",
            "LLM_QUEUE_LIMIT": "2",
            "LLM_TIMEOUT_SECONDS": "1.5",
            "LLM_THREADS": "3",
            "LLM_DTYPE": "float32",
            "LLM_DEVICE": "CPU",
        }
    )

    assert (settings.host, settings.port, settings.model_dir) == ("0.0.0.0", 9000, Path("/models/qwen"))
    assert (settings.api_key, settings.queue_limit, settings.timeout_seconds) == ("k", 2, 1.5)
    assert (settings.threads, settings.dtype, settings.device) == (3, "float32", "cpu")
    assert settings.is_open_to_the_network
    assert not settings.converts_missing_model


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_PORT", "http"),
        ("LLM_PORT", "70000"),
        ("LLM_QUEUE_LIMIT", "-1"),
        ("LLM_TIMEOUT_SECONDS", "0"),
        ("LLM_TIMEOUT_SECONDS", "nan"),
        ("LLM_THREADS", "0"),
        ("LLM_DTYPE", "int8"),
        ("LLM_DEVICE", "tpu"),
        ("LLM_ADAPTER", "mine"),
    ],
)
def test_what_can_not_be_used_is_refused_by_name(name, value):
    with pytest.raises(InvalidSetting, match=name):
        settings_from({name: value})


def test_the_key_may_stand_in_a_file_and_not_in_both_and_is_never_shown(tmp_path):
    file = tmp_path / "key"
    file.write_text("key-in-a-file\n")

    settings = settings_from({"LLM_API_KEY_FILE": str(file)})

    assert settings.api_key == "key-in-a-file" and "key-in-a-file" not in repr(settings)
    with pytest.raises(InvalidSetting, match="LLM_API_KEY_FILE") as both:
        settings_from({"LLM_API_KEY_FILE": str(file), "LLM_API_KEY": "key-by-variable"})
    assert "key-by-variable" not in str(both.value)
    file.write_text(" ")
    for path in (file, tmp_path / "none"):
        with pytest.raises(InvalidSetting, match="LLM_API_KEY_FILE"):
            settings_from({"LLM_API_KEY_FILE": str(path)})


def test_limits_and_a_file_of_keys_are_read(tmp_path):
    (tmp_path / "keys.yml").write_text("keys:\n" + entry("reports", "a key"))
    given = {"LLM_QUEUE_TOKENS": "9", "LLM_CACHE_MB": "2", "LLM_DRAIN_SECONDS": "1.5"}

    settings = settings_from({**given, "LLM_API_KEYS_FILE": str(tmp_path / "keys.yml")})

    assert (settings.queue_tokens, settings.cache_bytes, settings.drain_seconds) == (9, 2 * 1024 * 1024, 1.5)
    assert [key.name for key in settings.api_keys] == ["reports"]
    assert "sha256" not in repr(settings)


@pytest.mark.parametrize("name", ["LLM_QUEUE_TOKENS", "LLM_CACHE_MB", "LLM_DRAIN_SECONDS", "LLM_API_KEYS_FILE"])
def test_a_limit_that_is_none_is_refused_by_name(name):
    with pytest.raises(InvalidSetting, match=name):
        settings_from({name: "-1"})
