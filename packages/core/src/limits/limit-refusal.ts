import { SwitchyardError } from '../contract/errors.ts'
import type { AttemptInfo } from '../engine/admission.ts'
import type { LimitCounter } from './limit.ts'

/** What stands in the way of an attempt. */
export interface Obstacle {
  readonly counter: LimitCounter
  /** Until there may be room; `undefined` where there never is. */
  readonly retryAfterMs: number | undefined
  /** What it shares with others that it stands in the way of: a counter's key, or a target that has to rest. */
  readonly door: string
  /** In place of the usual words. */
  readonly says?: string
}

/** What the caller is told: which limit, what was asked, and when there is room. */
export function limitRefusal(obstacle: Obstacle, amount: number, info: AttemptInfo): SwitchyardError {
  const { counter, retryAfterMs, says } = obstacle
  const { owner, limit, quantity, unit } = counter
  const name = `The limit "${owner.name}"`
  const asked = unit === 'tokens' ? `${amount} tokens` : 'another request'
  const allows = `it allows ${limit} ${quantity.replaceAll('-', ' ')}`
  const room = retryAfterMs === undefined ? '' : ` Try again in ${Math.ceil(retryAfterMs / 100) / 10} s.`
  const text =
    says ??
    (amount === Number.POSITIVE_INFINITY
      ? owner.isStrict
        ? `${name} is strict, and nobody can say how many tokens this request uses at most.`
        : `${name} counts tokens, and nobody can say how many this request uses.`
      : undefined) ??
    (retryAfterMs === undefined
      ? `${name} can never take a request of ${asked}: ${allows}. Ask for less, or raise it.`
      : `${name} has no room for ${asked}: ${allows}.`)
  return new SwitchyardError('rate-limit', text + room, {
    provider: info.provider,
    model: info.model,
    code: 'limit',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}
