// Preloaded by .taprc into each test process, before anything of tap.
//
// tap records each module that a test loads, with its source map, for coverage and `tap --changed`. Neither
// is used here, and the records double what the start of a test costs: no module is recorded.
process.env._TAPJS_PROCESSINFO_EXCLUDE_ = "/./";
// Programs that a test starts have no part in this.
delete process.env.NODE_OPTIONS;
