/**
 * Stands for packages that the peer's files import and that aren't installed: whatever is read of it or
 * called on it is itself, so that the files load. What is measured doesn't use it.
 */
const absent: unknown = new Proxy(class {}, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => "" : absent),
  apply: () => absent,
  construct: () => absent as object,
});

export { absent as "module.exports" };
