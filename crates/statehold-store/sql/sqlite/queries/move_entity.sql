-- After its log row, which a trigger looks for. `created_at` stays. One row, or the caller's check was wrong.
UPDATE entity
SET revision = :revision,
    chart_version = :chart_version,
    state = :state,
    status = :status,
    context = :context,
    memory = :memory,
    entered_at = :entered_at,
    updated_at = :updated_at
WHERE tenant = :tenant AND machine = :machine AND id = :id AND revision = :revision - 1;
