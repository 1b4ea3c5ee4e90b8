import type { Agent } from "./agent.ts";
import { attendeeLimits } from "./attendee-limits.ts";
import { carelessHosts } from "./careless-hosts.ts";
import { repeats } from "./repeats.ts";
import { wrongDetails } from "./wrong-details.ts";
import { wrongTimes } from "./wrong-times.ts";

export const badAgents: readonly Agent[] = [
  ...wrongTimes,
  ...repeats,
  ...wrongDetails,
  ...carelessHosts,
  ...attendeeLimits,
];
