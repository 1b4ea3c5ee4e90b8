import type { Resource } from "@cita/mcp-endpoint";
import { createGetBusinessInfo } from "../tools/get-business-info.ts";
import type { ToolDeps } from "../tools/tool-deps.ts";
import { createBusiness } from "./business.ts";

export function createResources(deps: ToolDeps): Resource[] {
  return [createBusiness(createGetBusinessInfo(deps))];
}
