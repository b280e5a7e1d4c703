"""Virtual keys: one an agent, shown once, kept as a hash; changed with an overlap in which two are valid."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.accounts.book import Entries

State = Literal["valid", "ends", "expired", "revoked"]

MADE, GIVEN = "made", "environment"
GIVEN_BY = "FARM_GATEWAY_KEYS"
"""Who made a key that the gateway's environment gave; it may be rotated since, and is no longer by that then."""

_ALL = "SELECT id, agent, source, made_at, made_by, expires_at, revoked_at, revoked_by, last_used_at FROM gateway_keys"


class KeyRefused(ValueError):
    """What was asked of the keys can't be done. The text is for a person."""


@dataclass(frozen=True)
class Key:
    """A key as it stands in the book. Moments are seconds since the epoch."""

    id: str
    agent: str
    source: str
    made_at: float
    made_by: str
    expires_at: float | None
    revoked_at: float | None
    revoked_by: str
    last_used_at: float | None

    def state(self, now: float) -> State:
        """Whether it opens the gateway, and if so, whether it soon doesn't."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is None:
            return "valid"
        return "ends" if now < self.expires_at else "expired"

    def opens(self, now: float) -> bool:
        """Whether a call with it is let in."""
        return self.state(now) in ("valid", "ends")


def find(entries: Entries, text: str) -> Key | None:
    """Whose key this is; None for a stranger's."""
    rows = entries.run(_ALL + " WHERE hash = :hash", hash=_hash(text))
    return Key(*rows[0]) if rows else None


def all_keys(entries: Entries) -> Sequence[Key]:
    """Every key that ever was, by agent, the newest first."""
    return [Key(*row) for row in entries.run(_ALL + " ORDER BY agent, made_at DESC, id")]


def make(entries: Entries, agent: str, by: str) -> tuple[Key, str]:
    """An agent's first key, and its text, which nobody can ask for again. KeyRefused where it has one."""
    now = entries.now()
    if having := [key for key in _of(entries, agent) if key.state(now) == "valid"]:
        raise KeyRefused(f"{agent} has a key, {having[0].id}: rotate it, or revoke it first")
    return _enter(entries, agent, _made_up(agent), MADE, by)


def rotate(entries: Entries, agent: str, by: str, overlap_s: float) -> tuple[Key, str]:
    """A new key; those before it stay valid for so long. KeyRefused where there is none to be replaced."""
    now = entries.now()
    old = [key for key in _of(entries, agent) if key.opens(now)]
    if not old:
        raise KeyRefused(f"{agent} has no valid key to be replaced: make one")
    for key in old:
        # no longer by the environment: that names the new one from the next start on, and the old one has its overlap
        entries.run(
            "UPDATE gateway_keys SET expires_at = :ends, source = :source WHERE id = :id",
            ends=min(now + overlap_s, key.expires_at or now + overlap_s),
            source=MADE,
            id=key.id,
        )
    return _enter(entries, agent, _made_up(agent), MADE, by)


def revoke(entries: Entries, which: str, by: str) -> Sequence[Key]:
    """End a key at once, or with an agent's name all of its keys. KeyRefused where none of that name is valid."""
    now = entries.now()
    mine = [key for key in all_keys(entries) if which in (key.id, key.agent) and key.opens(now)]
    if not mine:
        raise KeyRefused(f"no valid key is called {which!r}, and no agent of that name has one")
    for key in mine:
        entries.run("UPDATE gateway_keys SET revoked_at = :now, revoked_by = :by WHERE id = :id",
                    now=now, by=by, id=key.id)  # fmt: skip
    return mine


def enter_given(entries: Entries, given: Mapping[str, str]) -> None:
    """Enter the keys of FARM_GATEWAY_KEYS (agent to key) that the book doesn't know."""
    for agent, text in given.items():
        if text and find(entries, text) is None:
            _enter(entries, agent, text, GIVEN, GIVEN_BY)


def used(entries: Entries, key_id: str, now: float) -> None:
    """Note that a call was let in with it."""
    entries.run("UPDATE gateway_keys SET last_used_at = :now WHERE id = :id", now=now, id=key_id)


def _of(entries: Entries, agent: str) -> Sequence[Key]:
    return [key for key in all_keys(entries) if key.agent == agent]


def _enter(entries: Entries, agent: str, text: str, source: str, by: str) -> tuple[Key, str]:
    now, count = entries.now(), len(_of(entries, agent))
    key = Key(f"{agent}-{count + 1}", agent, source, now, by, None, None, "", None)
    entries.run(
        "INSERT INTO gateway_keys (id, agent, hash, source, made_at, made_by)"
        " VALUES (:id, :agent, :hash, :source, :now, :by)",
        id=key.id, agent=agent, hash=_hash(text), source=source, now=now, by=by,
    )  # fmt: skip
    return key, text


def _made_up(agent: str) -> str:
    return f"farm-{agent}-{secrets.token_urlsafe(32)}"


def _hash(text: str) -> str:
    # of 256 random bits: nobody finds them by trying, so there is nothing for a slow hash to slow down
    return hashlib.sha256(text.encode()).hexdigest()
