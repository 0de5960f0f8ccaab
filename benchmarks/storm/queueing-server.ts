import { type Clock, type IAIProvider, SwitchyardError } from '@switchyard/core'
import { scriptedProvider, textAnswer } from '@switchyard/core/testing'

export interface QueueingServerOptions {
  readonly id: string
  readonly clock: Clock
  /** How many requests are worked on at once. */
  readonly workers: number
  /** How long each takes, in milliseconds. */
  readonly serviceMs: number
  /** How many may wait; what comes then is refused at once. */
  readonly queue: number
  readonly outage: Outage
}

/** On the clock's monotonic time. */
export interface Outage {
  readonly from: number
  readonly until: number
  /** `silent`: nothing is worked on and nothing is said; `refusing`: every request is refused at once. */
  readonly type: 'silent' | 'refusing'
}

export interface QueueingServer {
  readonly provider: IAIProvider
  /** When each request came in, and what came with it. */
  readonly arrivals: readonly { readonly at: number; readonly tag: string }[]
}

/**
 * A provider with so much capacity and no more: requests beyond it wait in line, and beyond the line they are refused.
 * It finishes what it has taken in whether or not anybody still waits for it, as a server does that hears of a closed
 * socket only when it writes.
 */
export function queueingServer(options: QueueingServerOptions): QueueingServer {
  const { id, clock, serviceMs, outage } = options
  const freeAt = new Array<number>(options.workers).fill(Number.NEGATIVE_INFINITY)
  const starts: number[] = []
  const arrivals: { at: number; tag: string }[] = []
  const answer = [textAnswer('Done.', { model: `${id}/model` })]

  const provider = scriptedProvider({
    id,
    clock,
    script({ metadata }) {
      const now = clock.monotonic()
      arrivals.push({ at: now, tag: metadata?.tag ?? '' })
      const down = now >= outage.from && now < outage.until
      if (down && outage.type === 'refusing') return refusal('unavailable', 'The server is down.')
      while ((starts[0] ?? Number.POSITIVE_INFINITY) <= now) starts.shift()
      if (starts.length >= options.queue) return refusal('overloaded', 'Too many requests are waiting.')
      const worker = freeAt.indexOf(Math.min(...freeAt))
      const start = resumed(Math.max(now, freeAt[worker] ?? now))
      const end = finish(start)
      freeAt[worker] = end
      if (start > now) starts.push(start)
      return { type: 'stream', steps: answer, afterMs: end - now }
    },
  })

  const stops = outage.type === 'silent'
  const resumed = (at: number): number => (stops && at >= outage.from && at < outage.until ? outage.until : at)
  const finish = (start: number): number => {
    const end = start + serviceMs
    return stops && start < outage.from && end > outage.from ? end + outage.until - outage.from : end
  }
  return { provider, arrivals }
}

function refusal(kind: 'unavailable' | 'overloaded', message: string) {
  return { type: 'reject', afterMs: 20, error: new SwitchyardError(kind, message) } as const
}
