import type { IntegrationView } from "@cita/integrations-api";
import type { Tone } from "../../parts/notes.ts";

/** How an integration is, for whoever looks after it. `lost`: only a new consent helps. */
export type IntegrationState = "connected" | "lost" | "problem" | "paused" | "disconnected";

export const stateTones: Readonly<Record<IntegrationState, Tone>> = {
  connected: "good",
  lost: "bad",
  problem: "wait",
  paused: "calm",
  disconnected: "calm",
};

export function stateOf(
  one: Pick<IntegrationView, "isConnected" | "isActive" | "lastError" | "reconnectRequiredSince">,
): IntegrationState {
  if (!one.isConnected) return "disconnected";
  if (one.reconnectRequiredSince !== null) return "lost";
  if (!one.isActive) return "paused";
  return one.lastError === null ? "connected" : "problem";
}
