import type { Agent } from "./agent.ts";
import { carelessHosts } from "./careless-hosts.ts";
import { otherPeople } from "./other-people.ts";
import { repeats } from "./repeats.ts";
import { wrongDetails } from "./wrong-details.ts";
import { wrongTimes } from "./wrong-times.ts";

export const badAgents: readonly Agent[] = [
  ...wrongTimes,
  ...repeats,
  ...wrongDetails,
  ...carelessHosts,
  ...otherPeople,
];
