-- The first schema. One text for both databases: the type words (uuid, jsonb, timestamptz, bytea, bigint, boolean,
-- text) are expanded per dialect, and every table is declared tenant data (--!tenant) or the installation's (--!system).
-- Expiring tables carry an index on the column that their clean-up job reads.

-- The installation itself: one row that proves which master key sealed it.
CREATE TABLE installation (
    id bigint PRIMARY KEY,
    master_key_check bytea NOT NULL,
    base_url text,
    created_at timestamptz NOT NULL
);
--!system installation

-- Cache invalidations between processes on SQLite, read in id order; PostgreSQL uses NOTIFY and leaves this empty.
CREATE TABLE notifications (
    id bigint PRIMARY KEY,
    payload text NOT NULL
);
--!system notifications

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    issuer text NOT NULL UNIQUE,
    custom_domain text UNIQUE,
    status text NOT NULL,
    settings jsonb NOT NULL,
    branding jsonb NOT NULL,
    data_key bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
--!tenant tenants id

CREATE TABLE signing_keys (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    algorithm text NOT NULL,
    state text NOT NULL,
    public_jwk jsonb NOT NULL,
    private_sealed bytea NOT NULL,
    created_at timestamptz NOT NULL,
    activated_at timestamptz,
    retired_at timestamptz,
    expires_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX signing_keys_one_active ON signing_keys (tenant_id, algorithm) WHERE state = 'active';
CREATE UNIQUE INDEX signing_keys_one_next ON signing_keys (tenant_id, algorithm) WHERE state = 'next';
CREATE INDEX signing_keys_expiry ON signing_keys (expires_at);
--!tenant signing_keys

CREATE TABLE users (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    status text NOT NULL,
    profile jsonb NOT NULL,
    attributes jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
--!tenant users

CREATE TABLE identifiers (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    normalized text NOT NULL,
    is_primary boolean NOT NULL,
    verified_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX identifiers_normalized ON identifiers (tenant_id, kind, normalized);
CREATE INDEX identifiers_user ON identifiers (tenant_id, user_id);
--!tenant identifiers

CREATE TABLE credentials (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    data text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    last_used_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX credentials_user ON credentials (tenant_id, user_id, kind);
CREATE UNIQUE INDEX credentials_one_password ON credentials (tenant_id, user_id) WHERE kind = 'password';
--!tenant credentials

CREATE TABLE clients (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    status text NOT NULL,
    name text NOT NULL,
    metadata jsonb NOT NULL,
    policy jsonb NOT NULL,
    registration_digest bytea,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
--!tenant clients

CREATE TABLE client_secrets (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    digest bytea NOT NULL,
    sealed bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX client_secrets_client ON client_secrets (tenant_id, client_id);
CREATE INDEX client_secrets_expiry ON client_secrets (expires_at);
--!tenant client_secrets

-- Web origins that may call the token endpoint from a page (CORS).
CREATE TABLE client_origins (
    tenant_id uuid NOT NULL,
    origin text NOT NULL,
    client_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, origin, client_id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id) ON DELETE CASCADE
);
--!tenant client_origins

CREATE TABLE initial_access_tokens (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    digest bytea NOT NULL,
    uses_left bigint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX initial_access_tokens_digest ON initial_access_tokens (tenant_id, digest);
CREATE INDEX initial_access_tokens_expiry ON initial_access_tokens (expires_at);
--!tenant initial_access_tokens

CREATE TABLE api_resources (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    identifier text NOT NULL,
    name text NOT NULL,
    token_format text NOT NULL,
    signing_algorithm text NOT NULL,
    access_token_ttl_s bigint,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX api_resources_identifier ON api_resources (tenant_id, identifier);
--!tenant api_resources

CREATE TABLE scopes (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    resource_id uuid,
    name text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, resource_id) REFERENCES api_resources (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX scopes_name ON scopes (tenant_id, name);
CREATE INDEX scopes_resource ON scopes (tenant_id, resource_id);
--!tenant scopes

CREATE TABLE sessions (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    digest bytea NOT NULL,
    user_id uuid NOT NULL,
    auth_time timestamptz NOT NULL,
    acr text NOT NULL,
    amr jsonb NOT NULL,
    ip text,
    user_agent text,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    idle_expires_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX sessions_digest ON sessions (tenant_id, digest);
CREATE INDEX sessions_user ON sessions (tenant_id, user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);
--!tenant sessions

-- Which clients a session has signed in to: who is told when it ends.
CREATE TABLE session_clients (
    tenant_id uuid NOT NULL,
    session_id uuid NOT NULL,
    client_id uuid NOT NULL,
    first_used_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, session_id, client_id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id) ON DELETE CASCADE
);
--!tenant session_clients

CREATE TABLE sign_ins (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    binding_digest bytea NOT NULL,
    state jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);
--!tenant sign_ins

CREATE TABLE one_time_links (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    digest bytea NOT NULL,
    purpose text NOT NULL,
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX one_time_links_expiry ON one_time_links (expires_at);
--!tenant one_time_links

CREATE TABLE consents (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    client_id uuid NOT NULL,
    scope text NOT NULL,
    claims jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id, client_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id) ON DELETE CASCADE
);
--!tenant consents

-- Authorization codes: one short-lived row found by digest. No foreign keys: the row lives a minute and its
-- parents are checked when it is redeemed.
CREATE TABLE codes (
    tenant_id uuid NOT NULL,
    digest bytea NOT NULL,
    grant_id uuid NOT NULL,
    client_id uuid NOT NULL,
    user_id uuid NOT NULL,
    session_id uuid NOT NULL,
    payload jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    redeemed_at timestamptz,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX codes_expiry ON codes (expires_at);
--!tenant codes

-- Grants with a refresh token family. Rotation changes no indexed column, so that PostgreSQL may update in place.
CREATE TABLE grants (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    client_id uuid NOT NULL,
    user_id uuid NOT NULL,
    session_id uuid,
    payload jsonb NOT NULL,
    locator bytea NOT NULL,
    generation bigint NOT NULL,
    current_digest bytea NOT NULL,
    previous_digest bytea,
    successor_sealed bytea,
    rotated_at timestamptz,
    created_at timestamptz NOT NULL,
    idle_expires_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX grants_locator ON grants (tenant_id, locator);
CREATE INDEX grants_user ON grants (tenant_id, user_id);
CREATE INDEX grants_session ON grants (tenant_id, session_id);
CREATE INDEX grants_client ON grants (tenant_id, client_id);
CREATE INDEX grants_expiry ON grants (expires_at);
--!postgres ALTER TABLE grants SET (fillfactor = 70)
--!tenant grants

CREATE TABLE opaque_tokens (
    tenant_id uuid NOT NULL,
    digest bytea NOT NULL,
    claims jsonb NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);
CREATE INDEX opaque_tokens_expiry ON opaque_tokens (expires_at);
--!tenant opaque_tokens

-- What no longer counts although its tokens have not expired: a token id, a grant, a session, a user or a client.
-- Tokens issued at or before `revoked_at` are dead; the row goes when the last of them has expired.
CREATE TABLE revocations (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    revoked_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, subject_id)
);
CREATE INDEX revocations_expiry ON revocations (expires_at);
--!tenant revocations

-- Assertion ids already seen (RFC 7523 3), remembered until the assertion expires.
CREATE TABLE used_assertions (
    tenant_id uuid NOT NULL,
    client_id uuid NOT NULL,
    jti_digest bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, client_id, jti_digest)
);
CREATE INDEX used_assertions_expiry ON used_assertions (expires_at);
--!tenant used_assertions

CREATE TABLE events (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    sequence bigint,
    type text NOT NULL,
    actor_kind text NOT NULL,
    actor_id text,
    subject_id text,
    client_id uuid,
    session_id uuid,
    request_id text,
    ip text,
    user_agent text,
    country text,
    payload jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
--!tenant events

CREATE TABLE jobs (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    run_at timestamptz NOT NULL,
    leased_until timestamptz,
    attempt_count bigint NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX jobs_due ON jobs (run_at) WHERE finished_at IS NULL;
CREATE INDEX jobs_finished ON jobs (finished_at);
--!tenant jobs

-- Mail that `authflow dev` shows at /dev/outbox instead of sending it.
CREATE TABLE captured_mail (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    body_html text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
--!tenant captured_mail
