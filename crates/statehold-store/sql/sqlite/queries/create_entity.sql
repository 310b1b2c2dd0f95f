-- Before its first log row, which refers to it.
INSERT INTO entity (
    tenant, machine, id, revision, chart_version, state, status, context, memory, created_at, entered_at, updated_at
) VALUES (
    :tenant, :machine, :id, :revision, :chart_version, :state, :status, :context, :memory, :created_at, :entered_at,
    :updated_at
);
