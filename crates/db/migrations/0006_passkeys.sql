-- Passkeys (WebAuthn L3 4, "credential record"). The RP ID is the one that the credential was made for: a tenant that
-- moves to another domain can tell which of its passkeys still work there.

CREATE TABLE passkeys (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    credential_id bytea NOT NULL,
    user_handle bytea NOT NULL,
    rp_id text NOT NULL,
    public_key bytea NOT NULL,
    algorithm bigint NOT NULL,
    sign_count bigint NOT NULL,
    aaguid bytea NOT NULL,
    attestation text NOT NULL,
    transports text NOT NULL,
    backup_eligible boolean NOT NULL,
    backed_up boolean NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    last_used_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (tenant_id, credential_id);
CREATE INDEX passkeys_user ON passkeys (tenant_id, user_id);
--!tenant passkeys
