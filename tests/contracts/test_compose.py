"""docker-compose.yml says the same as the code: modules, ports, health paths, variables, secrets, networks."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyOptions
from sqlalchemy import make_url

from deskhand.cli.environment import PORTS
from deskhand.cli.services import services
from llm_server.registry import Registry
from llm_server.settings import settings_from
from tests.contracts.variables import variables_read_by
from tests.llm_server.tiny_model import make_tiny_model
from tests.support.deskhand import ROOT

TEXT = (ROOT / "docker-compose.yml").read_text()
OURS = {"gateway": "deskhand.gateway", "actions": "actions", "worker": "deskhand.worker"}


def interpolated(text: str) -> str:
    """Fills ${NAME:-default} with the default and ${NAME:?why} with a value, as a filled-in .env does."""
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    return re.sub(r"\$\{(\w+):\?[^}]*\}", r"value-of-\1", text)


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(interpolated(TEXT))
    return document


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"][name]
    return found


def test_the_file_is_valid_under_the_compose_specification() -> None:
    options = PyOptions(apply_merge=True)

    parsed = options.from_yaml(interpolated(TEXT).replace("$$", "$"))

    assert {"gateway", "rasa", "actions", "llm_server", "worker", "postgres", "redis"} <= set(parsed.service_names())
    assert parsed.validate() is None
    assert parsed.to_spec().services


@pytest.mark.parametrize(("name", "module"), OURS.items())
def test_each_service_runs_a_module_that_exists(name: str, module: str) -> None:
    assert service(name)["command"] == ["python", "-m", module]
    assert importlib.util.find_spec(f"{module}.__main__")


def test_ports_and_health_paths_are_those_of_the_supervisor() -> None:
    environment = {
        **PORTS,
        **{f"{prefix}_HOST": "127.0.0.1" for prefix in ("DESKHAND", "RASA", "ACTIONS", "LLM", "WORKER")},
    }

    for known in services(ROOT, environment, ROOT / "model.tar.gz"):
        probe = " ".join(service(known.name)["healthcheck"]["test"])
        assert f"127.0.0.1:{known.port}{known.ready_path}'" in probe, known.name


def test_only_the_gateway_is_published_and_on_loopback_unless_told_otherwise() -> None:
    published = {name: one["ports"] for name, one in compose()["services"].items() if "ports" in one}

    assert published == {"gateway": ["127.0.0.1:8000:8000"]}


def test_only_gateway_and_workers_have_a_way_out() -> None:
    networks = {name: set(one["networks"]) for name, one in compose()["services"].items()}

    assert compose()["networks"]["internal"] == {"internal": True}
    assert {name for name, joined in networks.items() if joined != {"internal"}} == {"gateway", "worker", "robots"}


@pytest.mark.parametrize(("name", "module"), [*OURS.items(), ("llm_server", "llm_server")])
def test_a_service_is_given_only_variables_that_it_reads(name: str, module: str) -> None:
    shared = {
        "DESKHAND_TENANT",
        "DESKHAND_VAR",
        "DESKHAND_OUTBOX_DIR",
        "LLM_URL",
        "LLM_API_KEY",
        "LLM_MODEL",
        "DATABASE_URL",
    }

    assert set(service(name)["environment"]) - shared <= variables_read_by(module)


def test_only_the_migration_knows_the_owner_of_the_tables() -> None:
    named = {
        name
        for name, one in compose()["services"].items()
        if "value-of-POSTGRES_PASSWORD" in str(one.get("environment"))
    }
    roles = {
        make_url(one["environment"]["DATABASE_URL"]).username
        for one in compose()["services"].values()
        if "DATABASE_URL" in one.get("environment", {})
    }
    owner = make_url(service("migrate")["environment"]["DATABASE_OWNER_URL"])

    assert named == {"migrate", "postgres"}
    assert roles == {"deskhand_app"}
    assert owner.username == service("postgres")["environment"]["POSTGRES_USER"] != "deskhand_app"


def test_rasa_keeps_its_conversations_as_a_role_that_does_not_reach_ours() -> None:
    store = yaml.safe_load((ROOT / "endpoints.compose.yml").read_text())["tracker_store"]
    made = make_url(service("migrate")["environment"]["RASA_TRACKER_URL"])

    assert (store["username"], store["db"]) == (made.username, made.database) == ("deskhand_rasa", "rasa")
    assert service("worker")["environment"]["RASA_TRACKER_URL"] == made.render_as_string(hide_password=False)
    assert service("rasa")["environment"]["RASA_TRACKER_PASSWORD"] == made.password


def test_a_company_s_file_is_seen_by_every_service_of_ours_without_a_new_image() -> None:
    for name in (*OURS, "migrate"):
        volumes = service(name)["volumes"]
        assert {"./tenants:/srv/deskhand/tenants:ro", "./knowledge:/srv/deskhand/knowledge:ro"} <= set(volumes)


def test_secrets_have_no_default() -> None:
    for name in re.findall(r"\$\{(\w*(?:SECRET|PASSWORD|TOKEN|KEY)\w*)", TEXT):
        if name.endswith("_PREVIOUS"):  # there is one only while a secret is being changed
            continue
        assert re.search(rf"\$\{{{name}:\?", TEXT), name
        assert not re.search(rf"\$\{{{name}(:-|\}})", TEXT), name


def test_the_profiles_are_there() -> None:
    reserved = service("llm_server_gpu")["deploy"]["resources"]["reservations"]["devices"][0]

    assert reserved == {"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}
    assert service("llm_server_gpu")["build"]["target"] == "llm-cuda"
    assert service("llm_server")["profiles"] == ["cpu"]
    assert service("demo")["command"] == ["deskhand", "migrate", "--demo"]


def test_training_is_three_jobs_one_after_another_into_the_volume_that_the_server_loads_from() -> None:
    jobs = {name: one for name, one in compose()["services"].items() if one.get("profiles") == ["train"]}
    data, run, models = (ROOT / "training" / "compose" / f"{name}.yml" for name in ("data", "run", "models"))
    settings = settings_from({**service("llm_server")["environment"], "LLM_MODELS_FILE": str(models)})
    stages = yaml.safe_load(run.read_text())
    add = jobs["train_version"]["command"][4:]

    for name, before in (("train_model", "train_data"), ("train_version", "train_model")):
        assert jobs[name]["depends_on"] == {before: {"condition": "service_completed_successfully"}}
    for one in (*jobs.values(), service("llm_server"), service("llm_server_gpu")):
        assert "trained:/srv/trained" in one["volumes"]
        assert importlib.util.find_spec(f"{one.get('command', ['', '', 'llm_server'])[2]}.__main__")
    assert {one["restart"] for one in jobs.values()} == {"no"}
    assert not any("POSTGRES" in str(one) or "SECRET" in str(one) for one in jobs.values())
    assert settings.registry == jobs["train_version"]["environment"]["LLM_REGISTRY"]
    assert yaml.safe_load(data.read_text())["output"] == stages["data"] == "/srv/trained/data"
    stage = f"{stages['output']}/1-{stages['stages'][0]['method']}"
    assert (add[1], add[3]) == (f"{stage}/adapter", f"{stage}/done.json")
    served = {one["name"]: one for one in yaml.safe_load(models.read_text())["models"]}
    base = served["smollm2-135m-instruct"]
    assert base["adapters"][0]["registry"] == add[0]
    assert base["folder"] == stages["base"]
    assert (ROOT / "Dockerfile").read_text().count(f"convert --out {base['folder']}") == 2


def test_every_build_target_and_copied_path_exists() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    targets = {one["build"]["target"] for one in compose()["services"].values() if "build" in one}

    assert targets <= set(re.findall(r"^FROM \S+ AS (\S+)", dockerfile, re.MULTILINE))
    for line in re.findall(r"^COPY (.+)", dockerfile, re.MULTILINE):
        for path in line.split()[:-1]:
            assert (ROOT / path).exists(), path


def test_robots_have_a_worker_with_screens_and_its_variables_in_a_file_of_their_own() -> None:
    robots = service("robots")

    assert (robots["build"]["target"], robots["profiles"]) == ("robots", ["robots"])
    share = {name: service(name)["environment"]["WORKER_ROBOTS"] for name in ("robots", "worker")}
    assert share == {"robots": "only", "worker": "none"}
    assert robots["env_file"] == [{"path": "robots.env", "required": False}]
    assert "robots.env" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()


def test_the_training_jobs_run_as_they_stand(tmp_path: Path) -> None:
    """The very commands and plans, in order, in a folder that stands for the container's /srv, with a tiny model."""
    base = make_tiny_model(tmp_path / "models" / "smollm2-135m-instruct")
    texts = tmp_path / "texts"
    texts.mkdir()
    pairs = ({"prompt": f"confirm SO-{n}", "text": f"SO-{n} is confirmed.", "group": f"g{n}"} for n in range(100, 140))
    (texts / "pairs.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in pairs))
    for name in ("data.yml", "run.yml"):
        plan = tmp_path / "training" / "compose" / name
        plan.parent.mkdir(parents=True, exist_ok=True)
        plan.write_text((ROOT / "training" / "compose" / name).read_text().replace("/srv/", f"{tmp_path}/"))

    for job in ("train_data", "train_model", "train_version"):
        said = service(job)
        command = [sys.executable, *(word.replace("/srv/", f"{tmp_path}/") for word in said["command"][1:])]
        registry = said["environment"]["LLM_REGISTRY"].replace("/srv/", f"{tmp_path}/")
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "LLM_REGISTRY": registry}
        ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr[-1500:]

    entry = Registry(str(tmp_path / "trained" / "registry")).version("order-texts")
    assert (entry.version, entry.is_adapter) == (1, True) and (base / "config.json").is_file()
