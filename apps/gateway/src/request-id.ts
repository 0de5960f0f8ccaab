import { randomUUID } from 'node:crypto'

// printable, short, and nothing that a log or a header could take for more than a name
const acceptable = /^[A-Za-z0-9._:/+=-]{1,128}$/

/** The client's own request id where it is fit to be repeated, else a new one. */
export function requestId(given: string | string[] | undefined): string {
  if (typeof given === 'string' && acceptable.test(given)) return given
  return `req_${randomUUID().replaceAll('-', '')}`
}
