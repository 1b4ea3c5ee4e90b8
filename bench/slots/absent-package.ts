/**
 * Imported in place of packages that cal.com's files import and that aren't installed. Each member and each call of
 * it is itself, so that the files load. The functions that are measured don't use it.
 */
const absent: unknown = new Proxy(class {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => "" : absent),
  apply: () => absent,
  construct: () => absent as object,
});

export { absent as "module.exports" };
