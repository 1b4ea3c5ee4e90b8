import type { CalendarApiClient, CustomerRemoval } from "@cita/calendar-api";
import type { IntegrationsApiClient } from "@cita/integrations-api";
import { type BackgroundLoop, createBackgroundLoop, type Logger } from "@cita/process";
import type { Customer } from "./customer-list.ts";
import { CustomerNotFoundError, type CustomerStore } from "./customer-store.ts";

/** Removing customers from every service. What a request leaves undone is repeated until it is done. */
export type Removals = BackgroundLoop & {
  /**
   * Removes everything about a customer. Where it fails it is repeated in the background.
   * @throws CustomerNotFoundError where nobody has anything about the customer, CalendarApiError, IntegrationsApiError
   */
  remove(customerId: string, requestId: string): Promise<RemovedCustomer>;
};

type RemovedCustomer = Omit<CustomerRemoval, "removed"> & {
  /** How many rows of each kind. `integrations`: left out where there is no integration service. */
  readonly removed: CustomerRemoval["removed"] & { readonly integrations?: number };
  /** Whether the customer was in our own table. */
  readonly wasOurs: boolean;
};

type Deps = {
  readonly customers: Pick<CustomerStore, "find" | "markLeaving" | "listLeaving" | "remove">;
  readonly calendarApi: Pick<CalendarApiClient, "forCustomer" | "forRequest">;
  /** undefined: there is no integration service. */
  readonly integrationsApi: Pick<IntegrationsApiClient, "remove"> | undefined;
  /** Removes what else this service has about a customer. Safe to repeat. */
  readonly forget: (customerId: string) => Promise<void>;
  readonly logger: Logger;
  /** How long the background waits between two rounds. Default: 5 seconds. */
  readonly repeatAfterMs?: number | undefined;
};

/** Removals of one round. Those that fail come first again. */
const maxPerRound = 200;

export function createRemovals(deps: Deps): Removals {
  const { customers, calendarApi, integrationsApi, forget, logger, repeatAfterMs = 5_000 } = deps;
  const inTurn = createTurns();

  /**
   * Each service removes on its own, whatever the other answers. Our own row goes last, so that a removal that fails is
   * repeated.
   */
  async function removeEverywhere(
    api: Pick<CalendarApiClient, "forCustomer">,
    customerId: string,
    customer: Customer | undefined,
  ): Promise<RemovedCustomer> {
    const [ofCalendar, ofIntegrations] = await Promise.allSettled([
      api.forCustomer(customer).removeCustomer(customerId),
      removeIntegrations(customerId),
    ]);
    const removal = expectValue(ofCalendar);
    const removed = { ...removal.removed, ...expectValue(ofIntegrations) };
    if (customer === undefined) return { ...removal, removed, wasOurs: false };
    await forget(customerId);
    return { ...removal, removed, wasOurs: await customers.remove(customer) };
  }

  async function removeIntegrations(organizationId: string): Promise<{ readonly integrations?: number }> {
    if (integrationsApi === undefined) return {};
    const event = { type: "customer.deleted", data: { organizationId } } as const;
    return { integrations: await integrationsApi.remove(event) };
  }

  async function repeatRemoval(customer: Customer): Promise<void> {
    const { customer_id, created_at } = customer;
    // A request may have removed it, and another one added it again.
    if ((await customers.find(customer_id))?.created_at !== created_at) return;
    await removeEverywhere(calendarApi, customer_id, customer);
    logger.info({ customer_id }, "a customer was removed by a repetition");
  }

  async function repeatRemovals(stopping: AbortSignal): Promise<void> {
    for (const customer of await customers.listLeaving(maxPerRound)) {
      if (stopping.aborted) return;
      const { customer_id } = customer;
      await inTurn(customer_id, () => repeatRemoval(customer)).catch((err: unknown) =>
        logger.warn({ err, customer_id }, "a customer couldn't be removed yet; it is tried again"),
      );
    }
  }

  const loop = createBackgroundLoop(async (stopping) => {
    await repeatRemovals(stopping).catch((err: unknown) =>
      logger.warn({ err }, "no removal could be repeated"),
    );
    return repeatAfterMs;
  }, repeatAfterMs);

  return {
    ...loop,
    remove: (customerId, requestId) =>
      inTurn(customerId, async () => {
        const customer = await customers.markLeaving(customerId);
        const removed = await removeEverywhere(calendarApi.forRequest(requestId), customerId, customer);
        const nothing = Object.values(removed.removed).every((count) => count === 0);
        if (!removed.wasOurs && nothing) throw new CustomerNotFoundError();
        return removed;
      }),
  };
}

/** @throws what it was rejected with */
function expectValue<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** Runs what is about the same customer one after the other, since a customer may be added again between two removals. */
function createTurns() {
  const last = new Map<string, Promise<unknown>>();
  return async <T>(customerId: string, act: () => Promise<T>): Promise<T> => {
    const turn = (last.get(customerId) ?? Promise.resolve()).then(act, act);
    last.set(customerId, turn);
    try {
      return await turn;
    } finally {
      if (last.get(customerId) === turn) last.delete(customerId);
    }
  };
}
