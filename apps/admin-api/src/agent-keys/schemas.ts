import {
  type AgentKeysResponse,
  type AgentKeyView,
  agentKeyId,
  agentKeysResponse,
  agentKeyView,
  type NewAgentKeyView,
  newAgentKeyView,
} from "@cita/calendar-api";
import { z } from "zod";
import { ofCustomer } from "../customer-calendars/schemas.ts";

export const ofKey = z.object({ key_id: agentKeyId.meta({ example: 3 }) });
export const ofCustomersKey = ofCustomer.extend(ofKey.shape);

const bot: AgentKeyView = {
  key_id: 3,
  name: "WhatsApp bot",
  audience: "attendee",
  last_characters: "9f4e",
  state: "live",
  created_at: "2027-01-18T14:03:07.000Z",
  expires_at: "2028-01-18T14:03:07.000Z",
  last_used_at: "2027-01-19T08:12:40.000Z",
  revoked_at: null,
};
const revokedAt = "2027-01-20T09:30:00.000Z";
const made: NewAgentKeyView = { ...bot, last_used_at: null, key: "cita_…9f4e" };
const revoked: AgentKeyView = { ...bot, state: "revoked", revoked_at: revokedAt };
const all: AgentKeysResponse = {
  agent_keys: [bot, { ...revoked, key_id: 1, name: "First try", last_characters: "03bd", expires_at: null }],
};

export const listedKeys = agentKeysResponse.meta({ examples: [all] });
export const madeKey = newAgentKeyView.meta({ examples: [made] });
export const revokedKey = agentKeyView.meta({ examples: [revoked] });
