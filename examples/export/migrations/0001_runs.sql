CREATE TABLE runs (
  run_id      BIGINT PRIMARY KEY,
  started_at  TIMESTAMPTZ NOT NULL,
  finished_at TIMESTAMPTZ
);

-- A reading is an attempt to read a list: the tenants, the users of a tenant, or
-- the subscribers of a store.
CREATE TABLE readings (
  reading_id  BIGINT PRIMARY KEY,
  run_id      BIGINT NOT NULL REFERENCES runs,
  kind        TEXT NOT NULL,
  tenant_uid  TEXT NOT NULL,
  store_uid   TEXT NOT NULL,
  finished_at TIMESTAMPTZ
);

CREATE INDEX readings_by_list ON readings (run_id, kind, tenant_uid, store_uid);
