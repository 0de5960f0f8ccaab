import { type AttemptRecord, SwitchyardError } from '../contract/errors.ts'

/**
 * The error when no target is left. Where nothing was sent and all that could be asked were refused alike, it is that
 * refusal; else `exhausted`, with the status that all attempts agree on.
 */
export function exhausted(attempts: readonly AttemptRecord[]): SwitchyardError {
  const sent = attempts.filter(attempt => attempt.sent !== false)
  const refused = attempts.filter(({ kind }) => kind !== 'unsupported' && kind !== 'context-length')
  const telling = [sent, refused, attempts].find(those => those.length > 0) ?? []
  const kind = sent.length === 0 ? agreed(telling.map(attempt => attempt.kind)) : undefined
  const code = kind === undefined ? undefined : agreed(telling.map(attempt => attempt.code))
  const status = agreed(telling.map(attempt => attempt.status))
  // what a target said last is what still holds
  const latest = new Map(attempts.map(attempt => [attempt.target, attempt.retryAfterMs]))
  const waits = [...latest.values()].filter(wait => wait !== undefined)
  return new SwitchyardError(kind ?? 'exhausted', explanation(attempts), {
    attempts,
    ...(status !== undefined && { status }),
    ...(code !== undefined && { code }),
    ...(waits.length > 0 && { retryAfterMs: Math.min(...waits) }),
  })
}

/** The value that all share; `undefined` when they differ or there are none. */
function agreed<Value>(values: readonly Value[]): Value | undefined {
  return values.every(value => value === values[0]) ? values[0] : undefined
}

function explanation(attempts: readonly AttemptRecord[]): string {
  const lines = sentences(attempts)
  return lines.length === 1 ? lines.join('') : `None of ${lines.length} targets answered. ${lines.join(' ')}`
}

/** What became of each target, for people. */
export function sentences(attempts: readonly AttemptRecord[]): readonly string[] {
  const told = new Map<string, { record: AttemptRecord; sent: number }>()
  for (const record of attempts) {
    const before = told.get(record.target)
    const sent = (before?.sent ?? 0) + (record.sent === false ? 0 : 1)
    // why it failed says more than why it was not asked once more
    told.set(record.target, { record: record.sent === false && before !== undefined ? before.record : record, sent })
  }
  return [...told.values()].map(({ record, sent }) => sentence(record, sent))
}

function sentence({ target, message }: AttemptRecord, sent: number): string {
  const named = message.startsWith(target) ? message : `${target}: ${message}`
  return sent > 1 ? `${named} (${sent} attempts)` : named
}
