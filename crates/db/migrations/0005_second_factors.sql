-- Second factors, and the challenges that proofs answer.

-- Since when the user is asked for a second factor; NULL while they have none.
ALTER TABLE users ADD COLUMN mfa_enabled_at timestamptz;

-- What a proof answers: a nonce that is good for one answer, or a code that is good for a few tries. One of a purpose
-- for each subject (a sign-in or a session); a new one takes the place of the old one.
CREATE TABLE challenges (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    subject_id uuid NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    mac bytea NOT NULL,
    data text NOT NULL,
    tries_left bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, subject_id, purpose)
);
CREATE INDEX challenges_expiry ON challenges (expires_at);
--!tenant challenges

-- Authenticator apps (RFC 6238). `last_step` is the newest time step that was accepted: no step counts twice.
CREATE TABLE totp_authenticators (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    secret_sealed bytea NOT NULL,
    last_step bigint NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX totp_authenticators_user ON totp_authenticators (tenant_id, user_id);
--!tenant totp_authenticators

CREATE TABLE recovery_codes (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    mac bytea NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant_id, user_id, mac),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
--!tenant recovery_codes

-- Browsers that their user trusts: they are not asked for a second factor there.
CREATE TABLE trusted_devices (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    digest bytea NOT NULL,
    user_agent text,
    ip text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX trusted_devices_digest ON trusted_devices (tenant_id, digest);
CREATE INDEX trusted_devices_user ON trusted_devices (tenant_id, user_id);
CREATE INDEX trusted_devices_expiry ON trusted_devices (expires_at);
--!tenant trusted_devices
