/** What one decoding of a request gathers. */
export interface RequestReading {
  readonly maximumMediaBytes: number
  /** Fields that only this dialect can say and that must not be lost. */
  readonly bound: string[]
}

// clients echo these from answers; they say nothing to a model
const harmless = new Set(['annotations', 'reasoning_details', 'cache_control', 'prompt_cache_breakpoint', 'id'])

/** Marks fields that were kept without being understood. */
export function bindUnknown(reading: RequestReading, fields: object, known: ReadonlySet<string>, path: string): void {
  for (const [key, value] of Object.entries(fields)) {
    if (known.has(key) || harmless.has(key) || value === null || value === undefined) continue
    if (Array.isArray(value) && value.length === 0) continue
    reading.bound.push(path === '' ? key : `${path}.${key}`)
  }
}
