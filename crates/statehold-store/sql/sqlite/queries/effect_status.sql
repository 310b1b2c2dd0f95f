-- Why an operator's verb changed nothing.
SELECT status
FROM effect
WHERE tenant = :tenant AND id = :id;
