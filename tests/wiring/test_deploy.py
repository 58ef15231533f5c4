"""What is deployed: settings that exist, commands that exist, probes that somebody answers, and a page that says so."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from pydantic import AliasChoices

from bot.cli import app
from bot.health_http import health_router, ops_app
from bot.http import PATH
from bot.metrics import Metrics
from bot.services.health import Health, Part
from bot.settings import Settings
from tests.scenarios.world import ROOT

DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
EXAMPLE = (DEPLOY / "tierline.env.example").read_text()
PAGE = (ROOT / "docs" / "operations.md").read_text()
YAML = sorted(DEPLOY.rglob("*.yml")) + sorted(DEPLOY.rglob("*.yaml"))
UNIT = (DEPLOY / "tierline.service").read_text()
DEPLOYED = [ROOT / "Dockerfile", ROOT / "docs" / "operations.md", DEPLOY / "tierline.env.example", *YAML]

STOPS_WITHIN_SECONDS = 10
UNTOUCHED = {"POSTGRES_PASSWORD", "FORWARDED_ALLOW_IPS"}
"""Of PostgreSQL's image and of uvicorn; every other name in the example is a setting."""

NAMES = {
    str(field.validation_alias.choices[0])
    for field in Settings.model_fields.values()
    if isinstance(field.validation_alias, AliasChoices)
}
NAME = re.compile(r"\b(?:TIERLINE|SLACK)_[A-Z_]+\b")

Manifest = dict[str, Any]


def manifests(folder: str) -> list[Manifest]:
    """What is in the folder's files, as kubectl would be given it."""
    files = sorted((DEPLOY / "kubernetes" / folder).glob("*.yaml"))
    found = [each for file in files for each in yaml.safe_load_all(file.read_text())]
    return [each for each in found if each["kind"] != "Kustomization"]


def the(kind: str, folder: str = "socket") -> Manifest:
    (found,) = (each for each in manifests(folder) if each["kind"] == kind)
    return found


def compose() -> Mapping[str, Any]:
    services: Mapping[str, Any] = yaml.safe_load((DEPLOY / "compose.yml").read_text())["services"]
    return services


def image_environment() -> dict[str, str]:
    """The variables that the final image sets."""
    final = DOCKERFILE.rpartition("\nFROM ")[2].replace("\\\n", " ")
    lines = [line.removeprefix("ENV ") for line in final.splitlines() if line.startswith("ENV ")]
    return dict(pair.split("=", 1) for line in lines for pair in shlex.split(line))


