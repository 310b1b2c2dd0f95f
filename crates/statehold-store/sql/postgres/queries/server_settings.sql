-- What the server promises, as this session sees it.
SELECT
    current_setting('server_version_num')::bigint,
    current_setting('server_version'),
    current_setting('server_encoding'),
    current_setting('fsync'),
    current_setting('full_page_writes'),
    current_setting('synchronous_commit'),
    current_setting('default_transaction_isolation'),
    current_setting('default_transaction_read_only'),
    current_setting('synchronous_standby_names'),
    pg_is_in_recovery(),
    current_user::text;
