-- An entry that keeps out everybody but the machine that knows the key: `hash` holds the HMAC of an address whose
-- person asked for erasure.
--   email_queue_id  the mail that was the occasion
--   former_reason   what the entry said before an opt-out or a complaint, which count for more; an undo restores it
--   settled_at      when the mail of its people was stopped; NULL: that is under way, or was cut off
ALTER TABLE suppressions
  DROP CONSTRAINT suppressions_kind_check,
  ADD CONSTRAINT suppressions_kind_check CHECK (kind IN ('email', 'domain', 'hash')),
  ADD CONSTRAINT suppressions_reason_check
    CHECK (reason IN ('unsubscribed', 'bounced', 'complained', 'manual', 'import')),
  ADD COLUMN email_queue_id uuid,
  ADD COLUMN former_reason text,
  ADD COLUMN settled_at timestamptz DEFAULT now();
ALTER TABLE suppressions ALTER COLUMN settled_at DROP DEFAULT;
-- Both are nearly always empty.
CREATE INDEX suppressions_unsettled ON suppressions (created_at) WHERE settled_at IS NULL;
CREATE INDEX suppressions_hashed ON suppressions (id) WHERE kind = 'hash';

-- A person who asked for erasure: what is left is a row without data, so that mails keep their enrolment.
ALTER TABLE contacts ADD COLUMN erased_at timestamptz;

ALTER TYPE email_event_type ADD VALUE 'resubscribed';
