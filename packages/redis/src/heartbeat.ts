import type { Reply } from './connection.ts'
import type { UseReport } from './limit-use.ts'

/** What a process says every second, in the order in which `beatScript` reads it. */
export interface Heartbeat {
  /** Which memory of Redis it knows. */
  readonly epoch: string
  readonly member: string
  /** In place of Redis's own, where not empty. */
  readonly time: string
  readonly channel: string
  /** What Redis's memory is called from now on if it is empty. */
  readonly newEpoch: string
  /** What it believes its share to be, in millionths. */
  readonly share: number
  /** Whom it knew of in the last minute. */
  readonly peers: readonly string[]
  readonly silentMs: number
  readonly forgottenMs: number
  readonly settleMs: number
  /** The longest that others are waited for where Redis forgot. */
  readonly recoveryMs: number
  /** Redis's milliseconds; 0 where they are not known. */
  readonly sentAt: number
  /** Whether it is to be held alive for it. */
  readonly isAlive: boolean
  /** The number of the report of what was used. */
  readonly report: number
  /** Its own number. */
  readonly number: number
  /** Whether the report is of the whole window, and not only of what Redis has not been told. */
  readonly isEverything: boolean
  readonly limits: readonly {
    readonly limit: number
    readonly windowMs: number
    readonly part: number
    readonly used: UseReport
  }[]
}

export type HeartbeatAnswer =
  /** It took long to arrive, or a later one overtook it. */
  | { readonly type: 'stale'; readonly now: number }
  /** Redis's memory is another than known. */
  | { readonly type: 'forgotten'; readonly epoch: string }
  | {
      readonly type: 'heard'
      /** All that were known have told what they used. */
      readonly isReady: boolean
      readonly share: number
      readonly members: number
      readonly now: number
      readonly peers: readonly string[]
      /** In the order of the limits. */
      readonly parts: readonly number[]
    }

export function heartbeatArguments({ peers, isAlive, isEverything, limits, ...beat }: Heartbeat): readonly string[] {
  const args: (string | number)[] = [beat.epoch, beat.member, beat.time, beat.channel, beat.newEpoch, beat.share]
  args.push(peers.join(' '), beat.silentMs, beat.forgottenMs, beat.settleMs, beat.recoveryMs, beat.sentAt)
  args.push(isAlive ? 1 : 0, beat.report, beat.number, isEverything ? 1 : 0)
  for (const { limit, windowMs, part, used } of limits) args.push(limit, windowMs, part, used.length, ...used.flat())
  return args.map(String)
}

export function heartbeatAnswer(reply: Reply): HeartbeatAnswer {
  if (reply[0] === 'stale') return { type: 'stale', now: Number(reply[1]) }
  if (reply.length === 1) return { type: 'forgotten', epoch: String(reply[0]) }
  const [, ready, share, members, now, peers, ...parts] = reply
  return {
    type: 'heard',
    isReady: ready === 1,
    share: Number(share),
    members: Number(members),
    now: Number(now),
    peers: String(peers).split(' '),
    parts: parts.map(Number),
  }
}
