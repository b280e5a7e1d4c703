import json
import re
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
from kubernetes_validate import SchemaNotFoundError
from starlette.routing import Route

from gateway.models.roles import read as read_models
from starter.app import assemble
from tests.unit.helm.conftest import CHART, EXAMPLES, Helm, Render
from tests.unit.starter.conftest import House

KUBERNETES = "1.37"
CUSTOM_KINDS = {"ScaledObject"}

VALUES = [(), *(("--values", str(example)) for example in EXAMPLES)]
NAMES = ["default", *(example.stem for example in EXAMPLES)]
FARM = ("--values", str(CHART / "ci" / "farm-values.yaml"))

with_every_example = pytest.mark.parametrize("values", VALUES, ids=NAMES)


def of_kind(manifests: list[dict[str, Any]], kind: str) -> dict[str, dict[str, Any]]:
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] == kind}


def pod(deployment: dict[str, Any]) -> dict[str, Any]:
    spec: dict[str, Any] = deployment["spec"]["template"]["spec"]
    return spec


def environment(deployment: dict[str, Any]) -> dict[str, str]:
    return {entry["name"]: entry.get("value", "") for entry in pod(deployment)["containers"][0]["env"]}


def mounted_gateway(manifests: list[dict[str, Any]]) -> dict[str, str]:
    """Path below gateway/ -> the file's text."""
    files: dict[str, str] = of_kind(manifests, "ConfigMap")["farm-farmstead-gateway"]["data"]
    volumes = pod(of_kind(manifests, "Deployment")["farm-farmstead-gateway"])["volumes"]
    (mounted,) = [volume["configMap"] for volume in volumes if "configMap" in volume]
    return {item["path"]: files[item["key"]] for item in mounted["items"]}


def test_there_are_examples() -> None:
    """Or the tests below would hold of nothing."""
    assert len(EXAMPLES) >= 3


@with_every_example
def test_it_lints(helm: Helm, values: tuple[str, ...]) -> None:
    """`helm lint --strict` finds nothing."""
    done = helm("lint", "--strict", str(CHART), *values)
    assert done.returncode == 0, done.stdout + done.stderr


@with_every_example
def test_every_manifest_is_what_kubernetes_takes(render: Render, values: tuple[str, ...]) -> None:
    """Each rendered object fits the schema of its kind, with no field too many."""
    for manifest in render(*values):
        try:
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)
        except SchemaNotFoundError:
            assert manifest["kind"] in CUSTOM_KINDS


@with_every_example
def test_no_two_objects_share_a_name(render: Render, values: tuple[str, ...]) -> None:
    """A second object of the same kind and name would silently replace the first."""
    names = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in render(*values)]
    assert len(names) == len(set(names))


