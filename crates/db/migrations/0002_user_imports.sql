-- How far an import of users has come, by the digest of its file: interrupted, it goes on from there.
CREATE TABLE user_imports (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    digest bytea NOT NULL,
    line bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX user_imports_expiry ON user_imports (expires_at);
--!tenant user_imports
