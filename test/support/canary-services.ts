import { randomBytes } from "node:crypto";
import { connect as openSocket } from "node:net";
import { text as readText } from "node:stream/consumers";
import { generateFernetKey } from "@cita/token-store";
import type { Test } from "tap";
import { startBothProcesses } from "./both-processes.ts";
import { type Browser, createBrowser, type FormAnswer, type Page } from "./browser.ts";
import { createGoogleCalls } from "./google-provider.ts";
import { controlSandbox, startSandbox } from "./local-google.ts";
import { recordAnswers } from "./recorded-answers.ts";
import { createSecrets, type Secrets } from "./secrets.ts";

export const randomKey = () => randomBytes(24).toString("base64url");

/** Both services as processes and a local Google. Each secret that any of them has or makes is noted. */
export async function openCanaryServices(t: Test) {
  const [serviceKey, adminKey] = [randomKey(), randomKey()];
  const [olderKey, newerKey] = [generateFernetKey(), generateFernetKey()];
  const secrets = createSecrets({ "service key": serviceKey, "admin key": adminKey }, { disguised: true });
  for (const key of [olderKey, newerKey]) {
    secrets.note("encryption key", key);
    secrets.note("encryption key as bytes", Buffer.from(key, "base64url").toString("hex"));
  }
  const answers = recordAnswers(t);
  const google = await startSandbox(t, secrets.alsoWatching(createGoogleCalls()));
  secrets.note("client secret", google.clientSecret);
  const folder = t.testdir();
  const both = await startBothProcesses(t, { folder, google, keys: olderKey, serviceKey, adminKey });
  const { calendarUrl, adminUrl } = both;
  const sandbox = (method: string, path: string, body?: unknown) =>
    controlSandbox(google.apiUrl, method, path, body);
  return {
    both,
    calendarUrl,
    adminUrl,
    customersUrl: `${adminUrl}/v1/customer-calendars`,
    folder,
    serviceKey,
    adminKey,
    olderKey,
    newerKey,
    secrets,
    /** The answers of both services so far. */
    ownAnswers: () => answers.filter(({ url }) => [calendarUrl, adminUrl].includes(url.origin)),
    sandbox,
    addFault: (path: string, rest: object) => sandbox("POST", "faults", { path, ...rest }),
    clearFaults: () => sandbox("DELETE", "faults"),
    ...createCallers({ calendarUrl, adminUrl, adminKey, secrets }),
  };
}

type CallerParts = { calendarUrl: string; adminUrl: string; adminKey: string; secrets: Secrets };

/** The admin's requests and an agent's calls. */
function createCallers({ calendarUrl, adminUrl, adminKey, secrets }: CallerParts) {
  async function ask(url: string, init: { method?: string; key?: string; body?: unknown } = {}) {
    const { method = "GET", key = adminKey, body } = init;
    const response = await fetch(url, {
      method,
      redirect: "manual",
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  }

  /** Gives a customer its link, and notes what is secret in it. */
  async function createLink(customer: string, more: object = {}): Promise<string> {
    const body = {
      customer_id: customer,
      customer_email: `${customer}@example.com`,
      customer_name: customer,
      ...more,
    };
    const { text } = await ask(`${adminUrl}/v1/customer-calendars/connect`, { method: "POST", body });
    const { shareable_link } = JSON.parse(text);
    secrets.note("link token", new URL(shareable_link).pathname.split("/")[2]);
    return shareable_link;
  }

  /** @returns the body of the answer. */
  async function call(customer: string, name: string, args: object, agentKey?: string): Promise<string> {
    const authorization = agentKey === undefined ? {} : { authorization: `Bearer ${agentKey}` };
    const response = await fetch(`${calendarUrl}/mcp`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-customer-id": customer, ...authorization },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name, arguments: args },
      }),
    });
    return response.text();
  }

  return { ask, createLink, call };
}

/** One browser's way to Google and back. */
export async function consent(
  link: string,
  answer: FormAnswer & { account?: string } = {},
): Promise<Page & { browser: Browser }> {
  const browser = createBrowser();
  const asked = await browser.submit(await browser.open(link));
  const url = new URL(asked.url);
  if (answer.account !== undefined) url.searchParams.set("login_hint", answer.account);
  const page = await browser.submit(await browser.open(url.href), { action: "allow", ...answer });
  return { ...page, browser };
}

/** Sends bytes that no HTTP client would send. @returns the answer as it came. */
export async function sendBytes(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = openSocket(Number(port), hostname);
  socket.end(bytes);
  return readText(socket);
}