@with_every_example
def test_every_pod_is_locked_down(render: Render, values: tuple[str, ...]) -> None:
    """No root, no writable image, no capabilities, no token of the cluster."""
    manifests = render(*values)
    for workload in (*of_kind(manifests, "Deployment").values(), *of_kind(manifests, "Job").values()):
        spec = pod(workload)
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["automountServiceAccountToken"] is False
        for container in (*spec.get("initContainers", ()), *spec["containers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


@with_every_example
def test_every_deployment_can_be_watched_and_drained(render: Render, values: tuple[str, ...]) -> None:
    """Each has probes, limits, a disruption budget and an account of its own."""
    manifests = render(*values)
    budgets, accounts = of_kind(manifests, "PodDisruptionBudget"), of_kind(manifests, "ServiceAccount")
    for name, deployment in of_kind(manifests, "Deployment").items():
        container = pod(deployment)["containers"][0]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
        assert container["resources"]["limits"]["memory"]
        assert budgets[name]["spec"]["selector"] == deployment["spec"]["selector"]
        assert pod(deployment)["serviceAccountName"] in accounts


def test_each_agent_of_the_map_is_a_deployment(render: Render) -> None:
    """One pool per agent, running that agent's queue and no other."""
    deployments = of_kind(render(*FARM), "Deployment")
    pools = {name: pod(d)["containers"][0]["command"] for name, d in deployments.items() if "-agent-" in name}
    assert pools == {
        "farm-farmstead-agent-briefing": ["python", "-m", "workers", "briefing"],
        "farm-farmstead-agent-sales": ["python", "-m", "workers", "sales"],
    }


def test_a_worker_is_given_more_time_than_it_drains(render: Render) -> None:
    """Kubernetes kills a pod only after the worker had its time to finish."""
    for name, deployment in of_kind(render(*FARM), "Deployment").items():
        if "-agent-" in name:
            drain = float(environment(deployment)["FARM_DRAIN_S"])
            assert pod(deployment)["terminationGracePeriodSeconds"] > drain


def test_a_worker_is_told_of_every_tool_server_and_the_gateway(render: Render) -> None:
    """The addresses are those of the Services in the same release."""
    manifests = render()
    services = of_kind(manifests, "Service")
    told = environment(of_kind(manifests, "Deployment")["farm-farmstead-agent-sales"])
    servers = json.loads(told["FARM_TOOL_SERVERS"])
    assert servers.keys() == {"crm", "memory", "slack"}
    for url in (*servers.values(), told["FARM_GATEWAY_URL"]):
        host, port = url.removeprefix("http://").split("/")[0].split(":")
        assert services[host]["spec"]["ports"][0]["port"] == int(port)


def test_an_autoscaled_pool_leaves_the_number_to_keda(render: Render) -> None:
    """A fixed replica count beside an autoscaler would be put back at every upgrade."""
    manifests = render(*FARM)
    deployments = of_kind(manifests, "Deployment")
    scaled = of_kind(manifests, "ScaledObject")
    assert scaled.keys() == {"farm-farmstead-agent-sales"}
    assert "replicas" not in deployments["farm-farmstead-agent-sales"]["spec"]
    assert deployments["farm-farmstead-agent-briefing"]["spec"]["replicas"] == 1
    assert scaled["farm-farmstead-agent-sales"]["spec"]["triggers"][0]["metadata"]["taskQueue"] == "agent-sales"


def test_the_gateway_gets_the_repositorys_own_config(render: Render) -> None:
    """The chart carries no copy that could fall behind."""
    mounted = mounted_gateway(render())
    assert mounted["models.toml"] == (CHART.parents[1] / "gateway" / "models.toml").read_text()


def test_the_gateway_is_run_as_it_is_tested(render: Render) -> None:
    """The proxy that passes on Retry-After, 529, who answered and what it cost; not LiteLLM's bare one."""
    deployment = of_kind(render(), "Deployment")["farm-farmstead-gateway"]
    (container,), told = pod(deployment)["containers"], environment(deployment)
    assert container["command"] == ["python", "-m", "gateway.serve"]
    mount = next(mount for mount in container["volumeMounts"] if mount["name"] == "config")
    assert mount["mountPath"] == f"{told['PYTHONPATH']}/gateway"
    assert told["FARM_MODELS"] == "default"


@pytest.mark.parametrize("environment_", read_models().environments)
def test_an_environment_of_the_map_is_chosen(render: Render, environment_: str) -> None:
    """Each by its name."""
    deployment = of_kind(render("--set", f"gateway.models={environment_}"), "Deployment")["farm-farmstead-gateway"]
    assert environment(deployment)["FARM_MODELS"] == environment_


_IMPORTS = re.compile(r"^from gateway\.([a-z]\w*) import ([a-z_, ]+)$", re.MULTILINE)


def test_everything_that_the_gateway_names_is_mounted(render: Render) -> None:
    """From serve.py, the map and the settings along imports and names in text; and nothing of another room."""
    mounted = mounted_gateway(render())
    reached, ahead = set(), {"__init__.py", "serve.py", "models.toml", "settings.yaml"}
    while ahead:
        file = ahead.pop()
        assert file in mounted, f"{file} is not mounted"
        reached.add(file)
        assert not re.search(r"^\s*(?:from|import) (?:contracts|store|telemetry)\b", mounted[file], re.MULTILINE)
        named = set(re.findall(r"\bgateway\.([a-z]\w*)\.([a-z]\w*)", mounted[file]))
        named |= {(room, name) for room, names in _IMPORTS.findall(mounted[file]) for name in names.split(", ")}
        ahead |= {f"{room}/{file}" for room, name in named for file in (f"{name}.py", "__init__.py")} - reached
    assert {"proxy/candour.py", "proxy/auth.py", "models/configuration.py", "accounts/keys.py"} <= reached


@with_every_example
def test_the_store_and_temporal_are_set_up_before_anything_runs(render: Render, values: tuple[str, ...]) -> None:
    """A hook of every install and upgrade: the migrations, then the search attributes, the schedules, the queues."""
    job = of_kind(render(*values), "Job")["farm-farmstead-setup"]
    assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
    spec = job["spec"]["template"]["spec"]
    (first, then, schedules), (last,) = spec["initContainers"], spec["containers"]
    assert first["command"] == ["python", "-m", "store.migrations"]
    assert "FARM_STORE_URL" in {entry["name"] for entry in first["env"]}
    assert then["command"] == ["python", "-m", "ops.search_attributes"]
    assert schedules["command"] == ["python", "-m", "ops.schedules"]
    assert last["command"] == ["python", "-m", "ops.queues"]
    for each in (then, schedules, last):
        assert {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE"} <= {entry["name"] for entry in each["env"]}


def test_what_is_run_before_is_there() -> None:
    """The modules that the hook names are in the repository."""
    root = CHART.parents[1]
    assert (root / "store" / "migrations" / "__main__.py").exists()
    assert (root / "ops" / "search_attributes.py").exists()
    assert (root / "ops" / "schedules.py").exists()


def test_the_setup_can_be_left_to_others(render: Render) -> None:
    """Where a pipeline does both, the chart has no job."""
    assert not of_kind(render("--set", "setup.enabled=false"), "Job")


def test_an_existing_gateway_replaces_the_charts(render: Render) -> None:
    """With `gateway.enabled: false` no proxy is deployed, and the pools call the given one."""
    deployments = of_kind(render("--values", str(CHART / "ci" / "existing-gateway-values.yaml")), "Deployment")
    assert "farm-farmstead-gateway" not in deployments
    assert environment(deployments["farm-farmstead-agent-sales"])["FARM_GATEWAY_URL"] == "https://llm.example.com"


def test_health_is_not_shown_to_the_world(render: Render) -> None:
    """The Ingress leads to the webhooks and to Slack's interactions, and to nothing else."""
    (ingress,) = of_kind(render(*FARM), "Ingress").values()
    paths = [path["path"] for path in ingress["spec"]["rules"][0]["http"]["paths"]]
    assert paths == ["/webhooks", "/slack"]


def test_the_page_is_shown_where_one_says_so(render: Render) -> None:
    """With all of its paths, those of the starter's own routes, and health still isn't among them."""
    (ingress,) = of_kind(render(*FARM, "--set", "starter.ingress.page=true"), "Ingress").values()
    paths = {path["path"] for path in ingress["spec"]["rules"][0]["http"]["paths"]}
    ours = [route.path for route in assemble(House().parts()).routes if isinstance(route, Route)]
    inside = {"/", "/openapi.json", "/healthz", "/readyz", "/livez", "/metrics"}
    assert paths == {f"/{path.split('/')[1]}" for path in ours} - inside


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("agents.sales.replica=3", "agents.sales: Additional property replica is not allowed"),
        ("agents.sales.replicas=many", "agents.sales.replicas: Invalid type. Expected: integer, given: string"),
        ("agents.Sales.replicas=1", 'agents: Property name of "Sales" does not match'),
        (
            "agents.sales.autoscaling.minReplicas=0",
            "agents.sales.autoscaling.minReplicas: Must be greater than or equal",
        ),
        ("temporal.address=temporal", "temporal.address: Does not match pattern"),
        ("store.existingSecret=", "store.existingSecret: String length must be greater than or equal to 1"),
        ("starter.ingress.enabled=true", "starter.ingress.host: String length must be greater than or equal to 1"),
        ("agents.sales.env.lower=1", 'agents.sales.env: Property name of "lower" does not match'),
        ("gatway.enabled=false", "(root): Additional property gatway is not allowed"),
        ("gateway.enabled=false", "gateway.url is needed where gateway.enabled is false"),
        ("setup.deadlineSeconds=0", "setup.deadlineSeconds: Must be greater than or equal to 1"),
        ("gateway.models=none", "gateway/models.toml has no environment none"),
    ],
)
def test_wrong_values_are_refused_in_plain_words(helm: Helm, wrong: str, message: str) -> None:
    """The message names the value's path and what is wrong with it."""
    done = helm("template", "farm", str(CHART), "--set", wrong)
    assert done.returncode != 0
    assert message in done.stderr


def test_the_image_holds_every_room_that_runs() -> None:
    """A room that is missing in the image is an ImportError in production only."""
    root = CHART.parents[1]
    copied = {line.split()[1] for line in (root / "helm" / "Dockerfile").read_text().splitlines() if "COPY " in line}
    rooms = {folder.parent.name for folder in root.glob("*/__init__.py")} - {"sandbox", "ecs", "evals"}
    assert rooms <= copied, f"helm/Dockerfile doesn't copy {sorted(rooms - copied)}"
    kept = Path(root / "helm" / "Dockerfile.dockerignore").read_text().splitlines()
    assert {f"!{room}" for room in rooms} <= set(kept)


VERSIONED = ("--set", "versioning.enabled=true", "--set", "image.tag=2026.11.2", "--set", "versioning.keep={2026.11.1}")


def test_the_workers_of_a_kept_build_stay_beside_the_new_ones(render: Render) -> None:
    """Each build is a Deployment with its own image and build id, under the agent's one account."""
    manifests = render(*FARM, *VERSIONED)
    deployments = of_kind(manifests, "Deployment")
    pools = {name: each for name, each in deployments.items() if "-agent-sales" in name}
    assert {
        name: (pod(each)["containers"][0]["image"], environment(each)["FARM_BUILD_ID"]) for name, each in pools.items()
    } == {
        "farm-farmstead-agent-sales-2026-11-1": ("registry.example.com/farmstead:2026.11.1", "2026.11.1"),
        "farm-farmstead-agent-sales-2026-11-2": ("registry.example.com/farmstead:2026.11.2", "2026.11.2"),
    }
    assert {pod(each)["serviceAccountName"] for each in pools.values()} == {"farm-farmstead-agent-sales"}
    scaled = of_kind(manifests, "ScaledObject")
    assert scaled["farm-farmstead-agent-sales-2026-11-2"]["spec"]["scaleTargetRef"]["name"] in pools
    assert "farm-farmstead-agent-sales-2026-11-1" not in scaled
    names = [(manifest["kind"], manifest["metadata"]["name"]) for manifest in manifests]
    assert len(names) == len(set(names))
    for manifest in manifests:
        if manifest["kind"] not in CUSTOM_KINDS:
            kubernetes_validate.validate(manifest, KUBERNETES, strict=True)


def test_a_long_tag_is_cut_and_stays_unlike_its_neighbour(render: Render) -> None:
    """Two builds never share a Deployment, whose pods would then be of either."""
    tags = [f"release-candidate-of-2026.11.{number}" for number in (1, 2)]
    manifests = render(
        "--set", "versioning.enabled=true", "--set", f"image.tag={tags[0]}", "--set", f"versioning.keep={{{tags[1]}}}"
    )
    pools = [name for name in of_kind(manifests, "Deployment") if "-agent-sales" in name]
    assert len(set(pools)) == 2
    assert all(len(name) <= 63 for name in pools)


def test_without_versioning_a_worker_has_no_build(render: Render) -> None:
    """A rolling update then replaces the old workers, and any code goes on with whatever runs."""
    assert "FARM_BUILD_ID" not in environment(of_kind(render(), "Deployment")["farm-farmstead-agent-sales"])


def test_a_tag_that_moves_is_no_build(helm: Helm) -> None:
    """Two codes under one build id would break the runs that are pinned to it."""
    done = helm("template", "farm", str(CHART), "--set", "versioning.enabled=true", "--set", "image.tag=latest")
    assert done.returncode != 0
    assert "never means another image" in done.stderr
