"""A stack from a verb's options: reads the list, makes the plan."""

import os
from collections.abc import Mapping

from contracts.environment import SECRET
from contracts.secret_files import SUFFIX, UnusableSettingError, from_files
from ops.errors import FarmError
from ops.places import PROCESSES, instance
from ops.stack.plan import Plan, make_plan
from ops.stack.processes import ProcessList, read

MODELS = ("model", "model-server", "other-vendor", "hosted", "roles", "gateway-config")
"""The settings of the user's that a demo takes too: who thinks."""


def plan_for(name: str, offset: int, model_server: str = "") -> Plan:
    """The plan of the instance called so, with this process's environment as the user's."""
    return make_plan(read(PROCESSES), instance(name), offset, _with_model_server(_environment(), model_server))


def sandboxed_plan_for(name: str, offset: int, model_server: str = "") -> Plan:
    """The same on stand-ins alone, whatever CRM and Slack the environment names: a demo writes into no real one."""
    listed = read(PROCESSES)
    hidden = _variables(listed) - {key for name in MODELS for key in listed.settings[name].env}
    surroundings = {key: value for key, value in _environment().items() if key not in hidden}
    return make_plan(listed, instance(name), offset, _with_model_server(surroundings, model_server))


def _variables(listed: ProcessList) -> set[str]:
    of_secrets = {variable for variables in listed.secrets.values() for variable in variables}
    return of_secrets | {key for setting in listed.settings.values() for key in setting.env}


def _environment() -> dict[str, str]:
    """The user's, with what files say of secrets in it. Raises FarmError."""
    given = [name for name in os.environ if name.endswith(SUFFIX) and name.removesuffix(SUFFIX).endswith(SECRET)]
    try:
        told = from_files((name.removesuffix(SUFFIX) for name in given), os.environ)
    except UnusableSettingError as error:
        raise FarmError(str(error)) from error
    return {name: value for name, value in os.environ.items() if name not in given} | told


def _with_model_server(surroundings: Mapping[str, str], url: str) -> dict[str, str]:
    return {**surroundings, **({"FARM_MODEL_SERVER": url} if url else {})}
