"""What is deployed by hand is held to what the code knows, and parsed where it cannot run here."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]  # no stubs are installed

from ledger.cli.main import cli
from ledger.settings import Settings, variable_of
from ledger.store.postgresdatastore import Datastore

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
TEXTS = sorted(
    path
    for path in DEPLOY.rglob("*")
    if path.is_file() and not path.name.startswith("requirements")
)
KNOWN = {variable_of(name) for name in Settings.model_fields} | {"LEDGER_CONFIG"}
WORKLOADS = {"Job", "StatefulSet", "Deployment"}


def manifests() -> list[dict[str, Any]]:
    """Everything in the manifests."""
    documents = [
        document
        for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))
    ]
    return [item for document in documents for item in document.get("items", [document])]


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    """The pod of each workload, with its kind and name."""
    for manifest in manifests():
        if manifest["kind"] in WORKLOADS:
            name = f"{manifest['kind']}/{manifest['metadata']['name']}"
            yield name, manifest["spec"]["template"]["spec"]


PODS = dict(pods())
COMMANDS = set(cli.list_commands(click.Context(cli)))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_every_variable_is_a_setting_and_every_command_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert set(re.findall(r"\bLEDGER_[A-Z_]+\b", text)) <= KNOWN
    assert set(re.findall(r"`regledger ([a-z-]+)", text)) <= COMMANDS


def test_every_database_is_named_as_libpq_reads_it() -> None:
    texts = [path.read_text(encoding="utf-8") for path in TEXTS if path.suffix == ".yaml"]
    urls = [url for text in texts for url in re.findall(r"postgresql://\S+", text)]

    assert len(urls) >= 5
    for url in urls:
        Datastore(url, lock_timeout_s=1).close()


@pytest.mark.parametrize("name", sorted(PODS))
def test_a_pod_is_nobody_and_may_nothing(name: str) -> None:
    pod = PODS[name]
    containers = [*pod.get("initContainers", []), *pod["containers"]]

    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    for container in containers:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]


@pytest.mark.parametrize("name", sorted(PODS))
def test_a_pod_mounts_what_it_has(name: str) -> None:
    pod = PODS[name]
    claims = {"ledger"} if name.startswith("StatefulSet") else set()
    volumes = {volume["name"] for volume in pod["volumes"]} | claims
    mounted = {
        mount["name"]
        for container in [*pod.get("initContainers", []), *pod["containers"]]
        for mount in container["volumeMounts"]
    }

    assert mounted == volumes


@pytest.mark.parametrize("name", [name for name in sorted(PODS) if not name.startswith("Job")])
def test_a_server_is_probed_where_it_answers(name: str) -> None:
    (server,) = PODS[name]["containers"]
    paths = {kind: server[f"{kind}Probe"]["httpGet"]["path"] for kind in ("liveness", "readiness")}

    assert paths == {"liveness": "/healthz", "readiness": "/readyz"}
    assert {port["name"] for port in server["ports"]} == {"grpc", "http"}
    assert server["args"][0] == "serve"


def test_a_commit_waits_for_a_standby() -> None:
    (cluster,) = [manifest for manifest in manifests() if manifest["kind"] == "Cluster"]
    synchronous = cluster["spec"]["postgresql"]["synchronous"]

    assert cluster["spec"]["instances"] >= 3
    assert synchronous["number"] >= 1
    assert synchronous["dataDurability"] == "required"


def test_the_composed_service_is_closed_down_and_finds_its_secrets() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]

    for name in ("schema", "ledger"):
        assert services[name]["read_only"]
        assert services[name]["cap_drop"] == ["ALL"]
    used = {
        secret if isinstance(secret, str) else secret["source"]
        for service in services.values()
        for secret in service["secrets"]
    }
    assert used == set(compose["secrets"])
    assert services["ledger"]["command"][0] in COMMANDS
    assert services["schema"]["command"][0] in COMMANDS
    assert compose["networks"]["database"]["internal"]


def test_the_image_runs_as_nobody_and_is_asked_for_its_health() -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8")
    last = text.rpartition("\nFROM ")[2]

    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", last, re.MULTILINE)
    for step in re.findall(r"pip (?:install|wheel) .*", text):
        assert "--no-deps" in step
    for copied in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for source in copied.split():
            assert (DEPLOY.parent / source).exists()


def test_the_unit_is_hardened(tmp_path: Path) -> None:
    unit = DEPLOY / "regledger.service"
    lines = [line for line in unit.read_text(encoding="utf-8").splitlines() if line]
    parsed = RawConfigParser(strict=False)
    parsed.read_string("\n".join(lines))

    assert parsed["Service"]["User"] == "regledger"
    assert parsed["Service"]["NoNewPrivileges"] == "yes"
    assert parsed["Service"]["ProtectSystem"] == "strict"
    if systemd := shutil.which("systemd-analyze"):
        # The program is not installed here; what else the unit says is verified.
        copy = tmp_path / unit.name
        text = unit.read_text(encoding="utf-8")
        copy.write_text(text.replace("/opt/regledger/bin/regledger", shutil.which("true") or ""))
        subprocess.run([systemd, "verify", copy], check=True)


def test_the_roles_script_is_one() -> None:
    subprocess.run(["bash", "-n", DEPLOY / "postgres" / "roles.sh"], check=True)
