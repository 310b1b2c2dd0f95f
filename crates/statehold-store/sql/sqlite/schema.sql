-- What all migrations together make: the schema of a fresh install, to read and to diff. The reasons stand in the
-- migrations. A test holds the two equal.

CREATE TABLE machine_version (
    tenant       TEXT    NOT NULL CHECK (tenant <> ''),
    machine      TEXT    NOT NULL CHECK (machine <> ''),
    version      INTEGER NOT NULL CHECK (version >= 1),
    source       TEXT    NOT NULL,
    hash         TEXT    NOT NULL,
    published_at INTEGER NOT NULL,
    published_by TEXT    NOT NULL,
    PRIMARY KEY (tenant, machine, version)
) STRICT;

CREATE TRIGGER machine_version_is_immutable
BEFORE UPDATE ON machine_version
BEGIN
    SELECT RAISE(ABORT, 'a published machine version never changes');
END;

CREATE TABLE entity (
    tenant        TEXT    NOT NULL CHECK (tenant <> ''),
    machine       TEXT    NOT NULL CHECK (machine <> ''),
    id            TEXT    NOT NULL CHECK (octet_length(id) BETWEEN 1 AND 200),
    revision      INTEGER NOT NULL CHECK (revision >= 0),
    chart_version INTEGER NOT NULL CHECK (chart_version >= 0),
    state         TEXT    NOT NULL CHECK (state <> ''),
    status        TEXT    NOT NULL CHECK (status IN ('active', 'done')),
    context       TEXT    NOT NULL,
    memory        TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    entered_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    PRIMARY KEY (tenant, machine, id)
) STRICT;

CREATE INDEX entity_by_state ON entity (tenant, machine, state, id);

CREATE TABLE log (
    position      INTEGER PRIMARY KEY,
    tenant        TEXT    NOT NULL,
    machine       TEXT    NOT NULL,
    id            TEXT    NOT NULL,
    seq           INTEGER NOT NULL CHECK (seq >= 0),
    at            INTEGER NOT NULL,
    event         TEXT    NOT NULL,
    event_id      TEXT    NOT NULL CHECK (event_id <> ''),
    fingerprint   TEXT    NOT NULL,
    actor         TEXT    NOT NULL,
    cause         TEXT,
    from_state    TEXT    NOT NULL,
    to_state      TEXT    NOT NULL CHECK (to_state <> ''),
    transitions   TEXT    NOT NULL,
    patch         TEXT    NOT NULL,
    input         TEXT    NOT NULL,
    result        TEXT    NOT NULL,
    chart_version INTEGER NOT NULL CHECK (chart_version >= 0),
    UNIQUE (tenant, machine, id, seq),
    UNIQUE (tenant, machine, id, event_id),
    FOREIGN KEY (tenant, machine, id) REFERENCES entity (tenant, machine, id),
    CHECK ((seq = 0) = (from_state = ''))
) STRICT;

CREATE TRIGGER log_is_never_updated
BEFORE UPDATE ON log
BEGIN
    SELECT RAISE(ABORT, 'log rows are never changed');
END;

CREATE TRIGGER log_is_never_deleted
BEFORE DELETE ON log
BEGIN
    SELECT RAISE(ABORT, 'log rows are never deleted');
END;

CREATE TRIGGER entity_moves_with_its_log
AFTER UPDATE OF revision, state ON entity
BEGIN
    SELECT RAISE(ABORT, 'an entity changes its state only together with a log row')
    WHERE NEW.revision <> OLD.revision + 1
       OR NOT EXISTS (
        SELECT 1 FROM log
        WHERE position = (SELECT max(position) FROM log)
          AND tenant = NEW.tenant AND machine = NEW.machine AND id = NEW.id
          AND seq = NEW.revision AND from_state = OLD.state AND to_state = NEW.state
    );
END;

