INSERT INTO refusal (
    tenant, machine, id, at, event, event_id, actor, outcome, blockers, input, state, revision
) VALUES (
    :tenant, :machine, :id, :at, :event, :event_id, :actor, :outcome, :blockers, :input, :state, :revision
);
