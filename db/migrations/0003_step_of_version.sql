-- An email's step version is one of its step: one key instead of two that could disagree, and one look-up less for
-- each email that is inserted.
ALTER TABLE step_versions ADD CONSTRAINT step_versions_of_step UNIQUE (id, step_id);
ALTER TABLE email_queues
  DROP CONSTRAINT email_queues_step_id_fkey,
  DROP CONSTRAINT email_queues_step_version_id_fkey,
  ADD CONSTRAINT email_queues_step_version_fkey FOREIGN KEY (step_version_id, step_id)
    REFERENCES step_versions (id, step_id) ON DELETE RESTRICT;
