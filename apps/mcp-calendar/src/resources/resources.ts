import { createGetBusinessInfo } from "../tools/get-business-info.ts";
import type { ToolDeps } from "../tools/tool-deps.ts";
import { createBusiness } from "./business.ts";
import type { Resource } from "./resource.ts";

export function createResources(deps: ToolDeps): Resource[] {
  return [createBusiness(createGetBusinessInfo(deps))];
}
