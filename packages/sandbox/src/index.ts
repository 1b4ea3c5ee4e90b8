export { buildSandbox, type SandboxOptions } from "./google/app.ts";
export { SANDBOX_CLIENT } from "./google/clients.ts";
export type { CallReport } from "./google/control/call-count.ts";
export type { Fault } from "./google/control/faults.ts";
export type { TokenResponse } from "./google/oauth/token-endpoint.ts";
