-- Not now(), which stands still during a transaction.
SELECT clock_timestamp();
