-- Rows that are `failed` for longer than the retry consumer needs: their record was lost. $1 age  $2 emails_max
SELECT e.id, e.lease_epoch FROM email_queues e
 WHERE e.attention_at <= clock_timestamp() - $1::interval AND e.status = 'failed'
 ORDER BY e.attention_at LIMIT $2::int
