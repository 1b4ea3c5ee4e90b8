/**
 * What a host may attach to a conversation without calling a tool. The content comes from the tools (`../tools`).
 */

import type { Resource, Tool } from "@cita/mcp-endpoint";
import type { ToolDeps } from "../tools/define-tool.ts";
import { createGetBusinessInfo } from "../tools/get-business-info.ts";

export function createResources(deps: ToolDeps): Resource[] {
  return [createBusinessResource(createGetBusinessInfo(deps))];
}

/** @param getBusinessInfo the tool whose result is the resource's text. */
function createBusinessResource(getBusinessInfo: Tool): Resource {
  return {
    uri: "cita://business",
    name: "business",
    title: "The business: services and hours",
    description:
      "Services with ids and prices, opening hours, the days with other hours, today's date and the time zone. " +
      "Opening hours are not free times: those come from get_available_slots.",
    mimeType: "application/json",
    read: async (caller) => JSON.stringify(await getBusinessInfo.call({}, caller)),
  };
}
