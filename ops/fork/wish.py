"""What is to be different in a fork."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from contracts.frozen import Frozen
from ops.errors import FarmError

EVERY_ROLE = ""


class Wish(Frozen):
    """`models`: role -> the role or model that is asked instead; by `EVERY_ROLE` for all. `prompts`: name -> text."""

    models: dict[str, str] = {}
    prompts: dict[str, str] = {}
    offline: bool = False
    """Reads that aren't on record get no answer, instead of being made."""

    def role(self, role: str) -> str:
        return self.models.get(role) or self.models.get(EVERY_ROLE) or role


def wish(models: Iterable[str], prompts: Iterable[Path], *, offline: bool) -> Wish:
    """From the command line: `strong` or `triage=strong`, and prompt files. FarmError says what can't be read."""
    return Wish(models=dict(map(_model, models)), prompts=dict(map(_prompt, prompts)), offline=offline)


def require_known(prompts: Mapping[str, str], known: Sequence[str]) -> None:
    """A prompt's file is named as the prompt that it replaces. FarmError names those there are."""
    if strange := sorted(prompts.keys() - set(known)):
        raise FarmError(
            f"no prompt is called {', '.join(map(repr, strange))}",
            f"A prompt's file is named as the prompt that it replaces; there are: {', '.join(sorted(known))}.",
        )


def _model(text: str) -> tuple[str, str]:
    role, equals, model = text.partition("=")
    return (role, model) if equals else (EVERY_ROLE, text)


def _prompt(file: Path) -> tuple[str, str]:
    try:
        return file.stem, file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FarmError(f"the prompt {file} can't be read: {error}") from error
