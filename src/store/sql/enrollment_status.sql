-- $1 enrolment
SELECT status, COALESCE(reason, 'manual') FROM sequence_contacts WHERE id = $1::uuid
