import { SwitchyardError } from '@switchyard/core'

/** Where a database is, as errors may say it: without user, password and parameters. */
export function postgresPlace(url: string): string {
  const { hostname, port, pathname, searchParams } = parsed(url)
  const host = hostname || searchParams.get('host') || 'localhost'
  return `PostgreSQL at ${decodeURIComponent(host)}:${port || '5432'}${pathname}`
}

// a failed parse tells nothing of the text, which may hold a password
function parsed(url: string): URL {
  const found = URL.canParse(url) ? new URL(url) : undefined
  // an @ behind the host: a password that holds / or # was cut there, and its rest would be told as a name
  const isCut = found !== undefined && `${found.pathname}${found.hash}`.includes('@')
  if (found !== undefined && protocols.has(found.protocol) && !isCut) return found
  const message =
    'The URL of the ledger is none of PostgreSQL: it looks like "postgres://user:password@host:5432/database", with %2F, %23 and %40 for /, # and @ in a password.'
  throw new SwitchyardError('invalid-request', message, { param: 'ledger.url' })
}

const protocols = new Set(['postgres:', 'postgresql:'])
