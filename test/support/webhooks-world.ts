import { randomUUID } from "node:crypto";
import type { Test } from "tap";
import { connectAccount } from "./account-consent.ts";
import { providerOf } from "./account-faults.ts";
import {
  createIntegrationsWorld,
  type IntegrationsWorld,
  type IntegrationsWorldOptions,
} from "./integrations-world.ts";
import { engineOfRun } from "./test-database.ts";
import { until } from "./webhook-receiver.ts";

export type WebhooksWorld = Awaited<ReturnType<typeof createWebhooksWorld>>;

type Options = IntegrationsWorldOptions & {
  /** `WEBHOOK_RETRY_SCALE` */
  readonly retryScale?: number;
};

type Delivery = {
  readonly id: string;
  readonly messageId: string;
  readonly event: string;
  readonly payload: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
  readonly status: string;
  readonly attempts: number;
  readonly response: { readonly status: number; readonly body: string } | null;
  readonly error: string | null;
};

/** A test that holds on every engine: on SQLite in `npm test`, on PostgreSQL in `npm run proofs`. */
export function forEachWebhooksWorld(
  t: Test,
  name: string,
  options: Options,
  test: (t: Test, world: WebhooksWorld) => Promise<void>,
): void {
  void t.test(`${name} (${engineOfRun})`, async (t) => test(t, await createWebhooksWorld(t, options)));
}

/** The integration service, which sends to receivers on this machine, by the clock of this very moment. */
export async function createWebhooksWorld(t: Test, options: Options = {}) {
  const world = await createIntegrationsWorld(t, {
    hasBackground: true,
    begin: Date.now(),
    ...options,
    variables: {
      ...{ WEBHOOK_ALLOW_PRIVATE: "true", CONSENTS_PER_MINUTE: "10000" },
      WEBHOOK_RETRY_SCALE: `${options.retryScale ?? 1}`,
      ...options.variables,
    },
  });
  return { ...world, ...createHookCalls(world) };
}

/** Calls about webhooks. */
export function createHookCalls(world: IntegrationsWorld) {
  const path = "/integrations/webhooks";

  async function list(id: string, query = ""): Promise<Delivery[]> {
    return (await world.api("GET", `${path}/${id}/deliveries${query}`)).body.data;
  }

  return {
    /** Makes a webhook of the organization `luna`, unless it says another. */
    async addWebhook(url: string, more: object = {}): Promise<{ id: string; secret: string }> {
      const about = "integrationId" in more ? {} : { organizationId: "luna" };
      const { status, body } = await world.api("POST", path, { ...about, url, events: ["*"], ...more });
      if (status !== 201) throw new Error(`no webhook was made: ${JSON.stringify(body)}`);
      world.secrets.note("webhook secret", body.data.secret);
      return { id: body.data.id, secret: body.data.secret };
    },

    webhook: async (id: string, about = "organizationId=luna") =>
      (await world.api("GET", `${path}?${about}&limit=200`)).body.data.find(
        (one: { id: string }) => one.id === id,
      ),

    deliveries: list,

    /** Waits until what has happened up to now is read for webhooks: who is added next isn't told of it. */
    async caughtUp(): Promise<void> {
      const { events, messages } = world.services;
      await until("the log is read", 10_000, async () => {
        return (await messages.cursor("integrations")) === (await events.now());
      });
    },

    /** Waits until all deliveries are of these statuses. */
    async settled(id: string, count: number, statuses: readonly string[] = ["DELIVERED", "FAILED"]) {
      let found: Delivery[] = [];
      const what = () => JSON.stringify(found.map(({ status, attempts }) => `${status} ${attempts}`));
      await until(`${count} ${statuses}`, 30_000, async () => {
        found = await list(id, "?limit=200");
        return found.length === count && found.every(({ status }) => statuses.includes(status));
      }).catch((cause: unknown) => {
        throw new Error(`there are ${what()}`, { cause });
      });
      return found;
    },

    /** Actions on as many integrations of an organization, at one moment. */
    async actionsHappen(customerId: string, count: number): Promise<void> {
      const actions = Array.from({ length: count }, () => ({
        ...{ customerId, kind: "integration.synced" as const },
        data: { integration_id: randomUUID(), user_id: "ana", provider: "slack", action: "publish" },
      }));
      await world.services.events.transaction((_trx, append) => append(...actions));
    },

    /**
     * Something happens: an account is connected.
     * @param organizationId null: it is the user's own. @returns the integration's id
     */
    async happens(userId = "user-1", organizationId: string | null = "luna"): Promise<string> {
      const owner = { userId, ...(organizationId !== null && { organizationId }) };
      const { integrationId } = await connectAccount(world, providerOf("hubspot"), owner);
      if (integrationId === null) throw new Error("nothing was connected");
      return integrationId;
    },
  };
}
