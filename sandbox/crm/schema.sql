-- The sandbox's own data. A record is a JSON object in Pipedrive's v2 field names, whatever kind it is of.
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL,
    id   INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- Who changed which field from what to what: one row a field, one row for a creation or a deletion.
CREATE TABLE IF NOT EXISTS changes (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    at        TEXT NOT NULL,
    user_id   INTEGER NOT NULL,
    source    TEXT NOT NULL,
    entity    TEXT NOT NULL,
    entity_id INTEGER NOT NULL,
    deal_id   INTEGER,
    action    TEXT NOT NULL,
    field     TEXT NOT NULL,
    old       TEXT NOT NULL,
    new       TEXT NOT NULL
);

-- Webhooks on their way: written in the transaction of the change itself, so none is lost by a restart.
CREATE TABLE IF NOT EXISTS deliveries (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id INTEGER NOT NULL,
    entity     TEXT NOT NULL,
    payload    TEXT NOT NULL,
    attempt    INTEGER NOT NULL DEFAULT 0,
    due        REAL NOT NULL,
    state      TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'delivered', 'failed')),
    answer     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS deliveries_queued ON deliveries (webhook_id, entity, id) WHERE state = 'queued';

-- Every mail that came through the SMTP door, and the deals it was filed under.
CREATE TABLE IF NOT EXISTS outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         TEXT NOT NULL,
    sender     TEXT NOT NULL,
    recipients TEXT NOT NULL,
    message_id TEXT NOT NULL,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    deal_ids   TEXT NOT NULL
);
