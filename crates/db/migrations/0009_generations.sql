-- Counts up when what a user proved before no longer counts: a sign-in that is under way is held to the one it began in.
ALTER TABLE users ADD COLUMN generation bigint NOT NULL DEFAULT 0;

-- Wrong second factors since the last right one, or since the password was replaced.
ALTER TABLE users ADD COLUMN second_failures bigint NOT NULL DEFAULT 0;

-- What is under way for a user, and the links about an identifier, end together.
CREATE INDEX challenges_user ON challenges (tenant_id, user_id);
CREATE INDEX one_time_links_subject ON one_time_links (tenant_id, subject_id);
