-- First transaction of the stop act. $1 enrolment
UPDATE sequence_contacts
   SET status = 'stopped', reason = 'manual', next_send_at = NULL, completed_at = clock_timestamp(),
       updated_at = clock_timestamp()
 WHERE id = $1::uuid AND status IN ('pending', 'active', 'paused')
