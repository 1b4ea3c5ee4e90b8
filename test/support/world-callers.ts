import { beginConsent, type ConsentAnswer } from "./begin-consent.ts";
import type { Browser, Page } from "./browser.ts";
import { controlSandbox } from "./local-google.ts";
import { adminKey } from "./test-keys.ts";
import type { PlainEvent, TestedProvider } from "./tested-provider.ts";
import { readToolResult } from "./tool-result.ts";

/** An admin's requests to admin-api, with the admin key unless another is given. */
export function createAdminClient(adminUrl: string) {
  const api = async (method: string, path: string, body?: unknown, key = adminKey) => {
    const headers: Record<string, string> = { authorization: `Bearer ${key}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    const response = await fetch(`${adminUrl}${path}`, { method, headers, body: JSON.stringify(body) });
    return { status: response.status, body: JSON.parse(await response.text()) };
  };

  const connect = (customerId: string, extra: object = {}) =>
    api("POST", "/v1/customer-calendars/connect", {
      customer_id: customerId,
      customer_email: `${customerId}@example.com`,
      customer_name: `Business ${customerId}`,
      ...extra,
    });

  return { api, connect };
}

type BusinessParts = {
  provider: TestedProvider;
  providerUrl: string;
  connect: ReturnType<typeof createAdminClient>["connect"];
  findAccessToken(customerId: string): Promise<string | undefined>;
};

/** What a business does: consents in its browser, and changes its calendar itself. */
export function createBusiness({ provider, providerUrl, connect, findAccessToken }: BusinessParts) {
  const consent = createConsent(provider);
  return {
    /** Opens the link, continues, and answers at the provider. */
    consent,

    /** A customer whose business has consented, with an empty calendar unless events are given. */
    async connected(
      customerId: string,
      account: {
        /** In the provider's own words. */
        events?: object[];
        calendars?: object[];
        time_zone?: string;
        /** The same of any provider. */
        taken?: readonly PlainEvent[];
      } = {},
    ): Promise<void> {
      await controlSandbox(providerUrl, "POST", "accounts", {
        email: `${customerId}@example.com`,
        time_zone: account.time_zone ?? "America/Bogota",
        events: [...(account.events ?? []), ...provider.toAccountEvents(account.taken ?? [])],
        calendars: account.calendars ?? [],
      });
      const { body } = await connect(customerId);
      const page = await consent(body.shareable_link);
      if (page.status !== 200) throw new Error(`the consent failed: ${page.text}`);
    },

    /** What a person does in the calendar itself, in Google's words. */
    async byHand(customerId: string, method: string, eventId?: string, body?: object): Promise<void> {
      const response = await fetch(
        `${providerUrl}/calendar/v3/calendars/primary/events${eventId ? `/${eventId}` : ""}`,
        {
          method,
          headers: {
            authorization: `Bearer ${await findAccessToken(customerId)}`,
            "content-type": "application/json",
          },
          body: JSON.stringify(body),
        },
      );
      if (!response.ok) throw new Error(await response.text());
    },
  };
}

/** @returns what a business does that follows a link and answers at its provider. */
export function createConsent(provider: TestedProvider) {
  return async (link: string, answer?: ConsentAnswer, browser?: Browser): Promise<Page> =>
    (await beginConsent(link, provider, browser)).answer(answer);
}

/** The requests of a business's agent. */
export function createAgent(mcpUrl: string) {
  /** The literal request of an agent without any library. */
  async function rpc(body: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(`${mcpUrl}/mcp`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  }

  async function call(customerId: string, name: string, args: object) {
    const request = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
    const { body } = await rpc(request, { "x-customer-id": customerId });
    return readToolResult(body.result);
  }

  return { rpc, call };
}
