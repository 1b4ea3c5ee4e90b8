/**
 * Local stand-ins for providers, for development and tests, with faults on demand. `google/` is the only one: OAuth,
 * Calendar v3 events, and the controls under `/_sandbox/`. Production code never imports this package.
 */

export { buildSandbox, type SandboxOptions } from "./google/app.ts";
export { SANDBOX_CLIENT } from "./google/clients.ts";
export type { CallReport } from "./google/control/call-count.ts";
export type { Fault } from "./google/control/faults.ts";
export type { TokenResponse } from "./google/oauth/token-endpoint.ts";
