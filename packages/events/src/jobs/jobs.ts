import type { Database } from "@cita/database";

/**
 * The jobs of one queue, shared by all processes on a database. A job is taken under a lease. Where it is neither finished
 * nor retried by the lease's end, because its process is gone, it is due again: so it is done at least once.
 */
export type JobQueue = {
  /**
   * Adds jobs that are due at once, in the transaction of what causes them. Of those that are there already, the ones that
   * wait become due at once, and those that are being done stay as they are.
   */
  add(trx: Database, jobs: readonly NewJob[]): Promise<void>;
  /** Takes due jobs. Lanes have their turns, and within a lane the job that has waited longest comes first. */
  take(asked: TakeJobs): Promise<Job[]>;
  /**
   * Removes jobs that are done, in the transaction of what they have done.
   * @returns the ids of them, without those whose lease was over and that somebody else has taken since: of these nothing
   * may be written.
   */
  finish(trx: Database, jobs: readonly Job[]): Promise<number[]>;
  /** Makes jobs due again later. @returns as `finish` does. */
  retry(trx: Database, jobs: readonly FailedJob[]): Promise<number[]>;
  /** When the next job is due, in epoch milliseconds; one that is being done is due at its lease's end. */
  nextDue(): Promise<number | undefined>;
  /** How long the oldest job that nobody does has been due, in milliseconds; 0: none is. */
  oldestDueMs(): Promise<number>;
  /**
   * Makes up for a clock that was set back: what was to be due after a while is due after that while from now on.
   * @returns how many jobs were to be due too late.
   */
  mendDueTimes(): Promise<number>;
};

export type NewJob = {
  /** Unique in its queue. */
  readonly key: string;
  /** Whom it is done for, such as one receiver: jobs of one lane don't keep another lane's waiting. */
  readonly lane: string;
};

export type TakeJobs = {
  readonly limit: number;
  /** Of one lane. */
  readonly perLane: number;
  /** Lanes that get no turn. */
  readonly except: readonly string[];
  /** Only lanes behind this one, in their order. */
  readonly after: string;
  readonly leaseMs: number;
};

export type Job = NewJob & {
  readonly id: number;
  /** How often it has been taken, with this time. */
  readonly attempts: number;
  /** Names the lease. */
  readonly lease: string;
};

export type FailedJob = Job & { readonly afterMs: number };
