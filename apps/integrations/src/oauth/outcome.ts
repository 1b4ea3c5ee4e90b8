import type { ErrorCode } from "@cita/integrations-api";
import type { AccountProvider, ObtainedAccount } from "@cita/providers/accounts";

/** How a consent has failed: for the program that the browser returns to, and by its code for our own pages. */
export type ConsentFailure = { readonly code: ErrorCode; readonly message: string };

export type NotObtained = Exclude<ObtainedAccount, { kind: "obtained" }>;

/** What a failed attempt means, in a sentence. Never the provider's own text. */
export function explainNotObtained({ name, grant }: AccountProvider, result: NotObtained): ConsentFailure {
  switch (result.kind) {
    case "scope_missing": {
      const missing = result.missing.join(", ");
      return failed(
        `Not everything that was asked for was allowed: ${missing} is missing. Nothing was connected.`,
      );
    }
    case "no_account":
      return failed(result.message);
    case "invalid_response":
      return failed(`The answer of ${name} didn't pass a check (${result.check}). Nothing was connected.`);
    case "failed":
      return explainFailure(name, grant.kind, result.failure.kind);
  }
}

type FailureKind = Extract<NotObtained, { kind: "failed" }>["failure"]["kind"];

function explainFailure(
  name: string,
  grant: AccountProvider["grant"]["kind"],
  kind: FailureKind,
): ConsentFailure {
  switch (kind) {
    case "rate_limited":
      return { code: "RATE_LIMITED", message: `${name} has asked us to wait. Try again in some minutes.` };
    case "transient":
      return {
        code: "PROVIDER_ERROR",
        message: `${name} doesn't answer as it should. Try again in some minutes.`,
      };
    case "misconfigured":
      return {
        code: "PROVIDER_ERROR",
        message: `${name} doesn't accept our client: the operator has to look at it.`,
      };
    case "refused":
      return failed(`${name} doesn't allow it for this account. Nothing was connected.`);
    default:
      return failed(
        grant === "authorization_code"
          ? `${name} didn't accept the answer: it was used before, or took too long. Start again.`
          : `${name} doesn't accept this key. Nothing was connected.`,
      );
  }
}

export function failed(message: string): ConsentFailure {
  return { code: "OAUTH_FAILED", message };
}
