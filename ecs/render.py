"""A pool as ECS wants it: a task definition and a service. Pure.

Formats: the request bodies of RegisterTaskDefinition and CreateService,
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/
"""

from pydantic import JsonValue

from contracts.names import task_queue
from ecs.pools import MARGIN_S, Farm, Pool, build, family

Json = dict[str, JsonValue]

PORT = 8090
HEALTH = f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/healthz', timeout=4)"


def task_definition(farm: Farm, agent: str) -> Json:
    """Input of `aws ecs register-task-definition --cli-input-json`."""
    pool = farm.agents[agent]
    return {
        "family": family(farm, agent),
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": str(pool.cpu),
        "memory": str(pool.memory),
        "executionRoleArn": farm.execution_role,
        "taskRoleArn": farm.task_role,
        "volumes": [{"name": "scratch"}],
        "containerDefinitions": [_container(farm, agent, pool)],
    }


def service(farm: Farm, agent: str) -> Json:
    """Input of `aws ecs create-service --cli-input-json`. A deployment that doesn't come up is rolled back."""
    return {
        "cluster": farm.cluster,
        "serviceName": family(farm, agent),
        "taskDefinition": family(farm, agent),
        "desiredCount": farm.agents[agent].replicas,
        "launchType": "FARGATE",
        "propagateTags": "SERVICE",
        "deploymentConfiguration": {
            "minimumHealthyPercent": 100,
            "maximumPercent": 200,
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        },
        "networkConfiguration": {
            "awsvpcConfiguration": {
                "subnets": list(farm.subnets),
                "securityGroups": list(farm.security_groups),
                "assignPublicIp": "DISABLED",
            }
        },
    }


def _container(farm: Farm, agent: str, pool: Pool) -> Json:
    env = {"HOME": "/tmp", "FARM_PORT": str(PORT), "FARM_DRAIN_S": str(pool.drain_seconds)} | farm.env | pool.env  # noqa: S108  the task's own volume
    env |= {"FARM_BUILD_ID": build(farm)} if farm.versioned else {}
    secrets = farm.secrets | pool.secrets
    return {
        "name": task_queue(agent),
        "image": farm.image,
        "command": ["python", "-m", "workers", agent],
        "essential": True,
        "user": "10001",
        "readonlyRootFilesystem": True,
        "linuxParameters": {"initProcessEnabled": True, "capabilities": {"drop": ["ALL"]}},
        "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/tmp"}],  # noqa: S108
        "stopTimeout": pool.drain_seconds + MARGIN_S,
        "environment": [{"name": name, "value": value} for name, value in sorted(env.items())],
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in sorted(secrets.items())],
        "healthCheck": {
            "command": ["CMD", "python", "-c", HEALTH],
            "interval": 15,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 60,
        },
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": farm.log_group,
                "awslogs-region": farm.region,
                "awslogs-stream-prefix": agent,
            },
        },
    }
