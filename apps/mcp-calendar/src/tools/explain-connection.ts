import { explainTrouble } from "../calendar-states/explain-state.ts";
import { CalendarError } from "../calendars/calendar.ts";
import type { LocalizedText } from "../language/words.ts";
import { ToolError, type ToolErrorCode } from "./tool-error.ts";

/** The way to the consent, for the business's own client: a link, or what stands in its way. */
export type ConnectionOffer =
  | { readonly url: string }
  | { readonly problem: string; readonly remedy: string };

/**
 * The business itself is at the other end, so it gets the link: an agent that serves the public never
 * meets this error.
 */
export class ConnectionOffered extends ToolError {
  readonly url: string;
  /** Why it is to be opened, for a client that shows the link itself. */
  readonly reason: LocalizedText;
  constructor(failure: ToolError, url: string) {
    const reason = missingConsentOf(failure);
    super(failure.code, {
      message: (words) => `${reason(words)} ${words.owner.openLink(url)}`,
      retryable: true,
      next_step:
        "Show connect_url to the person and ask them to open it in a browser on this computer and to allow the access. Once they say it is done, repeat the same call.",
      details: { connect_url: url },
      cause: failure,
    });
    this.url = url;
    this.reason = reason;
  }
}

/** Whether it is a consent that is missing. */
export function needsConsent(error: unknown): error is ToolError {
  return error instanceof ToolError && isMissingConsent(error.code);
}

/** What the business's own client is told where a consent is missing. */
export function explainConnection(failure: ToolError, offer: ConnectionOffer): ToolError {
  if ("url" in offer) return new ConnectionOffered(failure, offer.url);
  return new ToolError(failure.code, {
    message: (words) => `${missingConsentOf(failure)(words)} ${words.owner.cannotConnect}`,
    retryable: false,
    next_step: `Tell the person: ${offer.problem} ${offer.remedy}`,
    cause: failure,
  });
}

/** What stands in the way where the provider doesn't take the client that this program was set up with. */
export const refusedClient = {
  problem: "Google doesn't accept the client ID or the client secret that Cita was set up with.",
  remedy: "Check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET in Cita's configuration, and start Cita again.",
};

/** What the business's own client is told of a trouble that only somebody can mend: what it is, and what to do. */
export function explainOwnTrouble(failure: ToolError): ToolError {
  const trouble = failure.cause instanceof CalendarError ? failure.cause.trouble : undefined;
  if (trouble === undefined || !trouble.lasts) return failure;
  const { problem, remedy } = explainTrouble(trouble);
  return new ToolError(failure.code, {
    message: ({ owner }) => owner.calendarUnusable,
    retryable: false,
    next_step: `Don't say that there is no availability. Tell the person: ${problem} ${remedy}`,
    cause: failure,
  });
}

/** Whether an access couldn't be renewed because of our client. To the public it is a calendar out of reach. */
export function isClientRefused(error: unknown): error is ToolError {
  if (!(error instanceof ToolError && error.cause instanceof CalendarError)) return false;
  return error.cause.reason === "refresh_misconfigured";
}

/** What the business's own client is told then: it won't pass by itself. */
export function explainRefusedClient(failure: ToolError): ToolError {
  return new ToolError(failure.code, {
    message: ({ owner }) => owner.clientRefused,
    retryable: false,
    next_step: `Tell the person: ${refusedClient.problem} ${refusedClient.remedy}`,
    cause: failure,
  });
}

function isMissingConsent(code: ToolErrorCode): code is "not_connected" | "reconnect_required" {
  return code === "not_connected" || code === "reconnect_required";
}

function missingConsentOf({ code, localized }: ToolError): LocalizedText {
  return isMissingConsent(code) ? ({ owner }) => owner[code] : localized;
}
