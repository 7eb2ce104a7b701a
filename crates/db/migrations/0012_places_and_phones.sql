-- Where sessions began and what happened, as far as a proxy or a file of addresses says: `Berlin, DE`; of events the
-- country (ISO 3166) and the name of a place in it.
ALTER TABLE sessions ADD COLUMN place text;
ALTER TABLE events ADD COLUMN locality text;

-- A change is of an e-mail address or of a phone number. A number is proven by a code, and one that takes the place of
-- another waits for the other's word then.
ALTER TABLE identifier_changes ADD COLUMN kind text NOT NULL DEFAULT 'email';
ALTER TABLE identifier_changes ADD COLUMN proven_at timestamptz;

-- Who does not want to be asked for a passkey any more.
ALTER TABLE users ADD COLUMN passkey_declined_at timestamptz;

-- When it was written down that a session expired which nobody had ended.
ALTER TABLE sessions ADD COLUMN expired_at timestamptz;
CREATE INDEX sessions_due ON sessions (idle_expires_at) WHERE ended_at IS NULL AND expired_at IS NULL;
