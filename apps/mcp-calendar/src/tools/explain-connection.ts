import { ToolError } from "./tool-error.ts";

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
  readonly reason: string;
  constructor(failure: ToolError, url: string) {
    const reason = firstSentences[failure.code] ?? failure.message;
    super(failure.code, {
      message: `${reason} Open this link to connect it: ${url}`,
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
  return error instanceof ToolError && error.code in firstSentences;
}

/** What the business's own client is told where a consent is missing. */
export function explainConnection(failure: ToolError, offer: ConnectionOffer): ToolError {
  if ("url" in offer) return new ConnectionOffered(failure, offer.url);
  return new ToolError(failure.code, {
    message: `${firstSentences[failure.code] ?? failure.message} ${offer.problem}`,
    retryable: false,
    next_step: `Tell the person: ${offer.remedy}`,
    cause: failure,
  });
}

const firstSentences: Readonly<Record<string, string>> = {
  not_connected: "Your calendar isn't connected yet.",
  reconnect_required: "Your calendar has to be connected again.",
};
