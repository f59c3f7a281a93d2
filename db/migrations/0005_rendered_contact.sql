-- Of a mail that is held for a missing value: its contact as it was read. The mail goes on once the contact is another
-- one, whether that happened before or after it was held; the times of two transactions can not tell.
ALTER TABLE email_queues ADD COLUMN rendered_contact_at timestamptz;
