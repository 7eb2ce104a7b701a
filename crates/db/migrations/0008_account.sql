-- When an account is deleted for good, if its owner asked for it.
ALTER TABLE users ADD COLUMN deletion_due_at timestamptz;
CREATE INDEX users_deletion_due ON users (deletion_due_at) WHERE deletion_due_at IS NOT NULL;

-- E-mail addresses that wait to be confirmed, and, once they are, may be objected to by the address of before.
CREATE TABLE identifier_changes (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    value text NOT NULL,
    normalized text NOT NULL,
    makes_primary boolean NOT NULL,
    previous_id uuid,
    created_at timestamptz NOT NULL,
    confirmed_at timestamptz,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX identifier_changes_user ON identifier_changes (tenant_id, user_id);
CREATE INDEX identifier_changes_expiry ON identifier_changes (expires_at);
--!tenant identifier_changes

-- People who were asked to make an account.
CREATE TABLE invitations (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    email text NOT NULL,
    normalized text NOT NULL,
    name text,
    created_at timestamptz NOT NULL,
    accepted_at timestamptz,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX invitations_expiry ON invitations (expires_at);
--!tenant invitations
