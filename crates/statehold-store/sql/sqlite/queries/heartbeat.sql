UPDATE effect
SET lease_until = :lease_until
WHERE id = :effect AND epoch = :epoch AND status = 'claimed';
