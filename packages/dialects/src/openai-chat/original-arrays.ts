import type { JsonValue } from '@switchyard/core/contract'

const originals = new WeakMap<object, readonly JsonValue[]>()

/** Remembers the wire's own array behind a decoded one; who changes a request makes a new array. */
export function rememberOriginal(decoded: readonly unknown[], wire: readonly JsonValue[]): void {
  originals.set(decoded, wire)
}

export function originalOf(decoded: readonly unknown[]): readonly JsonValue[] | undefined {
  return originals.get(decoded)
}
