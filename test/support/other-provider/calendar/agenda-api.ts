import { requestIdHeaders } from "@cita/process";
import { atProviderHosts, retryAfterMs } from "@cita/providers";
import type { AccessTokens } from "@cita/token-store";
import { z } from "zod";
import {
  type CustomerRequest,
  type CustomerRequests,
  createCustomerRequests,
} from "../../../../apps/mcp-calendar/src/calendars/upstream/customer-requests.ts";
import type { UpstreamPolicy } from "../../../../apps/mcp-calendar/src/calendars/upstream/upstream-policy.ts";
import { AgendaFailure, errors } from "./failures.ts";

const api = "https://api.agenda.example/v2";

/** Sends requests to Agenda, each with its customer's token. @throws CalendarError */
export type AgendaCall = <T>(request: AgendaRequest<T>) => Promise<T>;

export type AgendaRequest<T> = Omit<CustomerRequest<T>, "send" | "accessToken"> & {
  /** Of the API, or where a page says that the next one is. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** With it the request is a POST. */
  readonly body?: object;
  /** The version that the entry must have. */
  readonly tag?: string;
  readonly answer: z.ZodType<T>;
  /** What a refusal with one of these faults is answered with instead. */
  readonly refusals?: Readonly<Record<string, (failure: AgendaFailure) => T>>;
};

export type AgendaApiDeps = {
  accessTokens: AccessTokens;
  hostsAt: string | undefined;
  timeoutMs?: number | undefined;
  policy: UpstreamPolicy;
};

export function createAgendaApi(deps: AgendaApiDeps) {
  const requests = createCustomerRequests({ provider: "agenda", errors, ...deps });
  return {
    call: createCall(deps, requests),
    keepAccess: async (customerId: string) =>
      createCall(deps, requests, await requests.readAccessToken(customerId)),
  };
}

function createCall(
  { hostsAt, timeoutMs = 5_000 }: AgendaApiDeps,
  requests: CustomerRequests,
  kept?: string,
): AgendaCall {
  return ({ path, query, body, tag, answer, refusals = {}, ...request }) =>
    requests.send({
      ...request,
      accessToken: kept,
      async send(accessToken) {
        const url = new URL(atProviderHosts(path.startsWith("/") ? `${api}${path}` : path, hostsAt));
        for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
        const response = await fetch(url, {
          method: body === undefined ? "GET" : "POST",
          headers: {
            authorization: `Bearer ${accessToken}`,
            ...requestIdHeaders(),
            ...(body && { "content-type": "application/json" }),
            ...(tag !== undefined && { "if-match": tag }),
          },
          ...(body && { body: JSON.stringify(body) }),
          redirect: "error",
          signal: AbortSignal.timeout(timeoutMs),
        });
        try {
          return await read(response, answer);
        } catch (error) {
          const instead = error instanceof AgendaFailure && refusals[error.fault ?? ""];
          if (instead) return instead(error);
          throw error;
        }
      },
    });
}

const refusal = z.object({ ok: z.literal(false), fault: z.string(), existing: z.string().optional() });

/** Success and failure are told apart by the body, not by the status. */
async function read<T>(response: Response, answer: z.ZodType<T>): Promise<T> {
  const { status, headers } = response;
  const body = parse(await response.text());
  const refused = refusal.safeParse(body).data;
  const about = { status, pauseMs: retryAfterMs(headers) };
  if (refused !== undefined) throw new AgendaFailure({ ...about, ...refused });
  if (status !== 200) throw new AgendaFailure(about);
  const accepted = answer.safeParse(body);
  if (accepted.success) return accepted.data;
  throw new AgendaFailure({ ...about, unreadable: accepted.error });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
