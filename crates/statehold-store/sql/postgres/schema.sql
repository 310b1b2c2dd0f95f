-- What all migrations together make: the schema of a fresh install, to read and to diff. The reasons stand in the
-- migrations. A test holds the two equal.

CREATE SCHEMA statehold;

CREATE FUNCTION statehold.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE FUNCTION statehold.begin_again() RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING MESSAGE = 'overtaken by another transaction', ERRCODE = 'serialization_failure';
END
$$;

CREATE TABLE statehold.machine_version (
    tenant       text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    machine      text COLLATE "C" NOT NULL CHECK (machine <> ''),
    version      bigint           NOT NULL CHECK (version >= 1),
    source       text             NOT NULL,
    hash         text             NOT NULL,
    published_at timestamptz      NOT NULL,
    published_by text             NOT NULL,
    PRIMARY KEY (tenant, machine, version)
);

CREATE TRIGGER machine_version_is_immutable
BEFORE UPDATE ON statehold.machine_version
FOR EACH STATEMENT EXECUTE FUNCTION statehold.refuse_change('a published machine version never changes');

CREATE TABLE statehold.entity (
    no            bigint GENERATED ALWAYS AS IDENTITY,
    tenant        text COLLATE "C" NOT NULL CHECK (tenant <> ''),
    machine       text COLLATE "C" NOT NULL CHECK (machine <> ''),
    id            text COLLATE "C" NOT NULL CHECK (octet_length(id) BETWEEN 1 AND 200),
    revision      bigint           NOT NULL CHECK (revision >= 0),
    chart_version bigint           NOT NULL CHECK (chart_version >= 0),
    state         text COLLATE "C" NOT NULL CHECK (state <> ''),
    status        text             NOT NULL CHECK (status IN ('active', 'done')),
    context       text             NOT NULL,
    memory        text             NOT NULL,
    created_at    timestamptz      NOT NULL,
    entered_at    timestamptz      NOT NULL,
    updated_at    timestamptz      NOT NULL,
    PRIMARY KEY (tenant, machine, id),
    UNIQUE (no)
);

CREATE TABLE statehold.log (
    entity        bigint           NOT NULL REFERENCES statehold.entity (no),
    seq           bigint           NOT NULL CHECK (seq >= 0),
    at            timestamptz      NOT NULL,
    event         text             NOT NULL,
    event_id      text COLLATE "C" NOT NULL CHECK (event_id <> ''),
    fingerprint   text             NOT NULL,
    actor         text             NOT NULL,
    cause         text,
    from_state    text COLLATE "C" NOT NULL,
    to_state      text COLLATE "C" NOT NULL CHECK (to_state <> ''),
    transitions   text             NOT NULL,
    patch         text             NOT NULL,
    input         text             NOT NULL,
    result        text             NOT NULL,
    chart_version bigint           NOT NULL CHECK (chart_version >= 0),
    PRIMARY KEY (entity, seq),
    UNIQUE (entity, event_id),
    CHECK ((seq = 0) = (from_state = ''))
);

CREATE TRIGGER log_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON statehold.log
FOR EACH STATEMENT EXECUTE FUNCTION statehold.refuse_change('log rows are never changed or deleted');

CREATE FUNCTION statehold.entity_stands_where_its_log_ends() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT
        FROM moved
        LEFT JOIN LATERAL (
            SELECT log.seq, log.from_state, log.to_state
            FROM statehold.log
            WHERE log.entity = moved.no AND log.seq >= moved.revision
            ORDER BY log.seq DESC
            LIMIT 1
        ) AS last ON true
        LEFT JOIN LATERAL (
            SELECT log.seq, log.to_state
            FROM statehold.log
            WHERE log.entity = moved.no AND log.seq < moved.revision
            ORDER BY log.seq DESC
            LIMIT 1
        ) AS previous ON true
        WHERE last.seq IS DISTINCT FROM moved.revision
           OR last.to_state <> moved.state
           OR last.from_state <> coalesce(previous.to_state, '')
           OR coalesce(previous.seq, -1) <> moved.revision - 1
    ) THEN
        RAISE EXCEPTION USING
            MESSAGE = 'an entity changes its state only together with a log row',
            ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER entity_stands_where_its_log_ends
AFTER UPDATE ON statehold.entity
REFERENCING NEW TABLE AS moved
FOR EACH STATEMENT EXECUTE FUNCTION statehold.entity_stands_where_its_log_ends();

CREATE TABLE statehold.effect (
    id           text COLLATE "C" NOT NULL CHECK (id <> ''),
    tenant       text COLLATE "C" NOT NULL,
    entity       bigint           NOT NULL,
    seq          bigint           NOT NULL,
    path         text             NOT NULL,
    name         text             NOT NULL,
    kind         text             NOT NULL,
    request      text             NOT NULL,
    key          text             NOT NULL,
    invoke_state text COLLATE "C",
    invoke_entry bigint CHECK (invoke_entry >= 0),
    created_at   timestamptz      NOT NULL,
    status       text             NOT NULL DEFAULT 'open' CHECK (
        status IN ('open', 'ok', 'failed', 'dead', 'cancelled', 'discarded')
    ),
    due          timestamptz,
    epoch        bigint CHECK (epoch >= 0),
    claims       bigint CHECK (claims >= 0),
    attempts     bigint CHECK (attempts >= 0),
    generation   bigint CHECK (generation >= 0),
    tries        bigint CHECK (tries >= 0),
    last_error   text,
    reply        text,
    settled_at   timestamptz,
    PRIMARY KEY (id),
    FOREIGN KEY (entity, seq) REFERENCES statehold.log (entity, seq),
    CHECK ((invoke_state IS NULL) = (invoke_entry IS NULL)),
    CHECK ((status = 'open') = (settled_at IS NULL))
);

