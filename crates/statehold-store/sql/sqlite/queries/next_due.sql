-- The first entry of three indexes.
SELECT min(due)
FROM (
    SELECT min(due) AS due FROM timer
    UNION ALL
    SELECT min(due) FROM effect WHERE status = 'ready'
    UNION ALL
    SELECT min(lease_until) FROM effect WHERE status = 'claimed'
);
