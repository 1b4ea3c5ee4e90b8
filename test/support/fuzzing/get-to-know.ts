import { connectAccount, initiate } from "../account-consent.ts";
import { providerOf } from "../account-faults.ts";
import { createBrowser } from "../browser.ts";
import { createCaller } from "../integrations-world.ts";
import type { Service } from "./fuzz-request.ts";
import type { ListedTool } from "./json-rpc.ts";
import type { WorldKnowledge } from "./world-knowledge.ts";

export type RunningServices = {
  urls: Readonly<Record<Service, string>>;
  serviceKey: string;
  adminKey: string;
  /** Where the integration service reaches its providers, and where it lets browsers end. */
  standIns: { readonly url: string; readonly redirectUri: string };
};

const customerIds = ["fuzz-1", "fuzz-2", "fuzz-3"];
const managedIds = ["managed-1", "managed-2", "managed-3"];
const waitingIds = ["waiting-1", "waiting-2"];

/** Adds customers, lets their businesses consent, and learns what requests can name. */
export async function getToKnow(services: RunningServices): Promise<{
  known: WorldKnowledge;
  tools: readonly ListedTool[];
}> {
  const { urls, serviceKey, adminKey } = services;
  for (const id of [...customerIds, ...managedIds]) await consent(await linkOf(services, id));
  const links = await Promise.all(waitingIds.map((id) => linkOf(services, id)));
  const { key: agentKey, key_id } = await platformKey(services);
  const { tools } = await rpc<{ tools: ListedTool[] }>(urls.calendar, { method: "tools/list" });
  const days = { date_iso: new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10), days: 31 };
  const { structuredContent } = await rpc<{ structuredContent: { slots: { start: string }[] } }>(
    urls.calendar,
    { method: "tools/call", params: { name: "get_available_slots", arguments: days } },
  );
  return {
    tools,
    known: {
      serviceKey,
      adminKey,
      agentKey,
      agentKeyId: `${key_id}`,
      customerIds,
      managedIds,
      linkTokens: links.map((link) => link.split("/").at(-1) ?? ""),
      startTimes: structuredContent.slots.map(({ start }) => start),
      learnt: {},
      attempts: [],
      integrations: await connectAccounts(services),
    },
  };
}

const integrationUsers = ["fuzz-a", "fuzz-b", "fuzz-c"];

/** Accounts of each kind of grant, and consents that nobody has completed. */
async function connectAccounts({
  urls,
  adminKey,
  standIns,
}: RunningServices): Promise<WorldKnowledge["integrations"]> {
  const { redirectUri } = standIns;
  const api = createCaller(urls.integrations, adminKey).api;
  const world = { api, sandboxUrl: standIns.url };
  const connectAll = async (userId: string) => {
    const ids: string[] = [];
    for (const name of ["hubspot", "discord", "facebook", "sendgrid"]) {
      const { integrationId } = await connectAccount(world, providerOf(name), { userId, redirectUri });
      if (integrationId === null) throw new Error(`${name} isn't connected.`);
      ids.push(integrationId);
    }
    return ids;
  };
  const [first = "", ...others] = integrationUsers;
  const states: string[] = [];
  for (const name of ["hubspot", "shopify", "sendgrid", "woocommerce", "zapier"]) {
    const { body } = await initiate(world, providerOf(name), { userId: first, redirectUri });
    states.push(body.data.state);
  }
  const managedIds: string[] = [];
  for (const userId of others) managedIds.push(...(await connectAll(userId)));
  const ids = await connectAll(first);
  return { ids, managedIds, userIds: integrationUsers, redirectUri, states, attempts: [] };
}

async function linkOf({ urls, adminKey }: RunningServices, id: string): Promise<string> {
  const { shareable_link } = await postJson<{ shareable_link: string }>(
    `${urls.admin}/v1/customer-calendars/connect`,
    { authorization: `Bearer ${adminKey}` },
    { customer_id: id, customer_email: `${id}@example.com`, customer_name: `Business ${id}` },
  );
  return shareable_link;
}

/** It may act for every customer. */
function platformKey({ urls, adminKey }: RunningServices): Promise<{ key: string; key_id: number }> {
  return postJson(`${urls.admin}/v1/agent-keys`, { authorization: `Bearer ${adminKey}` }, { name: "Fuzz" });
}

async function consent(link: string): Promise<void> {
  const browser = createBrowser();
  const googlePage = await browser.submit(await browser.open(link));
  const page = await browser.submit(googlePage, { action: "allow" });
  if (page.status !== 200) throw new Error(`The consent failed: ${page.text}`);
}

async function rpc<Result>(calendarUrl: string, message: object): Promise<Result> {
  const { result } = await postJson<{ result: Result }>(
    `${calendarUrl}/mcp`,
    { "x-customer-id": customerIds[0] ?? "" },
    { jsonrpc: "2.0", id: 1, ...message },
  );
  return result;
}

async function postJson<Answer>(url: string, headers: Record<string, string>, body: object): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}
