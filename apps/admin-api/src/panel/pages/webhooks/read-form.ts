import { IntegrationsApiError, maxWebhookUrlLength } from "@cita/integrations-api";
import { z } from "zod";

/** What was typed, as it was typed. */
export type WebhookForm = { readonly url: string; readonly events: readonly string[] };

export type FormProblem = "url" | "events" | "tooMany";

const webhookForm = z.object({
  url: z.string().max(10_000).default(""),
  events: z
    .union([z.string(), z.array(z.string())])
    .default([])
    .transform((value) => [value].flat()),
});

/** Nothing is chosen: whoever chooses a few events would be told of all, unless they took that back. */
export const emptyForm: WebhookForm = { url: "", events: [] };

export function readForm(body: unknown): WebhookForm {
  const { url, events } = webhookForm.parse(body ?? {});
  return { url: url.trim(), events };
}

/** Without what a pattern has already. */
export function toWanted({ url, events }: WebhookForm): WebhookForm {
  const isPattern = (one: string) => one.endsWith("*");
  const isWithin = (one: string) =>
    events.some((other) => other !== one && isPattern(other) && one.startsWith(other.slice(0, -1)));
  return { url, events: events.filter((one) => !isWithin(one)) };
}

/** @returns what is wrong with what was typed, before it is sent. */
export function findProblem({ url, events }: WebhookForm): FormProblem | undefined {
  if (url === "" || url.length > maxWebhookUrlLength) return "url";
  return events.length === 0 ? "events" : undefined;
}

/** @returns what the service doesn't take. @throws the error itself where it is another */
export function explainRefusal(error: unknown): FormProblem {
  if (!(error instanceof IntegrationsApiError)) throw error;
  switch (error.code) {
    case "WEBHOOK_URL_REFUSED":
      return "url";
    case "VALIDATION_ERROR":
      return "events";
    case "TOO_MANY_WEBHOOKS":
      return "tooMany";
    default:
      throw error;
  }
}

export function statusOf(problem: FormProblem): number {
  return problem === "tooMany" ? 409 : 422;
}
