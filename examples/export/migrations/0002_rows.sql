-- In each table: extra has the fields that this schema does not have, seen_in is
-- the last reading that saw the row, and deleted_at is when a reading first did
-- not see it.

CREATE TABLE tenants (
  tenant_uid       TEXT PRIMARY KEY,
  name             TEXT NOT NULL,
  vat_number       TEXT NOT NULL,
  country_code     TEXT NOT NULL,
  language_code    TEXT NOT NULL,
  timezone         TEXT NOT NULL,
  pricelist_uid    TEXT NOT NULL,
  currency         JSONB NOT NULL,
  settings         JSONB NOT NULL,
  app_settings     JSONB NOT NULL,
  assets           JSONB NOT NULL,
  extensions       JSONB NOT NULL,
  created_at       TIMESTAMPTZ,
  last_modified_at TIMESTAMPTZ,
  extra            JSONB,
  seen_in          BIGINT NOT NULL,
  deleted_at       TIMESTAMPTZ
);

CREATE TABLE users (
  tenant_uid        TEXT NOT NULL,
  tenant_user_uid   TEXT NOT NULL,
  account_type      TEXT NOT NULL,
  status            TEXT NOT NULL,
  tenant_role       TEXT NOT NULL,
  user_code         TEXT NOT NULL,
  external_id       TEXT NOT NULL,
  display_name      TEXT NOT NULL,
  firstname         TEXT NOT NULL,
  lastname          TEXT NOT NULL,
  email             TEXT NOT NULL,
  mobile            TEXT NOT NULL,
  language_code     TEXT NOT NULL,
  default_store_uid TEXT NOT NULL,
  last_accessed     TIMESTAMPTZ,
  created_at        TIMESTAMPTZ,
  last_modified_at  TIMESTAMPTZ,
  extra             JSONB,
  seen_in           BIGINT NOT NULL,
  deleted_at        TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, tenant_user_uid)
);

-- The API has no list of stores. These are the stores to which a user has access
-- or in which a user has permissions.
CREATE TABLE stores (
  tenant_uid        TEXT NOT NULL,
  store_uid         TEXT NOT NULL,
  name              TEXT NOT NULL,
  organization_uid  TEXT NOT NULL,
  organization_name TEXT NOT NULL,
  extra             JSONB,
  seen_in           BIGINT NOT NULL,
  deleted_at        TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, store_uid)
);

CREATE TABLE store_access (
  tenant_uid       TEXT NOT NULL,
  tenant_user_uid  TEXT NOT NULL,
  store_uid        TEXT NOT NULL,
  store_access_uid TEXT NOT NULL,
  store_role       TEXT NOT NULL,
  created_at       TIMESTAMPTZ,
  last_modified_at TIMESTAMPTZ,
  extra            JSONB,
  seen_in          BIGINT NOT NULL,
  deleted_at       TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, tenant_user_uid, store_uid, store_access_uid)
);

-- scope is tenant, store or organization; scope_uid is its UID.
CREATE TABLE permissions (
  tenant_uid      TEXT NOT NULL,
  tenant_user_uid TEXT NOT NULL,
  scope           TEXT NOT NULL,
  scope_uid       TEXT NOT NULL,
  permission      TEXT NOT NULL,
  seen_in         BIGINT NOT NULL,
  deleted_at      TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, tenant_user_uid, scope, scope_uid, permission)
);

CREATE TABLE subscribers (
  tenant_uid        TEXT NOT NULL,
  store_uid         TEXT NOT NULL,
  subscriber_uid    TEXT NOT NULL,
  tenant_user_uid   TEXT NOT NULL,
  subscription_type TEXT NOT NULL,
  subscription_name TEXT NOT NULL,
  created_at        TIMESTAMPTZ,
  created_by        TEXT NOT NULL,
  extra             JSONB,
  seen_in           BIGINT NOT NULL,
  deleted_at        TIMESTAMPTZ,
  PRIMARY KEY (tenant_uid, store_uid, subscriber_uid)
);

CREATE INDEX users_by_external_id ON users (external_id);
