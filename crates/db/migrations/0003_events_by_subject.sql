-- What happened to one user, newest first: their own page of recent activity.
CREATE INDEX events_subject ON events (tenant_id, subject_id, id);
