/**
 * The tables of integrations, by the names of source 003. Times are ISO 8601 in UTC, so they sort as text. The two tokens
 * are Fernet tokens. Objects and lists are JSON.
 */
export type IntegrationTables = {
  integrations: IntegrationsTable;
  oauth_states: OAuthStatesTable;
  integration_sync_logs: SyncLogsTable;
};

export type IntegrationsTable = {
  /** A UUID. */
  id: string;
  /** `customer:<organization_id>`, or `user:<user_id>` where there is no organization. */
  owner: string;
  user_id: string;
  organization_id: string | null;
  provider: string;
  account_id: string;
  /** Who has consented, as `Account` says. */
  grantor: string | null;
  name: string;
  /** 1: a person has given it this name. */
  is_named: number;
  email: string | null;
  is_active: number;
  /** Sealed. Null: disconnected, with `refresh_token` and `key_fingerprint`. */
  access_token: string | null;
  /** Sealed. Null: the provider gives none. */
  refresh_token: string | null;
  /** Of the key that both tokens are sealed with. */
  key_fingerprint: string | null;
  token_type: string | null;
  /** When the access token was given. */
  issued_at: string;
  expires_at: string | null;
  access_ends_at: string | null;
  /** When it is renewed. Null: it needs no renewal, or can't be renewed. */
  renew_at: string | null;
  probe_due: string;
  scopes: string;
  inputs: string;
  facts: string;
  client_id: string;
  metadata: string;
  last_sync_at: string | null;
  /** A sentence, with its code. */
  last_error: string | null;
  error_reason: string | null;
  /** What kind of obstacle that is. Null: none, or it was noted before there were kinds. */
  obstacle: string | null;
  /** Since when the provider says that it is lost, which isn't believed at once. */
  loss_suspected_since: string | null;
  reconnect_required_since: string | null;
  reconnect_reason: string | null;
  /** Incremented by whatever changes the tokens. A renewal is saved only if the version is the one that it has read. */
  version: number;
  /** Who may renew, and until when. */
  lease_owner: string | null;
  lease_until: string | null;
  created_at: string;
  updated_at: string;
};

export type OAuthStatesTable = {
  /** A UUID. */
  id: string;
  /** SHA-256 of the `state` parameter. */
  state: string;
  /** As of `integrations`. */
  owner: string;
  provider: string;
  user_id: string;
  organization_id: string | null;
  redirect_uri: string;
  metadata: string;
  inputs: string;
  scopes: string;
  login_hint: string | null;
  client_id: string;
  created_at: string;
  expires_at: string;
  consumed_at: string | null;
  /** What it has connected. */
  integration_id: string | null;
};

export type SyncLogsTable = {
  /** A UUID. */
  id: string;
  integration_id: string;
  action: string;
  resource_type: string;
  resource_id: string | null;
  status: string;
  items_processed: number;
  items_failed: number;
  error: string | null;
  metadata: string;
  started_at: string;
  completed_at: string | null;
};
