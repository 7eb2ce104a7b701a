-- Solved challenges that were used, until they expire: each is good for one request.
CREATE TABLE used_proofs_of_work (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    digest bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX used_proofs_of_work_expiry ON used_proofs_of_work (expires_at);
--!tenant used_proofs_of_work
