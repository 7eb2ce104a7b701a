-- Other providers that users sign in with, whose word counts for whom, and the requests that are under way.

-- `settings` holds what an administrator decides; `metadata` what the provider's discovery document said last.
CREATE TABLE connections (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    slug text NOT NULL,
    preset text NOT NULL,
    name text NOT NULL,
    enabled boolean NOT NULL,
    position bigint NOT NULL,
    settings jsonb NOT NULL,
    secret_sealed bytea,
    metadata jsonb,
    metadata_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX connections_slug ON connections (tenant_id, slug);
--!tenant connections

-- Whose addresses lead to which provider: one per domain and one per organization.
CREATE TABLE connection_routes (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    connection_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, kind, value),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX connection_routes_connection ON connection_routes (tenant_id, connection_id);
--!tenant connection_routes

-- Who somebody is elsewhere, and whose account that opens here.
CREATE TABLE upstream_identities (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    connection_id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL,
    person jsonb NOT NULL,
    linked_at timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX upstream_identities_subject ON upstream_identities (tenant_id, connection_id, issuer, subject);
CREATE INDEX upstream_identities_user ON upstream_identities (tenant_id, user_id);
--!tenant upstream_identities

-- Requests to a provider that wait for their answer, found by the digest of `state`, each good for one answer.
CREATE TABLE upstream_requests (
    tenant_id uuid NOT NULL,
    digest bytea NOT NULL,
    connection_id uuid NOT NULL,
    sign_in_id uuid,
    session_id uuid,
    secrets_sealed bytea NOT NULL,
    posted_sealed bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX upstream_requests_expiry ON upstream_requests (expires_at);
--!tenant upstream_requests

-- Somebody who is proven elsewhere and has no account here yet, or has not shown that it is theirs.
CREATE TABLE upstream_pending (
    tenant_id uuid NOT NULL,
    sign_in_id uuid NOT NULL,
    connection_id uuid NOT NULL,
    person jsonb NOT NULL,
    state jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, sign_in_id),
    FOREIGN KEY (tenant_id, connection_id) REFERENCES connections (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX upstream_pending_expiry ON upstream_pending (expires_at);
--!tenant upstream_pending
