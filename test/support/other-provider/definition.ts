import {
  defineProviders,
  google,
  type ProviderDefinition,
  type StrategyTables,
  strategies,
} from "@cita/providers";
import { z } from "zod";

/** What it answers where something fails, always with status 200. */
const fault = z.object({ ok: z.literal(false), fault: z.string() });

const account = z.object({ account: z.object({ number: z.string(), mail: z.string() }) });

const verdicts: Readonly<Record<string, "reauth_required" | "misconfigured" | "rate_limited">> = {
  grant_gone: "reauth_required",
  client_unknown: "misconfigured",
  slow_down: "rate_limited",
};

/** Our strategies, with those that only this provider has. */
export const tables = {
  ...strategies,
  dialect: {
    ...strategies.dialect,
    agenda: {
      classify({ status, body }) {
        const failed = fault.safeParse(body);
        const reason = failed.data?.fault ?? `${status ?? "no answer"}`;
        if (status === 200 && typeof body === "object" && !failed.success) return { kind: "ok" };
        // Whatever a server in trouble says, it disconnects nobody.
        if ((status ?? 500) >= 500) return { kind: "transient", reason };
        return { kind: verdicts[reason] ?? "transient", reason };
      },
      isClientRefused: ({ reason }) => reason === "client_unknown",
      explainLoss: () => null,
    },
  },
  identity: {
    ...strategies.identity,
    account_of_answer(body) {
      const told = account.safeParse(body);
      if (!told.success) return { kind: "invalid", check: "answer" };
      const { number, mail } = told.data.account;
      return { kind: "valid", accountId: number, email: mail, isEmailVerified: true };
    },
  },
} satisfies StrategyTables;

/** A made-up provider: it rotates refresh tokens strictly, can't revoke, and spells its errors in its own way. */
export const agenda: ProviderDefinition<typeof tables> = {
  id: "agenda",
  name: "Agenda",
  accessPage: null,
  endpoints: {
    authorizationUrl: "https://login.agenda.example/authorize",
    tokenUrl: "https://login.agenda.example/token",
    revocationUrl: null,
  },
  endpointVariables: null,
  clientVariables: [
    { id: "AGENDA_CLIENT_ID", secret: "AGENDA_CLIENT_SECRET" },
    { id: "STATIONERY_APP", secret: "STATIONERY_APP_SECRET" },
  ],
  callbackPath: "/oauth/callback/agenda",
  issuers: ["https://login.agenda.example"],
  scopes: ["me", "calendar:write"],
  scopesVariable: null,
  requiredScopePart: "calendar:",
  scopeSeparator: ",",
  authorizationParameters: { offline: "yes" },
  loginHintParameter: "who",
  stateLifetimeMs: 300_000,
  idleLimitDays: 30,
  pkce: "none",
  clientAuthentication: "basic",
  identity: "account_of_answer",
  renewal: "refresh_token",
  revocation: "none",
  dialect: "agenda",
};

/** Google, and the made-up one. */
export const twoProviders = defineProviders(tables, [google, agenda]);
