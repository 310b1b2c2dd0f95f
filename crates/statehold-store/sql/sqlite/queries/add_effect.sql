INSERT INTO effect (
    tenant, id, machine, entity_id, seq, path, name, kind, request, key, invoke_state, invoke_entry,
    status, due, epoch, claims, attempts, generation, created_at
) VALUES (
    :tenant, :id, :machine, :entity_id, :seq, :path, :name, :kind, :request, :key, :invoke_state, :invoke_entry,
    'ready', :due, 0, 0, 0, 0, :created_at
);
