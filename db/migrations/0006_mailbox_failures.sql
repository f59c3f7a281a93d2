-- What a mailbox's failures leave behind, and how it logs in.
ALTER TABLE mailboxes
  -- The back-off is its server's: it ends for all of them once one of them gets through.
  ADD COLUMN rest_of_host boolean NOT NULL DEFAULT false,
  -- `error` after a refused login: then it is tried once more by itself. NULL: only a person ends it.
  ADD COLUMN probe_at timestamptz,
  ADD COLUMN login_probes smallint NOT NULL DEFAULT 0,
  -- How many mails the mailbox had finished at its latest policy refusals; the newest first.
  ADD COLUMN refusals bigint[] NOT NULL DEFAULT '{}',
  ADD COLUMN auth text NOT NULL DEFAULT 'password' CHECK (auth IN ('password', 'cram_md5', 'oauth2')),
  ADD COLUMN oauth_provider text CHECK (oauth_provider IN ('google', 'microsoft', 'custom')),
  ADD COLUMN oauth_token_url text,                     -- NULL: the provider's own
  ADD COLUMN oauth_client_id text,
  ADD COLUMN encrypted_oauth_client_secret bytea,
  ADD COLUMN encrypted_oauth_refresh_token bytea,
  ADD COLUMN ehlo_name text,                           -- NULL: the program's
  ADD COLUMN dsn boolean NOT NULL DEFAULT false,       -- ask the server to report what it could not deliver (RFC 3461)
  ADD COLUMN reply_to text;

-- Whose server is it that does not answer?
CREATE INDEX mailboxes_of_host ON mailboxes (smtp_host, smtp_port);
CREATE INDEX mailboxes_to_probe ON mailboxes (probe_at) WHERE probe_at IS NOT NULL;

-- Policy and spam refusals of a step's mails.
ALTER TABLE steps
  ADD COLUMN refused_count integer NOT NULL DEFAULT 0,
  ADD COLUMN refused_at timestamptz;
