-- Tracking. docs/decisions/0043-hits-are-spooled.md, 0044-link-places.md.

-- The ring that signs links, sealed like the passwords. A key signs from `signs_from` on, when every process has
-- read it; none is ever removed, since a link in a mail outlives it.
CREATE TABLE link_keys (
  id         smallint PRIMARY KEY CHECK (id BETWEEN 1 AND 255),
  sealed_key bytea NOT NULL,
  signs_from timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- The host of this mailbox's links, a CNAME below the sender's own domain; NULL: that of `http.public_url`.
ALTER TABLE mailboxes ADD COLUMN tracking_host varchar(255);

-- This person's mails carry neither pixel nor tracked links, whatever the sequence says.
ALTER TABLE contacts ADD COLUMN do_not_track boolean NOT NULL DEFAULT false;
