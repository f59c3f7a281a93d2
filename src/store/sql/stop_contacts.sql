-- First transaction of a stop act that is about people (bounce, opt-out): their open enrolments end. $1 contact ids
-- $2 reason
UPDATE sequence_contacts sc
   SET status = 'stopped', reason = $2::text, next_send_at = NULL, completed_at = clock_timestamp(),
       updated_at = clock_timestamp()
 WHERE sc.contact_id = ANY ($1::uuid[]) AND sc.status IN ('pending', 'active', 'paused')
RETURNING sc.id
