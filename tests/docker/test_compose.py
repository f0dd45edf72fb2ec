"""Reads `docker-compose.yml` and holds it to the rules of a server that strangers may send models to."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"].startswith("casefarm-")]
OF_THE_SERVICE = [name for name in OURS if name != "flower"]
EXAMPLES = {"CASEFARM_TRUSTED_ORIGINS", "CASEFARM_SECURE_COOKIES", "CASEFARM_S3_ENDPOINT"}  # shown with a value
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<operator>[?-])(?P<rest>[^}]*))?\}")

every_service = pytest.mark.parametrize("name", SERVICES)
every_casefarm_process = pytest.mark.parametrize("name", OF_THE_SERVICE)


def read_documented_variables() -> dict[str, str]:
    lines = (ROOT / "docker/compose.env.example").read_text().splitlines()
    pairs = (re.fullmatch(r"#?([A-Z0-9_]+)=(.*)", line) for line in lines)
    return {pair[1]: pair[2] for pair in pairs if pair}


def read_known_settings() -> set[str]:
    source = (ROOT / "backend/config/settings.py").read_text()
    return set(re.findall(r'read_\w+\(\s*"([A-Z0-9_]+)"', source))


def test_the_file_follows_the_compose_specification() -> None:
    tool = Path(sys.executable).with_name("check-jsonschema")
    checked = subprocess.run(
        [tool, "--builtin-schema", "vendor.compose-spec", COMPOSE_FILE], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_it_has_every_process_of_the_farm() -> None:
    assert set(SERVICES) == {
        "web",
        "migrate",
        "simulation-worker",
        "maintenance-worker",
        "surrogate-worker",
        "beat",
        "postgres",
        "redis",
        "flower",
    }


@every_service
def test_a_service_runs_as_a_numbered_user_other_than_root(name: str) -> None:
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", SERVICES[name]["user"])


@every_service
def test_a_service_has_no_rights_beyond_its_files(name: str) -> None:
    service = SERVICES[name]
    assert not {"privileged", "cap_add", "devices", "network_mode", "pid", "ipc"} & set(service)
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True


@every_service
def test_a_service_mounts_named_volumes_and_nothing_of_the_host(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        assert volume.partition(":")[0] in COMPOSE["volumes"]


def test_the_docker_socket_is_nowhere() -> None:
    assert "docker.sock" not in COMPOSE_FILE.read_text()


@every_service
def test_a_service_is_restarted_and_reaped(name: str) -> None:
    assert SERVICES[name]["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert SERVICES[name]["init"] is True


@every_service
def test_a_service_says_whether_it_is_healthy(name: str) -> None:
    service = SERVICES[name]
    if name == "migrate":
        assert service["healthcheck"] == {"disable": True}
    elif "healthcheck" in service:
        assert service["healthcheck"]["test"]
    else:
        builder = next(other for other in SERVICES.values() if "build" in other and other["image"] == service["image"])
        assert "\nHEALTHCHECK " in (ROOT / builder["build"]["dockerfile"]).read_text()


@every_service
def test_an_image_is_pinned_by_version(name: str) -> None:
    assert re.search(r":\d+\.\d+(\.\d+)?(-\w+)?$", SERVICES[name]["image"])


@every_casefarm_process
def test_the_images_carry_the_version_of_the_package(name: str) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert SERVICES[name]["image"].endswith(f":{version}")


@pytest.mark.parametrize("name", OURS)
def test_an_image_is_built_here_and_never_pulled(name: str) -> None:
    service = SERVICES[name]
    builders = [other["image"] for other in SERVICES.values() if "build" in other]
    assert builders.count(service["image"]) == 1
    assert ("build" in service) != (service.get("pull_policy") == "never")


@every_casefarm_process
def test_every_variable_passed_on_is_a_setting(name: str) -> None:
    assert set(SERVICES[name]["environment"]) <= read_known_settings()


@every_casefarm_process
def test_a_process_waits_for_the_servers_behind_it(name: str) -> None:
    conditions = {other: wait["condition"] for other, wait in SERVICES[name]["depends_on"].items()}
    expected = {"postgres": "service_healthy", "redis": "service_healthy", "migrate": "service_completed_successfully"}
    if name == "migrate":
        del expected["migrate"]
    assert conditions == expected


def test_the_surrogate_worker_reserves_a_gpu_and_starts_on_demand() -> None:
    worker = SERVICES["surrogate-worker"]
    assert worker["profiles"] == ["surrogate"]
    (device,) = worker["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}


def test_every_queue_has_a_worker() -> None:
    commands = [" ".join(service.get("command", [])) for service in SERVICES.values()]
    images = [(ROOT / "docker" / f"{name}.Dockerfile").read_text() for name in ("worker", "surrogate-worker")]
    started = " ".join(commands + images).replace('", "', " ")
    queues = {queue for names in re.findall(r"-Q ([\w,]+)", started) for queue in names.split(",")}
    assert queues == {"simulations", "aggregation", "maintenance", "surrogates"}


def test_ports_are_published_on_this_machine_only() -> None:
    published = {name: port for name, service in SERVICES.items() for port in service.get("ports", [])}
    assert set(published) == {"web", "flower"}
    assert all(port.startswith("127.0.0.1:") for port in published.values())


def test_only_what_publishes_a_port_can_reach_out() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    outside = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert outside == {"web", "flower"}


def test_flower_is_optional_and_has_no_login_of_its_own() -> None:
    assert SERVICES["flower"]["profiles"] == ["monitoring"]
    assert SERVICES["flower"]["environment"]["FLOWER_BASIC_AUTH"] == "${CASEFARM_FLOWER_LOGIN:-}"


def test_no_secret_has_a_default() -> None:
    for match in VARIABLE.finditer(COMPOSE_FILE.read_text()):
        if match["name"].startswith("CASEFARM_S3_"):  # for those who have a bucket
            assert (match["operator"], match["rest"]) == ("-", "")
        elif match["name"].endswith(("PASSWORD", "KEY")):
            assert match["operator"] == "?"
            assert "docker/compose.env" in match["rest"]
    assert all(
        value == ""
        for name, value in read_documented_variables().items()
        if name.endswith(("PASSWORD", "KEY", "LOGIN"))
    )


def test_every_variable_is_documented_with_the_default_it_has() -> None:
    documented = read_documented_variables()
    used = {match["name"]: match for match in VARIABLE.finditer(COMPOSE_FILE.read_text())}
    assert set(used) == set(documented)
    for name, match in used.items():
        if match["operator"] == "-" and name not in EXAMPLES:
            assert documented[name] == match["rest"]
