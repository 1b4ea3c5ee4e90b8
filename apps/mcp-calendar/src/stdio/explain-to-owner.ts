import { type LocalizedText, ToolError } from "@cita/mcp-endpoint";
import type { Provider } from "@cita/providers";
import type { ExplainProblem } from "../calendar-states/explain-state.ts";
import { CalendarError, type CalendarProblem } from "../calendars/calendar.ts";
import type { ProblemExplanation } from "../calendars/provider-calendar.ts";
import { localized } from "../language/language.ts";

/** A consent link, or why there is none and what mends that. */
export type ConnectionOffer = { readonly url: string } | ProblemExplanation;

/** Why a provider refuses our OAuth client. */
export function explainRefusedClient({ name, clientVariables }: Provider): ProblemExplanation {
  const [variables] = clientVariables;
  const check = variables === undefined ? "its variables" : `${variables.id} and ${variables.secret}`;
  return {
    description: `${name} doesn't accept the client ID or the client secret that Cita was set up with.`,
    remedy: `Check ${check} in Cita's configuration, and start Cita again.`,
  };
}

export type ExplainToOwnerDeps = {
  /** Makes the link and serves its pages. */
  offerConnection(): Promise<ConnectionOffer>;
  explainProblem: ExplainProblem;
  /** The provider of the business's connection. */
  findProvider(): Promise<Provider>;
};

/**
 * Explains failures to the business's own client, with a consent link or what the business has to mend. Errors for agents
 * that serve the public have neither.
 */
export function createExplainToOwner({ offerConnection, explainProblem, findProvider }: ExplainToOwnerDeps) {
  return async (error: unknown): Promise<unknown> => {
    if (!(error instanceof ToolError)) return error;
    const missing = missingConsentOf(error);
    if (missing !== undefined) return explainMissingConsent(error, missing, await offerConnection());
    if (isClientRefused(error)) return toRefusedClient(error, await findProvider());
    const problem = lastingProblemOf(error);
    if (problem === undefined) return error;
    return toLastingProblem(error, explainProblem((await findProvider()).id, problem));
  };
}

function missingConsentOf({ code }: ToolError): LocalizedText | undefined {
  const isMissing = code === "not_connected" || code === "reconnect_required";
  return isMissing ? localized(({ owner }) => owner[code]) : undefined;
}

function explainMissingConsent(cause: ToolError, reason: LocalizedText, offer: ConnectionOffer): ToolError {
  if (!("url" in offer)) {
    return new ToolError(cause.code, {
      message: localized((words) => `${reason(words.language)} ${words.owner.cannotConnect}`),
      retryable: false,
      next_step: `Tell the person: ${offer.description} ${offer.remedy}`,
      cause,
    });
  }
  const { url } = offer;
  return new ToolError(cause.code, {
    message: localized((words) => `${reason(words.language)} ${words.owner.openLink(url)}`),
    retryable: true,
    next_step:
      "Show connect_url to the person and ask them to open it in a browser on this computer and to allow the access. Once they say it is done, repeat the same call.",
    details: { connect_url: url },
    opens: { url, reason },
    cause,
  });
}

/** Whether an access token couldn't be renewed because the provider refuses our OAuth client. */
function isClientRefused({ cause }: ToolError): boolean {
  return cause instanceof CalendarError && cause.reason === "refresh_misconfigured";
}

function toRefusedClient(cause: ToolError, provider: Provider): ToolError {
  const { description, remedy } = explainRefusedClient(provider);
  return new ToolError(cause.code, {
    message: localized(({ owner }) => owner.clientRefused(provider.name)),
    retryable: false,
    next_step: `Tell the person: ${description} ${remedy}`,
    cause,
  });
}

/** A problem that doesn't pass by itself. */
function lastingProblemOf({ cause }: ToolError): CalendarProblem | undefined {
  const problem = cause instanceof CalendarError ? cause.problem : undefined;
  return problem?.lasts ? problem : undefined;
}

function toLastingProblem(failure: ToolError, { description, remedy }: ProblemExplanation): ToolError {
  return new ToolError(failure.code, {
    message: localized(({ owner }) => owner.calendarUnusable),
    retryable: false,
    next_step: `Don't say that there is no availability. Tell the person: ${description} ${remedy}`,
    cause: failure,
  });
}
