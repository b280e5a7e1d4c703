"""The book's tables, in SQL that SQLite and PostgreSQL both read. They are made by whoever opens it first.

A column is added by a statement at the end that does nothing where it is there; none is ever changed.
"""

LOCK = 0x6661726D67617465
"""Of PostgreSQL's advisory locks, the one under which the book is written."""

STATEMENTS = (
    # source: made (by ./farm keys), or environment (of FARM_GATEWAY_KEYS, and valid while it stands there)
    """
    CREATE TABLE IF NOT EXISTS gateway_keys (
        id TEXT PRIMARY KEY,
        agent TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,
        source TEXT NOT NULL,
        made_at DOUBLE PRECISION NOT NULL,
        made_by TEXT NOT NULL,
        expires_at DOUBLE PRECISION,
        revoked_at DOUBLE PRECISION,
        revoked_by TEXT NOT NULL DEFAULT '',
        last_used_at DOUBLE PRECISION
    )
    """,
    # subject: an agent, or * for the whole farm. models: separated by commas
    """
    CREATE TABLE IF NOT EXISTS gateway_limits (
        subject TEXT PRIMARY KEY,
        daily BIGINT,
        monthly BIGINT,
        rpm BIGINT,
        tpm BIGINT,
        models TEXT
    )
    """,
    # outcome: begun, answered, failed (and nothing to pay), broken (its answer broke off, and what had come is billed),
    # or lost (nobody saw its end: counted at the most it could have cost). call_id: the caller's, the same for every
    # attempt of one logical call
    """
    CREATE TABLE IF NOT EXISTS gateway_calls (
        id TEXT PRIMARY KEY,
        call_id TEXT NOT NULL,
        key_id TEXT NOT NULL,
        agent TEXT NOT NULL,
        day TEXT NOT NULL,
        role TEXT NOT NULL,
        model TEXT NOT NULL,
        begun_at DOUBLE PRECISION NOT NULL,
        ended_at DOUBLE PRECISION,
        outcome TEXT NOT NULL,
        reserved BIGINT NOT NULL,
        cost BIGINT NOT NULL DEFAULT 0,
        input_tokens BIGINT NOT NULL,
        output_tokens BIGINT NOT NULL DEFAULT 0,
        cache_read_tokens BIGINT NOT NULL DEFAULT 0,
        cache_write_tokens BIGINT NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX IF NOT EXISTS gateway_calls_agent ON gateway_calls (agent, begun_at)",
    "CREATE INDEX IF NOT EXISTS gateway_calls_begun ON gateway_calls (begun_at)",
    "CREATE INDEX IF NOT EXISTS gateway_calls_open ON gateway_calls (begun_at) WHERE outcome = 'begun'",
    # calls that went in a batch. batch: the vendor's name for it; empty until the vendor has said that it has it
    """
    CREATE TABLE IF NOT EXISTS gateway_batched (
        call TEXT PRIMARY KEY,
        agent TEXT NOT NULL,
        batch TEXT NOT NULL,
        custom_id TEXT NOT NULL
    )
    """,
    "CREATE INDEX IF NOT EXISTS gateway_batched_custom_id ON gateway_batched (custom_id)",
    # what the calls came to, by day: written with each, and kept longer than they are
    """
    CREATE TABLE IF NOT EXISTS gateway_spend (
        day TEXT NOT NULL,
        agent TEXT NOT NULL,
        key_id TEXT NOT NULL,
        model TEXT NOT NULL,
        calls BIGINT NOT NULL,
        lost BIGINT NOT NULL,
        cost BIGINT NOT NULL,
        input_tokens BIGINT NOT NULL,
        output_tokens BIGINT NOT NULL,
        cache_read_tokens BIGINT NOT NULL,
        cache_write_tokens BIGINT NOT NULL,
        PRIMARY KEY (day, agent, key_id, model)
    )
    """,
)
