import asyncHooks from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";

// Preloaded by .taprc into each test process, before anything of tap.
//
// tap records each module that a test loads, with its source map, for coverage and `tap --changed`. Neither
// is used here, and the records double what the start of a test costs: no module is recorded.
process.env._TAPJS_PROCESSINFO_EXCLUDE_ = "/./";
// tap follows every promise to the test that made it, so as to name that test where a rejection is handled by nobody. It
// is a fifth of the suite's time. Without it such a rejection fails the share of tests, under its own stack.
/** @type {import("node:async_hooks").AsyncHook} */
const noHook = { enable: () => noHook, disable: () => noHook };
asyncHooks.createHook = () => noHook;
syncBuiltinESMExports();
// Fastify names a plugin by the file that exports it, for which it looks through all modules of the process, twice for
// each plugin: with a test's thousands that is a twelfth of the suite's time. With this it takes the function's own
// name at once.
Object.defineProperty(Function.prototype, Symbol.for("fastify.display-name"), {
  get() {
    return this.name || "anonymous";
  },
  set(name) {
    Object.defineProperty(this, Symbol.for("fastify.display-name"), { value: name, writable: true });
  },
});
// Programs that a test starts have no part in this.
delete process.env.NODE_OPTIONS;
