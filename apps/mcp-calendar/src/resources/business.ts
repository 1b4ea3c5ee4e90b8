import type { Resource, Tool } from "@cita/mcp-endpoint";

/** For hosts that attach rather than call. @param getBusinessInfo the tool whose answer it contains. */
export function createBusiness(getBusinessInfo: Tool): Resource {
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
