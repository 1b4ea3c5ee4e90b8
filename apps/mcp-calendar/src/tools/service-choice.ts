import type { Schedule, Service } from "../schedules/default-schedule.ts";
import { ToolError } from "./tool-error.ts";

export type ServiceChoice = { readonly service: Service; readonly durationMs: number };

/** The service a caller named, or the first one. @throws ToolError `unknown_service`, naming those there are. */
export function chooseService(
  schedule: Schedule,
  name: string | undefined,
  durationMinutes: number | undefined,
): ServiceChoice {
  const service = name === undefined ? schedule.services[0] : schedule.services.find(({ id }) => id === name);
  if (service === undefined) {
    const services = schedule.services.map(({ id }) => id);
    throw new ToolError("unknown_service", {
      message: "This business doesn't offer that service.",
      retryable: false,
      next_step: "Ask which of these services the person wants, and use its id.",
      details: { services },
    });
  }
  return { service, durationMs: (durationMinutes ?? service.durationMinutes) * 60_000 };
}
