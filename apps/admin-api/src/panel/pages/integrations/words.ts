import type { IntegrationProblem, ProviderCategory, Revocation } from "@cita/integrations-api";
import type { InAllLanguages } from "../../language.ts";
import type { IntegrationState } from "./states.ts";
import { en } from "./words-en.ts";
import { es } from "./words-es.ts";
import { pt } from "./words-pt.ts";

/** What the pages of connected accounts say. */
export type Words = {
  readonly title: string;
  readonly subtitle: string;
  readonly intro: string;
  readonly back: string;
  readonly none: { readonly title: string; readonly text: string; readonly readOnly: string };
  readonly tableLabel: string;
  readonly account: string;
  readonly state: string;
  readonly access: string;
  readonly synced: string;
  readonly actions: string;
  readonly states: Readonly<Record<IntegrationState, string>>;
  /** What is wrong and what mends it, by what the provider is called. */
  readonly problems: Readonly<Record<IntegrationProblem, (provider: string) => string>>;
  readonly technical: string;
  readonly renewed: string;
  readonly renewedUntil: (time: string) => string;
  readonly ends: (time: string) => string;
  readonly endless: string;
  readonly over: string;
  readonly never: string;
  readonly reconnect: string;
  readonly pause: string;
  readonly resume: string;
  readonly log: string;
  readonly more: string;
  readonly connect: string;
  readonly connectHint: string;
  readonly categories: Readonly<Record<ProviderCategory, string>>;
  readonly notConfigured: string;
  readonly notConfiguredHint: string;
  readonly nothingConfigured: { readonly title: string; readonly text: string };
  readonly variables: string;
  readonly leaving: (provider: string) => string;
  readonly leavingText: (provider: string) => string;
  readonly goOn: (provider: string) => string;
  readonly connected: (provider: string) => string;
  readonly stillLost: string;
  readonly failures: {
    readonly OAUTH_FAILED: string;
    readonly PROVIDER_ERROR: string;
    readonly RATE_LIMITED: string;
    readonly other: string;
  };
  readonly unavailable: string;
  readonly notStarted: {
    readonly provider: string;
    /** What was sent for it isn't valid. */
    readonly refused: string;
    readonly returnUrl: (url: string) => string;
    readonly returnUrlForOthers: string;
  };
  readonly provider: string;
  readonly email: string;
  readonly accountId: string;
  readonly connectedBy: string;
  readonly connectedAt: string;
  readonly permissions: string;
  readonly facts: string;
  readonly rename: string;
  readonly name: string;
  readonly nameHint: string;
  readonly nameProblem: string;
  readonly save: string;
  readonly saved: string;
  readonly disconnect: string;
  readonly disconnectText: string;
  readonly disconnectKeys: string;
  /** Where a revocation would end other connections too. */
  readonly disconnectShared: (provider: string) => string;
  readonly revokeAll: (provider: string) => string;
  readonly revokeAllHint: string;
  readonly disconnectConfirm: string;
  readonly disconnected: Readonly<Record<Revocation, (provider: string) => string>>;
  readonly endThere: string;
  readonly logTitle: string;
  readonly logEmpty: string;
  readonly logAction: string;
  readonly logWhen: string;
  readonly logResult: string;
  /** By what stands in the log. */
  readonly logActions: Readonly<Record<string, string>>;
  readonly logStates: Readonly<
    Record<"PENDING" | "IN_PROGRESS" | "COMPLETED" | "FAILED" | "CANCELLED", string>
  >;
  readonly logOlder: string;
  readonly logNewest: string;
};

export const integrationsWords: InAllLanguages<Words> = { es, en, pt };