CREATE TABLE effect (
    tenant       TEXT    NOT NULL,
    id           TEXT    NOT NULL UNIQUE CHECK (id <> ''),
    machine      TEXT    NOT NULL,
    entity_id    TEXT    NOT NULL,
    seq          INTEGER NOT NULL,
    path         TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    request      TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    invoke_state TEXT,
    invoke_entry INTEGER CHECK (invoke_entry >= 0),
    status       TEXT    NOT NULL CHECK (
        status IN ('ready', 'claimed', 'ok', 'failed', 'dead', 'cancelled', 'discarded')
    ),
    due          INTEGER NOT NULL,
    lease_until  INTEGER,
    epoch        INTEGER NOT NULL CHECK (epoch >= 0),
    claims       INTEGER NOT NULL CHECK (claims >= 0),
    attempts     INTEGER NOT NULL CHECK (attempts >= 0),
    generation   INTEGER NOT NULL CHECK (generation >= 0),
    last_error   TEXT,
    reply        TEXT,
    created_at   INTEGER NOT NULL,
    settled_at   INTEGER,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, machine, entity_id, seq) REFERENCES log (tenant, machine, id, seq),
    CHECK ((invoke_state IS NULL) = (invoke_entry IS NULL)),
    CHECK ((status = 'claimed') = (lease_until IS NOT NULL)),
    CHECK ((status IN ('ready', 'claimed')) = (settled_at IS NULL))
) STRICT;

CREATE INDEX effect_of_entity ON effect (tenant, machine, entity_id, id);

CREATE INDEX effect_ready ON effect (due, id) WHERE status = 'ready';
CREATE INDEX effect_leased ON effect (lease_until) WHERE status = 'claimed';
CREATE INDEX effect_dead ON effect (tenant, id) WHERE status = 'dead';

CREATE INDEX effect_invoked ON effect (tenant, machine, entity_id, invoke_state, invoke_entry)
    WHERE invoke_state IS NOT NULL AND status IN ('ready', 'dead');

CREATE TABLE effect_attempt (
    tenant      TEXT    NOT NULL,
    effect      TEXT    NOT NULL,
    n           INTEGER NOT NULL CHECK (n >= 1),
    generation  INTEGER NOT NULL CHECK (generation >= 0),
    epoch       INTEGER NOT NULL CHECK (epoch >= 0),
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL,
    outcome     TEXT    NOT NULL,
    http_status INTEGER,
    detail      TEXT    NOT NULL,
    next_due    INTEGER,
    PRIMARY KEY (tenant, effect, n),
    FOREIGN KEY (tenant, effect) REFERENCES effect (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE timer (
    number    INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant    TEXT    NOT NULL,
    machine   TEXT    NOT NULL,
    entity_id TEXT    NOT NULL,
    state     TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    entry     INTEGER NOT NULL CHECK (entry >= 0),
    due       INTEGER NOT NULL,
    FOREIGN KEY (tenant, machine, entity_id) REFERENCES entity (tenant, machine, id)
) STRICT;

CREATE INDEX timer_of_entity ON timer (tenant, machine, entity_id);
CREATE INDEX timer_due ON timer (due);

CREATE TABLE refusal (
    number   INTEGER PRIMARY KEY,
    tenant   TEXT    NOT NULL,
    machine  TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    at       INTEGER NOT NULL,
    event    TEXT    NOT NULL,
    event_id TEXT    NOT NULL,
    actor    TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    blockers TEXT    NOT NULL,
    input    TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    revision INTEGER NOT NULL CHECK (revision >= 0)
) STRICT;

CREATE INDEX refusal_of_entity ON refusal (tenant, machine, id);

CREATE TABLE operator_act (
    number INTEGER PRIMARY KEY,
    tenant TEXT    NOT NULL,
    effect TEXT    NOT NULL,
    verb   TEXT    NOT NULL CHECK (verb IN ('retry', 'discard')),
    at     INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    reason TEXT    NOT NULL,
    FOREIGN KEY (tenant, effect) REFERENCES effect (tenant, id)
) STRICT;

CREATE INDEX operator_act_on_effect ON operator_act (tenant, effect);

CREATE TRIGGER operator_act_is_never_updated
BEFORE UPDATE ON operator_act
BEGIN
    SELECT RAISE(ABORT, 'audit rows are never changed');
END;

CREATE TRIGGER operator_act_is_never_deleted
BEFORE DELETE ON operator_act
BEGIN
    SELECT RAISE(ABORT, 'audit rows are never deleted');
END;
