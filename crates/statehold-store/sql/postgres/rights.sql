-- What the role that runs the store needs, once another role has made the schema. `:role` is its name.
GRANT USAGE ON SCHEMA statehold TO :role;
GRANT SELECT ON ALL TABLES IN SCHEMA statehold TO :role;
GRANT INSERT ON
    statehold.machine_version, statehold.entity, statehold.log, statehold.effect, statehold.outbox,
    statehold.effect_attempt, statehold.timer, statehold.refusal, statehold.operator_act
TO :role;
GRANT UPDATE ON statehold.entity, statehold.effect, statehold.outbox, statehold.timer TO :role;
GRANT DELETE ON statehold.outbox, statehold.timer TO :role;
