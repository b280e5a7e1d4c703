"""The verbs of `./farm`, one a file in `ops/verbs/`."""

from collections.abc import Sequence
from importlib import import_module

import typer

VERBS = {
    "demo": "demo.demo",
    "test": "test.test",
    "up": "up.up",
    "down": "down.down",
    "status": "status.status",
    "reset": "reset.reset",
    "trace": "trace.trace",
    "cost": "cost.cost",
    "approvals": "approvals.approvals",
    "approve": "decide.approve",
    "reject": "decide.reject",
    "edit": "decide.edit",
    "happened": "decide.happened",
    "answer": "decide.answer",
    "standing": "standing.standing",
    "revoke": "standing.revoke",
    "keys": "keys.keys",
    "send": "send.send",
    "quarantine": "quarantine.quarantine",
    "steer": "steer.steer",
    "pause": "steer.pause",
    "resume": "steer.resume",
    "cancel": "steer.cancel",
    "release": "steer.release",
    "follow-up": "follow_up.follow_up",
    "dead-letters": "dead_letters.dead_letters",
    "recover": "recover.recover",
    "keep": "keep.keep",
    "sweep": "sweep.sweep",
    "replay": "replay.replay",
    "fork": "fork.fork",
    "models": "models.models",
    "eval": "evaluate.evaluate",
    "deploy": "deploy.deploy",
    "bench": "bench.bench",
    "drill": "drill.drill",
}
"""Verb -> module and function in `ops/verbs/`."""

CONTEXT = {"test": {"allow_extra_args": True, "ignore_unknown_options": True}}
"""What `test` doesn't know is pytest's."""


def application(words: Sequence[str]) -> typer.Typer:
    """The command line. Only the verb that is asked for is imported, so that each starts fast; for help, all are."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(farm)
    for verb in words[:1] if words and words[0] in VERBS else VERBS:
        module, _, function = VERBS[verb].partition(".")
        app.command(verb, context_settings=CONTEXT.get(verb))(getattr(import_module(f"ops.verbs.{module}"), function))
    return app


def farm() -> None:
    """A farm of AI agents on Temporal, on this machine."""
