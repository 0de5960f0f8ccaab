import type { JsonValue } from '@switchyard/core/contract'

interface Original {
  readonly dialect: string
  readonly wire: readonly JsonValue[]
}

const originals = new WeakMap<object, Original>()

/** Remembers the wire's own array behind a decoded one; who changes a request makes a new array. */
export function rememberOriginal(decoded: readonly unknown[], dialect: string, wire: readonly JsonValue[]): void {
  originals.set(decoded, { dialect, wire })
}

/** The array as it came in this dialect. */
export function originalOf(decoded: readonly unknown[], dialect: string): readonly JsonValue[] | undefined {
  const original = originals.get(decoded)
  return original?.dialect === dialect ? original.wire : undefined
}
