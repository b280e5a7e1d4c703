"""The pools of a farm on ECS: the same map of agents as the chart's values, read from a JSON file."""

import re
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from contracts.names import task_queue

LONGEST_STOP_S = 120
"""Fargate's most for `stopTimeout`, in seconds."""

MARGIN_S = 15
"""What a worker gets beyond its drain to close what it has open."""


class Value(BaseModel):
    """Camel case in the file, as in the chart's values; a misspelt key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)


class Pool(Value):
    """One agent's workers. `cpu` in 1/1024 of a core and `memory` in MiB, in the pairs that Fargate offers."""

    replicas: int = Field(default=2, ge=0)
    cpu: int = Field(default=512, ge=256)
    memory: int = Field(default=1024, ge=512)
    drain_seconds: int = Field(default=60, ge=0, le=LONGEST_STOP_S - MARGIN_S)
    env: dict[str, str] = {}
    secrets: dict[str, str] = {}
    """Environment name -> ARN of the secret or parameter with its value."""


class Farm(Value):
    """Where the pools run, and what they have in common."""

    cluster: str
    region: str
    image: str
    execution_role: str
    """ARN of the role that pulls the image and reads the secrets."""

    task_role: str
    """ARN of the role that the workers act as."""

    subnets: tuple[str, ...] = Field(min_length=1)
    security_groups: tuple[str, ...] = Field(min_length=1)
    log_group: str
    versioned: bool = False
    """Whether a run ends on the build it began on: then a pool is a service of its own for each build."""

    env: dict[str, str] = {}
    secrets: dict[str, str] = {}
    agents: dict[str, Pool] = Field(min_length=1)

    @model_validator(mode="after")
    def _tag_is_a_build(self) -> Self:
        if self.versioned and build(self) in ("", "latest"):
            raise ValueError(f"versioned: {self.image} needs a tag that never means another image")
        return self


def build(farm: Farm) -> str:
    """The build of the workers: the image's tag. Empty where they are unversioned."""
    return farm.image.partition("@")[0].rpartition("/")[2].partition(":")[2] if farm.versioned else ""


def family(farm: Farm, agent: str) -> str:
    """The task definition's family and the service's name: the agent's task queue, and the build where there is one."""
    return "-".join([task_queue(agent), *re.findall(r"[A-Za-z0-9_]+", build(farm))])
