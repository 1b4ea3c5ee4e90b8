/** What the made-up provider refuses with, in its own words. The status says little: most are answered 200. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly fault: string;
  /** The entry that an insert with the same `once` has made. */
  readonly existing: string | undefined;
  constructor(fault: string, existing?: string) {
    super(fault);
    this.fault = fault;
    this.existing = existing;
  }
}
