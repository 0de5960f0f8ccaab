/** What went wrong, in the one vocabulary that everything decides by. */
export type ErrorKind =
  | 'aborted'
  | 'timeout'
  | 'rate-limit'
  | 'quota'
  | 'overloaded'
  | 'unavailable'
  | 'network'
  | 'truncated'
  | 'protocol'
  | 'authentication'
  | 'permission'
  | 'not-found'
  | 'invalid-request'
  | 'context-length'
  | 'content-filter'
  | 'unsupported'
  | 'circuit-open'
  | 'budget-exceeded'
  | 'exhausted'

/**
 * Whose trouble an error tells of: the model's at its provider, the account's, this process's own
 * (its network), or nobody's.
 */
export type HealthScope = 'model' | 'account' | 'process' | 'none'

export interface ErrorRule {
  /** Whether the same target may be asked again: always, only where no other target is left, or never. */
  readonly retry: 'yes' | 'last-resort' | 'no'
  /** Whether the next target may be asked. */
  readonly next: boolean
  readonly health: HealthScope
}

const rule = (retry: ErrorRule['retry'], next: boolean, health: HealthScope): ErrorRule => ({ retry, next, health })

/** The one table: what may follow each kind of error. */
export const errorTable: Readonly<Record<ErrorKind, ErrorRule>> = {
  aborted: rule('no', false, 'none'),
  timeout: rule('last-resort', true, 'model'),
  'rate-limit': rule('yes', true, 'model'),
  quota: rule('no', true, 'account'),
  overloaded: rule('yes', true, 'model'),
  unavailable: rule('yes', true, 'model'),
  network: rule('yes', true, 'process'),
  truncated: rule('yes', true, 'model'),
  protocol: rule('yes', true, 'model'),
  authentication: rule('no', true, 'account'),
  permission: rule('no', true, 'none'),
  'not-found': rule('no', true, 'none'),
  'invalid-request': rule('no', false, 'none'),
  'context-length': rule('no', true, 'none'),
  'content-filter': rule('no', false, 'none'),
  unsupported: rule('no', true, 'none'),
  'circuit-open': rule('no', true, 'none'),
  'budget-exceeded': rule('no', true, 'none'),
  exhausted: rule('no', true, 'none'),
}

/** Which wait ran out. */
export type TimeoutPhase = 'connect' | 'headers' | 'first-token' | 'idle' | 'throughput' | 'total' | 'consumer-idle'

/** The rule for one error. A connection that never came about tells of this process's network. */
export function errorRule(error: { readonly kind: ErrorKind; readonly phase?: TimeoutPhase | undefined }): ErrorRule {
  if (error.kind !== 'timeout') return errorTable[error.kind]
  if (error.phase === 'connect') return connectTimeout
  if (error.phase === 'total') return totalTimeout
  if (error.phase === 'consumer-idle') return consumerTimeout
  return errorTable.timeout
}

const connectTimeout = rule('last-resort', true, 'process')
// no time is left to try anything else
const totalTimeout = rule('no', false, 'model')
const consumerTimeout = rule('no', false, 'none')
