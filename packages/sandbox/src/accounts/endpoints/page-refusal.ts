/** A request of a browser that can't be answered by a redirect: a page says why. */
export class PageRefusal extends Error {
  override readonly name = "PageRefusal";
  readonly status: number;
  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}
