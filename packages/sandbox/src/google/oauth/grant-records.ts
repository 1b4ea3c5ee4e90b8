/** What an access token lets its bearer do. */
export type AccessSession = { email: string; scopes: ReadonlySet<string> };

/** A code waiting to be exchanged, bound to the request it was made for. */
export type CodeBinding = {
  clientId: string;
  redirectUri: string;
  challenge: { method: "S256" | "plain"; value: string };
  email: string;
  scopes: ReadonlySet<string>;
  /** Whether the exchange also gives a refresh token. */
  offline: boolean;
  nonce: string | undefined;
};

/** A grant. Its tokens refer to it, so ending it ends all of them. */
export type Grant = {
  email: string;
  clientId: string;
  scopes: Set<string>;
  /** Oldest first. */
  refreshTokens: Set<string>;
  ended: boolean;
};
export type Issued<T> = T & { grant: Grant; expiresMs: number };

export type RefreshSession = AccessSession & {
  clientId: string;
  /** The token that this one was given for, and ends with its first use. */
  replaces?: string | undefined;
};

/** Everything that is remembered of grants, each map in the order of issue. */
export type GrantRecords = {
  grants: Map<string, Grant>;
  codes: Map<string, Issued<CodeBinding>>;
  accessTokens: Map<string, Issued<AccessSession>>;
  refreshTokens: Map<string, Issued<RefreshSession>>;
};

type ConsentSnapshot = { email: string; clientId: string; scopes: string[] };

/** Grants as plain data, in the order of issue, without what ended. */
export type GrantsSnapshot = {
  consents: ConsentSnapshot[];
  codes: (ConsentSnapshot & {
    code: string;
    expiresMs: number;
    redirectUri: string;
    challenge: CodeBinding["challenge"];
    offline: boolean;
    nonce?: string | undefined;
  })[];
  accessTokens: (ConsentSnapshot & { token: string; expiresMs: number })[];
  refreshTokens: (ConsentSnapshot & { token: string; replaces?: string | undefined })[];
};

export function emptyRecords(): GrantRecords {
  return { grants: new Map(), codes: new Map(), accessTokens: new Map(), refreshTokens: new Map() };
}

export function grantKey(email: string, clientId: string): string {
  return `${email} ${clientId}`;
}

/** The existing grant with these scopes added, or a new one. */
export function grantFor(
  { grants }: GrantRecords,
  { email, scopes }: AccessSession,
  clientId: string,
): Grant {
  const key = grantKey(email, clientId);
  const grant = grants.get(key) ?? newGrant(email, clientId);
  for (const scope of scopes) grant.scopes.add(scope);
  grants.set(key, grant);
  return grant;
}

function newGrant(email: string, clientId: string): Grant {
  return { email, clientId, scopes: new Set(), refreshTokens: new Set(), ended: false };
}

/** Enters a refresh token where both it and its grant find it. It never expires by the clock. */
export function enterRefreshToken(
  records: GrantRecords,
  token: string,
  { email, scopes, clientId, replaces }: RefreshSession,
): Grant {
  const grant = grantFor(records, { email, scopes }, clientId);
  const expiresMs = Number.POSITIVE_INFINITY;
  records.refreshTokens.set(token, { email, scopes, clientId, replaces, grant, expiresMs });
  grant.refreshTokens.add(token);
  return grant;
}

/** Time alone doesn't change it: what expired is in it for as long as the records remember it. */
export function snapshotOf(records: GrantRecords): GrantsSnapshot {
  const ofActiveGrants = <T>(issued: Map<string, Issued<T>>) =>
    [...issued].filter(([, { grant }]) => !grant.ended);
  return {
    consents: [...records.grants.values()].map(consentOf),
    codes: ofActiveGrants(records.codes).map(([code, binding]) => {
      const { redirectUri, challenge, offline, nonce, expiresMs } = binding;
      return { code, ...consentOf(binding), redirectUri, challenge, offline, nonce, expiresMs };
    }),
    accessTokens: ofActiveGrants(records.accessTokens).map(([token, { email, scopes, grant, expiresMs }]) => {
      return { token, ...consentOf({ email, scopes, clientId: grant.clientId }), expiresMs };
    }),
    refreshTokens: ofActiveGrants(records.refreshTokens).map(([token, session]) => ({
      token,
      ...consentOf(session),
      ...(session.replaces && { replaces: session.replaces }),
    })),
  };
}

function consentOf({ email, clientId, scopes }: AccessSession & { clientId: string }): ConsentSnapshot {
  return { email, clientId, scopes: [...scopes] };
}

/** Grants as they were when the snapshot was taken. */
export function restoreRecords({
  consents,
  codes,
  accessTokens,
  refreshTokens,
}: GrantsSnapshot): GrantRecords {
  const records = emptyRecords();
  const sessionOf = ({ email, scopes }: ConsentSnapshot) => ({ email, scopes: new Set(scopes) });
  for (const consent of consents) grantFor(records, sessionOf(consent), consent.clientId);
  for (const { code, nonce, ...binding } of codes) {
    const session = sessionOf(binding);
    const grant = grantFor(records, session, binding.clientId);
    records.codes.set(code, { ...binding, ...session, nonce, grant });
  }
  for (const { token, expiresMs, ...consent } of accessTokens) {
    const session = sessionOf(consent);
    const grant = grantFor(records, session, consent.clientId);
    records.accessTokens.set(token, { ...session, grant, expiresMs });
  }
  for (const { token, replaces, ...consent } of refreshTokens) {
    enterRefreshToken(records, token, { ...sessionOf(consent), clientId: consent.clientId, replaces });
  }
  return records;
}