CREATE INDEX effect_of_entity ON statehold.effect (entity, id);
CREATE INDEX effect_of_tenant ON statehold.effect (tenant, id);

CREATE INDEX effect_dead ON statehold.effect (tenant, id) WHERE status = 'dead';

CREATE INDEX effect_invoked ON statehold.effect (entity, invoke_state, invoke_entry)
    WHERE invoke_state IS NOT NULL AND status IN ('open', 'dead');

CREATE TABLE statehold.outbox (
    id          text COLLATE "C" NOT NULL REFERENCES statehold.effect (id),
    due         timestamptz      NOT NULL,
    lease_until timestamptz,
    epoch       bigint           NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    claims      bigint           NOT NULL DEFAULT 0 CHECK (claims >= 0),
    attempts    bigint           NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    generation  bigint           NOT NULL DEFAULT 0 CHECK (generation >= 0),
    tries       bigint           NOT NULL DEFAULT 0 CHECK (tries >= 0),
    last_error  text,
    PRIMARY KEY (id)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 10000
);

CREATE INDEX outbox_ready ON statehold.outbox (due, id) WHERE lease_until IS NULL;
CREATE INDEX outbox_leased ON statehold.outbox (lease_until, id) WHERE lease_until IS NOT NULL;

CREATE VIEW statehold.effect_now AS
SELECT
    f.id, e.tenant, e.machine, e.id AS entity_id, f.seq, f.path, f.name, f.kind, f.request, f.key,
    f.invoke_state, f.invoke_entry,
    CASE WHEN o.id IS NULL THEN f.status WHEN o.lease_until IS NULL THEN 'ready' ELSE 'claimed' END AS status,
    coalesce(o.due, f.due) AS due,
    o.lease_until,
    coalesce(o.epoch, f.epoch) AS epoch,
    coalesce(o.claims, f.claims) AS claims,
    coalesce(o.attempts, f.attempts) AS attempts,
    coalesce(o.generation, f.generation) AS generation,
    CASE WHEN o.id IS NULL THEN f.last_error ELSE o.last_error END AS last_error,
    CASE WHEN o.id IS NULL THEN f.reply END AS reply,
    f.created_at,
    f.settled_at,
    f.entity AS entity_no,
    f.tenant AS effect_tenant,
    f.status AS end_status
FROM statehold.effect f
JOIN statehold.entity e ON e.no = f.entity
LEFT JOIN statehold.outbox o ON o.id = f.id;

CREATE TABLE statehold.effect_attempt (
    effect      text COLLATE "C" NOT NULL REFERENCES statehold.effect (id),
    n           bigint           NOT NULL CHECK (n >= 1),
    generation  bigint           NOT NULL CHECK (generation >= 0),
    epoch       bigint           NOT NULL CHECK (epoch >= 0),
    started_at  timestamptz      NOT NULL,
    ended_at    timestamptz      NOT NULL,
    outcome     text             NOT NULL,
    http_status integer,
    detail      text             NOT NULL,
    next_due    timestamptz,
    PRIMARY KEY (effect, n)
);

CREATE TABLE statehold.timer (
    number bigint GENERATED ALWAYS AS IDENTITY,
    entity bigint           NOT NULL REFERENCES statehold.entity (no),
    state  text COLLATE "C" NOT NULL,
    name   text             NOT NULL,
    entry  bigint           NOT NULL CHECK (entry >= 0),
    due    timestamptz      NOT NULL,
    PRIMARY KEY (number)
) WITH (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_scale_factor = 0,
    autovacuum_vacuum_insert_threshold = 10000
);

CREATE INDEX timer_of_entity ON statehold.timer (entity, due, number);
CREATE INDEX timer_due ON statehold.timer (due, number);

CREATE TABLE statehold.refusal (
    number   bigint GENERATED ALWAYS AS IDENTITY,
    tenant   text COLLATE "C" NOT NULL,
    machine  text COLLATE "C" NOT NULL,
    id       text COLLATE "C" NOT NULL,
    at       timestamptz      NOT NULL,
    event    text             NOT NULL,
    event_id text             NOT NULL,
    actor    text             NOT NULL,
    outcome  text             NOT NULL,
    blockers text             NOT NULL,
    input    text             NOT NULL,
    state    text             NOT NULL,
    revision bigint           NOT NULL CHECK (revision >= 0),
    PRIMARY KEY (number)
);

CREATE INDEX refusal_of_entity ON statehold.refusal (tenant, machine, id, number);

CREATE TABLE statehold.operator_act (
    number bigint GENERATED ALWAYS AS IDENTITY,
    effect text COLLATE "C" NOT NULL REFERENCES statehold.effect (id),
    verb   text             NOT NULL CHECK (verb IN ('retry', 'discard')),
    at     timestamptz      NOT NULL,
    actor  text             NOT NULL,
    reason text             NOT NULL,
    PRIMARY KEY (number)
);

CREATE INDEX operator_act_on_effect ON statehold.operator_act (effect, number);

CREATE TRIGGER operator_act_is_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON statehold.operator_act
FOR EACH STATEMENT EXECUTE FUNCTION statehold.refuse_change('audit rows are never changed or deleted');
