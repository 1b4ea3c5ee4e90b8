export { buildSandbox, type SandboxOptions } from "./app.ts";
export { SANDBOX_CLIENT } from "./clients.ts";
export type { CallReport } from "./control/call-count.ts";
export type { Fault } from "./control/faults.ts";
export type { TokenResponse } from "./oauth/token-endpoint.ts";
