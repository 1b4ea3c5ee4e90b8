import type { DeliveryStatus, WebhookView } from "@cita/integrations-api";
import type { Tone } from "../../parts/notes.ts";

/** How a webhook is. `paused`: by people. `disabled`: by us, for a reason. */
export type WebhookState = "active" | "failing" | "paused" | "disabled";

export const stateTones: Readonly<Record<WebhookState, Tone>> = {
  active: "good",
  failing: "wait",
  paused: "calm",
  disabled: "bad",
};

export const statusTones: Readonly<Record<DeliveryStatus, Tone>> = {
  PENDING: "calm",
  DELIVERED: "good",
  FAILED: "bad",
  RETRYING: "wait",
};

export function stateOf({
  isActive,
  disabledReason,
  failingSince,
}: Pick<WebhookView, "isActive" | "disabledReason" | "failingSince">): WebhookState {
  if (isActive) return failingSince === null ? "active" : "failing";
  return disabledReason === null ? "paused" : "disabled";
}
