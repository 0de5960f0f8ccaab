import { randomUUID } from 'node:crypto'
import type { Reply } from './connection.ts'
import { type HeartbeatAnswer, heartbeatAnswer, heartbeatArguments } from './heartbeat.ts'
import type { LimitUse, UseReport } from './limit-use.ts'
import type { RedisSettings } from './redis-options.ts'

const minute = 60_000
const lateMs = 1_000
const marginMs = 2_000

/** What was used without Redis, under a number so that it is counted once. */
interface Report {
  readonly epoch: string
  readonly number: number
  readonly isEverything: boolean
  readonly uses: ReadonlyMap<string, UseReport>
}

/** What this process and Redis know of each other: whose memory it is, what was told to it, what share came back. */
export class Membership {
  readonly member: string
  readonly uses = new Map<string, LimitUse>()
  readonly #settings: RedisSettings
  readonly #channel: string
  #epoch = ''
  // what Redis calls itself now, though it has not yet been told all
  #heardEpoch = ''
  // told, but perhaps not heard
  #report: Report | undefined
  #reports = 0
  #beats = 0
  #share = 0
  #members = 0
  // other processes, and when they were last heard of
  readonly #seen = new Map<string, number>()
  // Redis's time less ours
  #ahead: number | undefined
  #heldAliveAt = Number.NEGATIVE_INFINITY

  constructor(settings: RedisSettings, member: string, channel: string) {
    this.#settings = settings
    this.#channel = channel
    this.member = member
  }

  get epoch(): string {
    return this.#epoch
  }
  /** How often it has said that it lives. */
  get beats(): string {
    return String(this.#beats)
  }
  /** Of every limit, in millionths. */
  get share(): number {
    return this.#share
  }
  get members(): number {
    return this.#members
  }
  /** By when a Redis that still serves others keeps this process's share for it. */
  get noticedBy(): number {
    return this.#heldAliveAt + lateMs + this.#settings.times.silentMs + marginMs
  }
  /** Redis's memory is another than the one that was told all. */
  get isAnew(): boolean {
    return this.#heardEpoch !== this.#epoch
  }

  /** What scripts are to take for the time; nothing for Redis's own. */
  get time(): string {
    const { now } = this.#settings.times
    return now === undefined ? '' : String(Math.floor(now()))
  }

  /** Redis's time, as far as it is known here. */
  now(): number {
    const { clock } = this.#settings
    return Math.floor(clock.monotonic() + (this.#ahead ?? clock.wall() - clock.monotonic()))
  }

  /** Says through `run` that this process lives, what it used that Redis does not know, and hears what is its own. */
  async tell(
    run: (limits: readonly string[], args: readonly string[]) => Promise<Reply>,
    isAlive: boolean,
  ): Promise<HeartbeatAnswer> {
    const { clock, times } = this.#settings
    const { silentMs, forgottenMs, settleMs } = times
    const epoch = this.#heardEpoch
    const sent = clock.monotonic()
    const { number, isEverything, uses: used } = this.#unheardReport(epoch)
    const uses = [...this.uses]
    const args = heartbeatArguments({
      epoch,
      member: this.member,
      time: this.time,
      channel: this.#channel,
      newEpoch: randomUUID(),
      share: this.#share,
      peers: this.#peers(),
      silentMs,
      forgottenMs,
      settleMs,
      recoveryMs: minute + silentMs + marginMs,
      sentAt: this.#ahead === undefined ? 0 : this.now(),
      isAlive,
      report: number,
      number: ++this.#beats,
      isEverything,
      limits: uses.map(([key, use]) => ({
        limit: use.limit,
        windowMs: use.windowMs,
        part: use.reportPart(),
        used: used.get(key) ?? [],
      })),
    })
    if (isAlive) this.#heldAliveAt = sent
    const keys = uses.map(([key]) => key)
    const answer = heartbeatAnswer(await run(keys, args))
    switch (answer.type) {
      case 'stale':
        this.#learnTime(answer.now, sent)
        break
      case 'forgotten':
        this.#heardEpoch = answer.epoch
        break
      case 'heard':
        this.#report = undefined
        this.#epoch = epoch
        this.#share = answer.share
        this.#members = answer.members
        for (const peer of answer.peers) this.#seen.set(peer, clock.monotonic())
        this.#learnTime(answer.now, sent)
        for (const [at, [, use]] of uses.entries()) use.setPart(answer.parts[at] as number)
    }
    return answer
  }

  #unheardReport(epoch: string): Report {
    if (this.#report?.epoch === epoch) return this.#report
    const moment = this.now()
    const isEverything = this.isAnew
    const uses = new Map([...this.uses].map(([key, use]) => [key, use.report(moment, isEverything)]))
    this.#report = { epoch, number: ++this.#reports, isEverything, uses }
    return this.#report
  }

  #learnTime(redisNow: number, sent: number): void {
    const received = this.#settings.clock.monotonic()
    // who slept meanwhile cannot tell when Redis answered
    if (received - sent < lateMs) this.#ahead = redisNow - (sent + received) / 2
  }

  /** Processes whose use may be in the window still, those that have left included. */
  #peers(): readonly string[] {
    const from = this.#settings.clock.monotonic() - minute - marginMs
    for (const [peer, at] of this.#seen) if (at < from) this.#seen.delete(peer)
    return [...this.#seen.keys()]
  }
}
