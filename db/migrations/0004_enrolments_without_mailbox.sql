-- Who waits for any mailbox at all: mostly nobody, so a new mailbox need not read every enrolment to find them.
CREATE INDEX sequence_contacts_without_mailbox ON sequence_contacts (sequence_id) WHERE mailbox_id IS NULL;
