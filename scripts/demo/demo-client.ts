import type { DevelopmentEnvironment } from "../development-environment.ts";
import type { DemoBusiness } from "./businesses.ts";

/** Where the services of `npm start` are, and the key of the admin's API. */
export type DemoAddresses = {
  readonly admin: string;
  readonly mcp: string;
  readonly sandbox: string;
  readonly adminKey: string;
  /** Aborted when everything stops. */
  readonly signal: AbortSignal;
};

export function demoAddresses(
  { urls, variables }: DevelopmentEnvironment,
  signal: AbortSignal,
): DemoAddresses {
  return { ...urls, adminKey: variables.ADMIN_API_KEY ?? "", signal };
}

/** Calls what an admin, a business and an agent call, in their names. */
export function createDemoClient({ admin, mcp, sandbox, adminKey, signal }: DemoAddresses) {
  const send = async (url: string, init: RequestInit = {}) => {
    const response = await fetch(url, { ...init, redirect: "manual", signal });
    if (response.status >= 400) throw new Error(`${init.method ?? "GET"} ${url}: ${response.status}`);
    return response;
  };
  const sendJson = async <Answer>(
    url: string,
    { method, body, headers = {} }: { method: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer> => {
    const json = { "content-type": "application/json", ...headers };
    const sent = body === undefined ? { headers } : { headers: json, body: JSON.stringify(body) };
    const response = await send(url, { method, ...sent });
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  };

  return {
    api: <Answer>(method: string, path: string, body?: unknown): Promise<Answer> =>
      sendJson(`${admin}${path}`, { method, body, headers: { authorization: `Bearer ${adminKey}` } }),

    /** Controls the stand-in for Google. */
    control: (path: string, body: unknown): Promise<unknown> =>
      sendJson(`${sandbox}/_sandbox/${path}`, { method: "POST", body }),

    /** Opens a consent link, and allows what it asks for, as the business's browser does. */
    async consent(link: string, { email }: Pick<DemoBusiness, "email">): Promise<void> {
      const started = await send(link, { method: "POST" });
      const cookie = started.headers.getSetCookie().map((one) => one.split(";", 1)[0]);
      const asked = new URL(started.headers.get("location") ?? "");
      const form = new URLSearchParams([...asked.searchParams, ["account", email], ["action", "allow"]]);
      for (const scope of asked.searchParams.get("scope")?.split(" ") ?? []) form.append("granted", scope);
      const granted = await send(`${asked.origin}${asked.pathname}`, { method: "POST", body: form });
      await send(granted.headers.get("location") ?? "", { headers: { cookie: cookie.join("; ") } });
    },

    /** Calls a tool, as a bot on WhatsApp does for the person who writes. @returns its result, or its error. */
    async callTool(key: string, phone: string, name: string, args: object): Promise<ToolAnswer> {
      const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
      const headers = { authorization: `Bearer ${key}`, "x-attendee-phone": phone };
      const answer = await sendJson<McpAnswer>(`${mcp}/mcp`, { method: "POST", body: call, headers });
      return JSON.parse(answer.result.content[0].text);
    },
  };
}

export type DemoClient = ReturnType<typeof createDemoClient>;

type McpAnswer = { readonly result: { readonly content: readonly [{ readonly text: string }] } };

export type ToolAnswer = {
  readonly booking_id?: string;
  readonly slots?: readonly { readonly start: string }[];
  readonly error?: { readonly code: string };
};
