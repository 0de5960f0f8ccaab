import { HttpError } from './errors.ts'

const own: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/**
 * Refuses requests that were meant for another host: without keys, a page in a browser whose name is
 * made to point here (DNS rebinding) would be taken for a program on this machine.
 */
export function hostCheck(
  boundHost: string,
  withoutKeys = true,
): (header: string | undefined, httpVersion: string) => void {
  const bound = boundHost.toLowerCase()
  const allowed = new Set([...own, bound.includes(':') ? `[${bound}]` : bound])
  return (header, httpVersion) => {
    if (header === undefined) {
      // no browser speaks it, and it has no such header
      if (httpVersion === '1.0') return
      throw new HttpError(400, 'bad_request', 'The request has no Host header, which HTTP/1.1 requires.')
    }
    // no page knows a key
    if (!withoutKeys) return
    const name = header.replace(/:\d*$/, '').toLowerCase()
    if (allowed.has(name)) return
    throw new HttpError(
      403,
      'unknown_host',
      `This gateway has no keys, so it answers to ${[...allowed].join(', ')} alone, and not to the name in the Host header; use one of these, or let your proxy send it.`,
    )
  }
}
