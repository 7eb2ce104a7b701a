-- The one link with which the first operator claims an installation: a row of the `system` tenant, gone once it is used.
-- One row, so that of two claims at once one finds nothing.
CREATE TABLE operator_claims (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    digest bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
);
CREATE INDEX operator_claims_expiry ON operator_claims (expires_at);
--!tenant operator_claims

-- What users of the `system` tenant may do, and in which tenant; an operator's role is one in the `system` tenant itself.
CREATE TABLE role_assignments (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    in_tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    role text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, in_tenant_id, role),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX role_assignments_in_tenant ON role_assignments (tenant_id, in_tenant_id, role);
CREATE INDEX role_assignments_tenants ON role_assignments (in_tenant_id);
--!tenant role_assignments
