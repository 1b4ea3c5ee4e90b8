import type { Generated } from "kysely";

/**
 * The tables of this package. Times are ISO 8601 in UTC, so they sort as text. The two tokens, and columns ending in
 * `_sealed`, are Fernet tokens.
 */
export type TokenStoreTables = {
  oauth_tokens: OAuthTokensTable;
  consent_links: ConsentLinksTable;
  consent_attempts: ConsentAttemptsTable;
};

export type OAuthTokensTable = {
  /** 32 hexadecimal digits. */
  connection_id: Generated<string>;
  customer_id: string;
  provider: string;
  access_token: string;
  /** Null: the provider gives none. */
  refresh_token: string | null;
  token_expiry: string;
  /** When an unused access is renewed, so that the provider doesn't end it. Null: it needs no renewal. */
  renew_at: string | null;
  /** When the access ends, whatever is renewed. Null: not known, or never. */
  access_ends_at: string | null;
  /** Our OAuth client that it was granted to. Null: connected before it was stored. */
  client_id: string | null;
  calendar_email: string | null;
  /** The provider's own id of the account (Google's `sub`). Null: connected before it was stored, and not known since. */
  account_id: string | null;
  /** Scopes the business granted, space-separated. */
  scope: string;
  /** Fingerprint of the key that both tokens are sealed with. */
  key_fingerprint: string;
  /** Incremented by every save. A refresh is saved only if the version is the one that it has read. */
  version: number;
  reconnect_required_since: string | null;
  reconnect_reason: string | null;
  /** The calendar's own IANA time zone. Null: not read yet. */
  time_zone: string | null;
  /** One of `calendarStateNames`, since when, and its further members as JSON. */
  calendar_state: Generated<string>;
  calendar_state_since: string | null;
  calendar_state_detail: string | null;
  /** Readings that failed in a way that may pass: since when, and how many of them. */
  calendar_failing_since: string | null;
  calendar_failures: Generated<number>;
  /** When the watch reads the calendar. */
  calendar_check_due: Generated<string>;
  /** Who may refresh, and until when. */
  lease_owner: string | null;
  lease_until: string | null;
  created_at: string;
  updated_at: string;
};

export type ConsentLinksTable = {
  /** Ascending, so that the later of two links with the same time is known. */
  id: Generated<number>;
  customer_id: string;
  /** The one provider that may be connected. Null: the business chooses. */
  provider: string | null;
  /** SHA-256 of the link token: for look-up. */
  token_hash: string;
  /** The link token sealed, so that the same link can be shown again. */
  token_sealed: string;
  /** Fingerprint of the key it is sealed with. Null: made before it was stored, and no key has opened it since. */
  key_fingerprint: string | null;
  /** 1: it is sealed together with a provider, as all were once. */
  sealed_with_provider: Generated<number>;
  customer_email: string | null;
  customer_name: string | null;
  any_account: number;
  /** The provider's id of the one account that may consent. Null: whoever has `customer_email`. */
  account_id: string | null;
  created_at: string;
  expires_at: string;
  used_at: string | null;
  revoked_at: string | null;
};

export type ConsentAttemptsTable = {
  id: Generated<number>;
  link_id: number;
  /** SHA-256 of the `state` parameter. */
  state_hash: string;
  /** The provider that the browser was sent to, as which client, and where it has to come back. */
  provider: string;
  client_id: string | null;
  redirect_uri: string | null;
  started_at: string;
  /** Set when the browser comes back. A state is valid once. */
  returned_at: string | null;
  outcome: string | null;
  account_email: string | null;
};
