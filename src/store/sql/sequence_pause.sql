-- First transaction of the stop act. A draft sends nothing and stays a draft; an archived sequence still finishes
-- its people, so it can be paused. $1 sequence
UPDATE sequences SET status = 'paused', updated_at = clock_timestamp()
 WHERE id = $1::uuid AND deleted_at IS NULL AND status IN ('active', 'archived')
RETURNING updated_at
