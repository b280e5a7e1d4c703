"""Every way the store can refuse. Read this and you know how it fails; the database's own errors pass through."""


class StoreError(Exception):
    """Base of the store's own errors."""


class BadStoreUrl(StoreError, ValueError):
    """FARM_STORE_URL names no database that the store can use."""


class BlobMissing(StoreError, LookupError):
    """No text is stored under this reference."""


class KitMissing(StoreError, LookupError):
    """No kit is stored of this run, or it lacks what a call names."""


class TurnMissing(StoreError, LookupError):
    """No turn of a conversation is stored under this head."""


class TranscriptBroken(StoreError):
    """A stored conversation isn't what was written: a turn was altered, or one on the way to the root is gone."""


class UnknownEffect(StoreError, LookupError):
    """An effect is settled that was never begun."""


class UnknownInsight(StoreError, LookupError):
    """No insight has this id."""


class QuarantineFull(StoreError):
    """So much waits in quarantine that no more is taken."""


class UnknownInQuarantine(StoreError, LookupError):
    """Nothing in quarantine has this number."""
