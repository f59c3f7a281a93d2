-- For the cancel of one mail: the same lock that its permit needs. $1 email
SELECT sequence_contact_id, status, phase FROM email_queues WHERE id = $1::uuid FOR NO KEY UPDATE
