import { randomBytes } from "node:crypto";
import type { Database } from "@cita/database";
import { type EventLog, openEventLog, type StoredEvent } from "@cita/events";
import { createLogger } from "@cita/process";
import type { AccountTokens } from "@cita/providers/accounts";
import { createKeyRing, generateFernetKey, type KeyRing } from "@cita/token-store";
import type { Test } from "tap";
import type { TestDatabase } from "../../../test/support/test-database.ts";
import type { Integration, IntegrationAccess, ObtainedIntegration } from "../src/integrations/integration.ts";
import type { NewOAuthState, OAuthState } from "../src/integrations/oauth-state.ts";
import {
  type IntegrationStores,
  openIntegrationStores,
} from "../src/integrations/open-integration-stores.ts";

export type OpenedStores = IntegrationStores & {
  readonly db: Database;
  readonly keys: KeyRing;
  readonly events: EventLog;
  /** The stores' own. */
  readonly clock: { now: Date };
  /** Another process over the same database, with the same keys. */
  openOther(): Promise<IntegrationStores>;
};

/** Tests of the contract by their names; each is given empty stores. */
export type ContractTests = Readonly<Record<string, (t: Test, opened: OpenedStores) => Promise<void>>>;

export const minuteMs = 60_000;
export const hourMs = 3_600_000;
export const start = new Date("2026-11-30T12:00:00.000Z");
export const later = (ms: number) => new Date(start.getTime() + ms);

export async function openStores(database: TestDatabase): Promise<OpenedStores> {
  const clock = { now: start };
  const keys = createKeyRing(generateFernetKey());
  const open = async () => {
    const db = database.open();
    const events = await openEventLog({ db, logger: createLogger("silent") });
    return { ...(await openIntegrationStores({ db, keys, events, now: () => clock.now })), db, events };
  };
  return { ...(await open()), keys, clock, openOther: open };
}

export function passTime(clock: OpenedStores["clock"], ms: number): void {
  clock.now = new Date(clock.now.getTime() + ms);
}

export const ana = { userId: "ana", organizationId: null };
export const luna = { userId: "ana", organizationId: "luna" };

export const tokensOf = (name: string, changed: Partial<AccountTokens> = {}): AccountTokens => ({
  ...{ accessToken: `access-of-${name}`, refreshToken: `refresh-of-${name}`, tokenType: "Bearer" },
  ...{ issuedAt: start, expiresAt: later(hourMs), renewAt: later(50 * minuteMs), accessEndsAt: null },
  facts: { instance_host: `${name}.example.com` },
  ...changed,
});

export const obtain = (name: string, changed: Partial<ObtainedIntegration> = {}): ObtainedIntegration => ({
  ...ana,
  provider: "slack",
  account: { id: `account-of-${name}`, name: `@${name}`, email: `${name}@example.com` },
  tokens: tokensOf(name),
  scopes: ["chat:write", "users:read"],
  inputs: { shop: `${name}.example.com` },
  metadata: { source: "settings" },
  clientId: "our-client",
  ...changed,
});

export const newState = (changed: Partial<NewOAuthState> = {}): NewOAuthState => ({
  ...ana,
  state: randomBytes(32).toString("base64url"),
  provider: "slack",
  redirectUri: "https://app.example.com/callback",
  metadata: { source: "settings" },
  inputs: { shop: "luna" },
  scopes: ["chat:write"],
  loginHint: null,
  clientId: "our-client",
  expiresAt: later(10 * minuteMs),
  ...changed,
});

type Opened = Pick<OpenedStores, "integrations" | "states" | "clock">;

/** A state that is open now, of whoever obtains it. */
export function startState(
  { states, clock }: Pick<Opened, "states" | "clock">,
  { userId, organizationId }: Pick<ObtainedIntegration, "userId" | "organizationId">,
): Promise<OAuthState> {
  const expiresAt = new Date(clock.now.getTime() + 10 * minuteMs);
  return states.start(newState({ userId, organizationId, expiresAt }));
}

/** What a whole consent leaves in the stores. */
export async function connect(
  opened: Opened,
  name: string,
  changed: Partial<ObtainedIntegration> = {},
): Promise<Integration> {
  const obtained = obtain(name, changed);
  return opened.integrations.connect((await startState(opened, obtained)).id, obtained);
}

/** @throws where there is none with tokens */
export async function findAccess(
  { integrations }: Pick<OpenedStores, "integrations">,
  id: string,
): Promise<IntegrationAccess> {
  const access = await integrations.findAccess(id);
  if (access === undefined) throw new Error("not connected");
  return access;
}

/** All events, oldest first. */
export async function eventsIn({ events }: Pick<OpenedStores, "events">): Promise<StoredEvent[]> {
  return (await events.page({ limit: 200 })).reverse();
}

/** Calls `act` twenty times at once, in two processes as far as the database knows. */
export async function atOnce<T>(
  opened: OpenedStores,
  act: (stores: IntegrationStores, i: number) => Promise<T>,
): Promise<T[]> {
  const other = await opened.openOther();
  return Promise.all(Array.from({ length: 20 }, (_, i) => act(i % 2 === 0 ? opened : other, i)));
}
