import type { ConfigPath, Problem } from './problem.ts'

interface NotEnforced {
  /** Keys from the top; `*` stands for any. */
  readonly key: string
  /** Values that need no enforcing, or are enforced already. */
  readonly except?: readonly unknown[]
  readonly cure?: string
}

/** Every key of the schema that nothing in this version acts upon. Whoever makes one work takes its line out. */
const notEnforced: readonly NotEnforced[] = [
  { key: 'chains.*.select', except: ['priority'], cure: 'remove the key, or write priority' },
  { key: 'chains.*.midStream', except: ['fail'], cure: 'write fail: a stream that breaks ends with an error' },
  { key: 'chains.*.targets.*.weight' },
]

/** What of a configuration would be ignored. */
export function notEnforcedProblems(value: unknown): Problem[] {
  return notEnforced.flatMap(entry =>
    occurrences(value, entry.key.split('.'))
      .filter(({ found }) => !entry.except?.includes(found))
      .map(({ path }) => ({
        path,
        message: `not enforced by this version yet; ${entry.cure ?? 'remove the key'}`,
      })),
  )
}

function occurrences(value: unknown, keys: readonly string[], path: ConfigPath = []): Occurrence[] {
  const [key, ...rest] = keys
  if (key === undefined) return value === undefined ? [] : [{ path, found: value }]
  if (typeof value !== 'object' || value === null) return []
  const step = Array.isArray(value) ? Number : String
  const entries = Object.entries(value)
  return (key === '*' ? entries : entries.filter(([name]) => name === key)).flatMap(([name, element]) =>
    occurrences(element, rest, [...path, step(name)]),
  )
}

interface Occurrence {
  readonly path: ConfigPath
  readonly found: unknown
}
