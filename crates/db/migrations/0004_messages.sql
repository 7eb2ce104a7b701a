-- Text messages counted per number, source and tenant in windows of the clock; keys are digests.
CREATE TABLE sms_usage (
    tenant_id uuid NOT NULL,
    scope text NOT NULL,
    key_digest bytea NOT NULL,
    started_at timestamptz NOT NULL,
    sent_count bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scope, key_digest, started_at)
);
CREATE INDEX sms_usage_expiry ON sms_usage (expires_at);
--!tenant sms_usage

-- Text messages that `authflow dev` shows at /dev/outbox instead of sending them.
CREATE TABLE captured_sms (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    recipient text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
--!tenant captured_sms

-- Addresses that a mail server refused for good; the address itself is not here, only its digest.
CREATE TABLE mail_bounces (
    tenant_id uuid NOT NULL,
    recipient_digest bytea NOT NULL,
    reason text NOT NULL,
    bounce_count bigint NOT NULL,
    bounced_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, recipient_digest)
);
CREATE INDEX mail_bounces_expiry ON mail_bounces (expires_at);
--!tenant mail_bounces
