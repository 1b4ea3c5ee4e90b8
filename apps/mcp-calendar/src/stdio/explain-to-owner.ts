import { type LocalizedText, ToolError } from "@cita/mcp-endpoint";
import { explainProblem, type ProblemExplanation } from "../calendar-states/explain-state.ts";
import { CalendarError } from "../calendars/calendar.ts";
import { localized } from "../language/language.ts";

/** A consent link, or why there is none and what mends that. */
export type ConnectionOffer = { readonly url: string } | ProblemExplanation;

/** Why Google refuses our OAuth client. */
export const refusedClient: ProblemExplanation = {
  description: "Google doesn't accept the client ID or the client secret that Cita was set up with.",
  remedy: "Check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET in Cita's configuration, and start Cita again.",
};

/**
 * Explains failures to the business's own client, with a consent link or what the business has to mend. Errors for agents
 * that serve the public have neither.
 * @param offerConnection makes the link and serves its pages.
 */
export function createExplainToOwner(offerConnection: () => Promise<ConnectionOffer>) {
  return async (error: unknown): Promise<unknown> => {
    if (!(error instanceof ToolError)) return error;
    const missing = missingConsentOf(error);
    if (missing !== undefined) return explainMissingConsent(error, missing, await offerConnection());
    return isClientRefused(error) ? explainRefusedClient(error) : explainLastingProblem(error);
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

/** Whether an access token couldn't be renewed because Google refuses our OAuth client. */
function isClientRefused({ cause }: ToolError): boolean {
  return cause instanceof CalendarError && cause.reason === "refresh_misconfigured";
}

function explainRefusedClient(cause: ToolError): ToolError {
  return new ToolError(cause.code, {
    message: localized(({ owner }) => owner.clientRefused),
    retryable: false,
    next_step: `Tell the person: ${refusedClient.description} ${refusedClient.remedy}`,
    cause,
  });
}

/** A problem that doesn't pass by itself: what it is, and what mends it. */
function explainLastingProblem(failure: ToolError): ToolError {
  const problem = failure.cause instanceof CalendarError ? failure.cause.problem : undefined;
  if (problem === undefined || !problem.lasts) return failure;
  const { description, remedy } = explainProblem(problem);
  return new ToolError(failure.code, {
    message: localized(({ owner }) => owner.calendarUnusable),
    retryable: false,
    next_step: `Don't say that there is no availability. Tell the person: ${description} ${remedy}`,
    cause: failure,
  });
}
