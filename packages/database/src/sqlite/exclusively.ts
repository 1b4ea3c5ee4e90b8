/** Every transaction has the database's one write lock (`begin immediate`), so the key isn't asked for. */
export async function takeKey(): Promise<void> {}
