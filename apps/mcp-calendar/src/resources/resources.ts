import type { Resource } from "@cita/mcp-endpoint";
import type { ToolDeps } from "../tools/define-tool.ts";
import { createGetBusinessInfo } from "../tools/get-business-info.ts";
import { createBusiness } from "./business.ts";

/** What a host may attach to a conversation without calling a tool. Its content comes from the tools (`tools/`). */
export function createResources(deps: ToolDeps): Resource[] {
  return [createBusiness(createGetBusinessInfo(deps))];
}
