/**
 * Work that is owed: stored in the transaction of what causes it, and done at least once, whatever crashes. The contract
 * (`jobs.ts`), the table (`migrations.ts`, `open-jobs.ts`), what does the work (`job-worker.ts`), and when a failure is
 * repeated (`retry-schedule.ts`). What a job means is its queue's business, in the apps.
 */

export { createJobWorker, type JobWorkerDeps, type Perform } from "./job-worker.ts";
export type { FailedJob, Job, JobQueue, NewJob } from "./jobs.ts";
export { jobMigrations } from "./migrations.ts";
export { openJobs } from "./open-jobs.ts";
export { retryDelayMs, retryDelaysMs } from "./retry-schedule.ts";