def example(*, commented: bool) -> dict[str, str]:
    """What the example of an environment file sets, or what it would set without the comment signs."""
    lines = re.findall(r"^(#?)([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE)
    return {name: value for sign, name, value in lines if bool(sign) is commented}


def served() -> set[str]:
    """The paths that the operators' port answers."""

    async def refresh() -> None: ...

    web = ops_app(health_router((), Health(), monotonic=lambda: 0.0), Metrics(), refresh)
    return set(web.openapi()["paths"])


@pytest.mark.parametrize("file", DEPLOYED, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_setting_that_is_named_exists(file: Path) -> None:
    assert set(NAME.findall(file.read_text())) <= NAMES


def test_the_settings_of_the_image_and_of_the_example_are_right(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    given = image_environment() | example(commented=False)
    settings = Settings.model_validate({name: value for name, value in given.items() if name in NAMES})
    assert settings.database_url == "sqlite:////data/tierline.sqlite3"
    assert settings.mode == "socket"


def test_what_the_example_leaves_out_would_be_right_too() -> None:
    given = {name: value for name, value in example(commented=True).items() if value}
    assert given.keys() - NAMES <= UNTOUCHED
    http = {"SLACK_BOT_TOKEN": "xoxb-1"} | {name: value for name, value in given.items() if name in NAMES}
    assert Settings.model_validate(http).mode == "http"


def test_the_image_is_made_of_what_the_build_may_see() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        source
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    }
    assert copied == allowed
    assert all((ROOT / name).exists() for name in allowed)
    packages = re.search(r"^packages = \[(.*)\]$", (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert packages is not None
    assert set(re.findall(r'"(\w+)"', packages[1])) <= copied


def test_the_image_starts_the_bot_as_nobody_special() -> None:
    final = DOCKERFILE.rpartition("\nFROM ")[2]
    assert 'ENTRYPOINT ["tierline"]\nCMD ["run"]' in final
    assert re.search(r"^USER 10001:10001$", final, re.MULTILINE)
    assert "/healthz" in final
    assert "/healthz" in served()


def containers() -> Iterator[tuple[str, Manifest]]:
    for kind in ("Deployment", "Job"):
        pod = the(kind)["spec"]["template"]["spec"]
        yield from ((kind, each) for each in pod["containers"])


def test_every_command_exists() -> None:
    known = set(typer.main.get_group(app).commands)
    assert {tuple(container["args"]) for _, container in containers()} == {("run",), ("migrate",)}
    assert {service["command"][0] for name, service in compose().items() if name == "migrate"} == {"migrate"}
    assert {"run", "migrate"} <= known
    assert re.search(r"^ExecStart=/opt/tierline/\.venv/bin/tierline run$", UNIT, re.MULTILINE)
    assert {words.split()[0] for words in re.findall(r"`tierline ([a-z][a-z ]*)", PAGE)} <= known


def test_probes_and_scrapes_ask_what_is_answered() -> None:
    deployments = [the("Deployment"), the("Deployment", "http")]
    (bot,) = the("Deployment")["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in bot["ports"]}
    listens = {name: int(image_environment()[f"TIERLINE_{name.upper()}_BIND"].rpartition(":")[2]) for name in ("OPS",)}
    assert ports == {"slack": 3000, "ops": listens["OPS"]}
    for deployment in deployments:
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        probes = [probe["httpGet"] for name, probe in container.items() if name.endswith("Probe")]
        assert probes
        assert all(probe["path"] in served() and probe["port"] == "ops" for probe in probes)
    scraped = the("Service")["metadata"]["annotations"]
    assert scraped["prometheus.io/path"] in served()
    assert scraped["prometheus.io/port"] == str(listens["OPS"])


def test_readiness_over_http_does_not_take_every_replica_away_at_once() -> None:
    (container,) = the("Deployment", "http")["spec"]["template"]["spec"]["containers"]
    assert container["readinessProbe"]["httpGet"]["path"] == "/healthz"


def test_slack_finds_the_replicas_over_http() -> None:
    service, ingress = the("Service", "http"), the("Ingress", "http")
    assert service["spec"]["selector"] == the("Deployment")["spec"]["selector"]["matchLabels"]
    assert service["spec"]["ports"] == [{"name": "slack", "port": 80, "targetPort": "slack"}]
    (rule,) = ingress["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert path["path"] == PATH
    assert path["backend"]["service"] == {"name": service["metadata"]["name"], "port": {"name": "slack"}}


def test_a_stop_has_more_time_than_the_bot_takes() -> None:
    pod = the("Deployment")["spec"]["template"]["spec"]
    (container,) = the("Deployment", "http")["spec"]["template"]["spec"]["containers"]
    waits = int(container["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert pod["terminationGracePeriodSeconds"] > STOPS_WITHIN_SECONDS + waits
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[0]) > STOPS_WITHIN_SECONDS
    for name in ("bot", "replica"):
        assert int(compose()[name]["stop_grace_period"].removesuffix("s")) > STOPS_WITHIN_SECONDS


@pytest.mark.parametrize("kind", ["Deployment", "Job"])
def test_a_pod_may_do_nothing_that_it_need_not(kind: str) -> None:
    pod = the(kind)["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert container["resources"]["limits"].keys() == {"memory"}
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]}


def test_everything_that_is_referred_to_is_there() -> None:
    here = {(each["kind"], each["metadata"]["name"]) for each in manifests("socket")}
    by_hand = {name for line in re.findall(r"^kubectl create .*$", PAGE, re.MULTILINE) for name in line.split()[3:5]}
    labels = the("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert the("Deployment")["spec"]["selector"]["matchLabels"] == labels
    assert the("PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == labels
    assert the("Service")["spec"]["selector"] == labels
    for _, container in containers():
        (settings,) = (one["configMapRef"]["name"] for one in container["envFrom"] if "configMapRef" in one)
        (secret,) = (one["secretRef"]["name"] for one in container["envFrom"] if "secretRef" in one)
        assert ("ConfigMap", settings) in here
        assert secret in by_hand
    volumes = the("Deployment")["spec"]["template"]["spec"]["volumes"]
    policies = [volume["configMap"]["name"] for volume in volumes if "configMap" in volume]
    assert policies == ["tierline-policy"]
    assert set(policies) <= by_hand
    for folder in ("socket", "http"):
        listed = yaml.safe_load((DEPLOY / "kubernetes" / folder / "kustomization.yaml").read_text())
        names = [*listed["resources"], *(patch["path"] for patch in listed.get("patches", ()))]
        assert all((DEPLOY / "kubernetes" / folder / name).exists() for name in names)


def test_compose_mounts_and_builds_what_is_there() -> None:
    for service in compose().values():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert not source.startswith(".") or (DEPLOY / source).resolve().is_file()
    assert compose()["replica"]["deploy"]["replicas"] == 2
    assert compose()["replica"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    scraped = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["scrape_configs"][0]["dns_sd_configs"][0]
    assert set(scraped["names"]) <= compose().keys()


def test_the_page_tells_of_every_metric_alert_and_part() -> None:
    metrics = {family.name for family in Metrics().registry.collect()}
    missing = {name for name in metrics if not re.search(rf"`{name}(?:_total|_info)?`", PAGE)}
    assert not missing
    (group,) = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text())["groups"]
    assert not [rule["alert"] for rule in group["rules"] if f"`{rule['alert']}`" not in PAGE]
    assert not [part for part in Part if f"`{part.value}`" not in PAGE]


def test_the_links_of_the_page_lead_somewhere() -> None:
    targets = [link.partition("#")[0] for link in re.findall(r"\]\((?!https?:)([^)]+)\)", PAGE)]
    assert targets
    assert not [target for target in targets if target and not (ROOT / "docs" / target).exists()]
