-- First transaction of the stop act. $1 contact. Its address.
UPDATE contacts SET deleted_at = COALESCE(deleted_at, clock_timestamp()), updated_at = clock_timestamp()
 WHERE id = $1::uuid
RETURNING email
