import { parseDurationMs } from './duration.ts'
import type { HeaderReader } from './header-reader.ts'

/**
 * Milliseconds until the server wants to be asked again: `retry-after-ms`, else `retry-after` in seconds or as
 * a date. A date counts from `now` (milliseconds since 1970), else from the answer's own Date header.
 */
export function retryAfterMs(headers: HeaderReader, now?: number): number | undefined {
  const exact = headers.get('retry-after-ms')
  if (exact && /^\d+(\.\d+)?$/.test(exact.trim())) return Math.ceil(Number(exact))
  const value = headers.get('retry-after')
  if (!value) return undefined
  const duration = parseDurationMs(value)
  if (duration !== undefined) return duration
  // Date.parse takes "-3" for a date
  const at = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN
  const from = now ?? Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(at) || Number.isNaN(from)) return undefined
  return Math.max(0, at - from)
}
