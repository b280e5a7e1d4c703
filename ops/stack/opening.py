"""A stack from a verb's options: reads the list, makes the plan."""

import os

from ops.places import PROCESSES, instance
from ops.stack.plan import Plan, make_plan
from ops.stack.processes import read


def plan_for(name: str, offset: int, model_server: str = "") -> Plan:
    """The plan of the instance called so, with this process's environment as the user's."""
    own = {"FARM_MODEL_SERVER": model_server} if model_server else {}
    return make_plan(read(PROCESSES), instance(name), offset, os.environ | own)
