INSERT INTO operator_act (tenant, effect, verb, at, actor, reason)
VALUES (:tenant, :effect, :verb, :at, :actor, :reason);
