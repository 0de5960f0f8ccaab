import { describe, expect, it } from 'vitest'
import { type ErrorKind, errorRule, errorTable } from './error-table.ts'
import { abortedError, isSwitchyardError, SwitchyardError } from './errors.ts'

describe('an error', () => {
  it('carries what is known and no key for what is not', () => {
    const error = new SwitchyardError('rate-limit', 'Too many.', { provider: 'openai', status: 429, retryAfterMs: 0 })
    expect(error).toMatchObject({ kind: 'rate-limit', message: 'Too many.', provider: 'openai', retryAfterMs: 0 })
    expect(error.attempts).toEqual([])
    expect('model' in error).toBe(false)
    expect('cause' in error).toBe(false)
    expect(error.name).toBe('SwitchyardError')
    expect(String(error)).toBe('SwitchyardError: Too many.')
    expect(error instanceof Error).toBe(true)
  })

  it('with more known keeps everything else: kind, cause, stack and attempts', () => {
    const cause = new Error('ECONNRESET')
    const attempts = [{ target: 'a/b', kind: 'network', message: 'm' } as const]
    const error = new SwitchyardError('network', 'Lost.', { cause, attempts, code: 'ECONNRESET' })
    const known = error.with({ provider: 'openai' })
    expect(known).toMatchObject({ kind: 'network', message: 'Lost.', code: 'ECONNRESET', provider: 'openai', attempts })
    expect(known.cause).toBe(cause)
    expect(known.stack).toBe(error.stack)
    expect(error.with({ cause: 'other' }).cause).toBe('other')
    expect('provider' in error).toBe(false)
  })

  it('can be made anew where the machine keeps no stack', () => {
    const error = new SwitchyardError('network', 'Lost.')
    Object.defineProperty(error, 'stack', { value: undefined })
    expect(error.with({ code: 'X' }).code).toBe('X')
  })

  it('is recognised across duplicate installs, and by its kind', () => {
    const foreign = Object.assign(new Error('from another copy'), { kind: 'quota', attempts: [] })
    Object.defineProperty(foreign, Symbol.for('switchyard.error'), { value: true })
    expect(isSwitchyardError(foreign)).toBe(true)
    expect(foreign instanceof SwitchyardError).toBe(true)
    expect(isSwitchyardError(foreign, 'quota')).toBe(true)
    expect(isSwitchyardError(foreign, 'network')).toBe(false)
    for (const other of [undefined, null, 'error', new Error('plain'), {}]) expect(isSwitchyardError(other)).toBe(false)
  })

  it('of an abort keeps a reason of ours and hides any other', () => {
    const timeout = new SwitchyardError('timeout', 'Too slow.', { phase: 'idle' })
    expect(abortedError(timeout)).toBe(timeout)
    expect(abortedError(new Error('secret'))).toMatchObject({ kind: 'aborted' })
    expect(abortedError().message).not.toContain('secret')
  })
})

describe('the error table', () => {
  it('retries nothing that a repetition cannot help', () => {
    const repeated = Object.entries(errorTable).flatMap(([kind, rule]) => (rule.retry === 'yes' ? [kind] : []))
    expect(repeated.sort()).toEqual(['network', 'overloaded', 'protocol', 'rate-limit', 'truncated', 'unavailable'])
  })

  it('gives up at once only where another target cannot help either', () => {
    const final = Object.entries(errorTable).flatMap(([kind, rule]) => (rule.next ? [] : [kind]))
    expect(final.sort()).toEqual(['aborted', 'content-filter', 'invalid-request'])
  })

  it('blames the account for its own trouble only, and nobody for what the caller did', () => {
    const scope = (health: string): string[] =>
      Object.entries(errorTable).flatMap(([kind, rule]) => (rule.health === health ? [kind] : []))
    expect(scope('account').sort()).toEqual(['authentication', 'quota'])
    expect(scope('process')).toEqual(['network'])
    expect(scope('none')).toContain('aborted')
    expect(scope('none')).toContain('invalid-request')
  })

  it('tells timeouts apart by their phase', () => {
    const rule = (phase?: 'connect' | 'first-token' | 'total' | 'consumer-idle') =>
      errorRule({ kind: 'timeout', phase })
    expect(rule('connect')).toMatchObject({ next: true, health: 'process' })
    expect(rule('first-token')).toEqual(errorTable.timeout)
    expect(rule()).toEqual(errorTable.timeout)
    expect(rule('total')).toMatchObject({ retry: 'no', next: false })
    expect(rule('consumer-idle')).toMatchObject({ retry: 'no', next: false, health: 'none' })
    for (const kind of Object.keys(errorTable) as ErrorKind[]) expect(errorRule({ kind })).toBe(errorTable[kind])
  })
})

describe('an error in a log', () => {
  it('tells its kind, message and details as JSON, and nothing that may hold a secret or the answer', () => {
    const error = new SwitchyardError('exhausted', 'Nobody answered.', {
      provider: 'a',
      status: 503,
      retryAfterMs: 1_000,
      attempts: [{ target: 'a/m', kind: 'unavailable', message: 'Down.' }],
      partial: { model: 'a/m', content: [{ type: 'text', text: 'private' }] },
      cause: new Error('sk-secret'),
    })
    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        name: 'SwitchyardError',
        kind: 'exhausted',
        message: 'Nobody answered.',
        provider: 'a',
        status: 503,
        retryAfterMs: 1_000,
        attempts: [{ target: 'a/m', kind: 'unavailable', message: 'Down.' }],
      },
    })
    expect(Object.keys(new SwitchyardError('quota', 'No money.').toJSON())).toEqual(['name', 'kind', 'message'])
  })
})
