-- After the second transaction: nothing of what these entries forbid is under way any more. $1 entry ids
UPDATE suppressions SET settled_at = clock_timestamp() WHERE id = ANY ($1::uuid[]) AND settled_at IS NULL
