import type { RefusalKind } from "./spelling.ts";

/** A provider refuses a request. How it spells that is its dialect's. */
export class AccountRefusal extends Error {
  override readonly name = "AccountRefusal";
  readonly kind: RefusalKind;
  constructor(kind: RefusalKind) {
    super(kind);
    this.kind = kind;
  }
}
