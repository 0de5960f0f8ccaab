import type { Timer } from '@switchyard/core'
import { circuitScripts } from './circuit-scripts.ts'
import { Connection, connectTimeout, type Reply, type Script } from './connection.ts'
import { beatScript } from './heartbeat-script.ts'
import { correctScript, leaveScript, usedScript, yieldScript } from './limit-scripts.ts'
import type { LimitUse } from './limit-use.ts'
import { Membership } from './membership.ts'
import type { RedisSettings, RedisState } from './redis-options.ts'
import { takeScript } from './take-script.ts'

// silent connections are left for new ones after so many heartbeats
const patience = 3
const soonMs = 200

export interface FleetListener {
  /** Redis counts, again or for the first time; `anew` where it had lost what it knew. */
  returned(anew: boolean): void
  /** Heard from another process. */
  message(text: string): void
  /** Each time this process says that it lives. */
  alive(): void
}

/**
 * This process as one of several: it says every second that it lives, and hears what share of the limits is its own.
 * The shares of all, those of processes that fell silent included, are never more than the whole.
 */
export class Fleet {
  readonly channel: string
  readonly #settings: RedisSettings
  readonly #connection: Connection
  readonly #listeners: FleetListener[] = []
  readonly #membership: Membership
  #state: RedisState = 'joining'
  #beating: Promise<void> | undefined
  #timer: Timer | undefined
  #missed = 0
  #anew = false
  #disposed = false

  constructor(settings: RedisSettings, member: string) {
    this.#settings = settings
    // channels are those of all databases
    this.channel = this.key(`news:${settings.database}`)
    this.#membership = new Membership(settings, member, this.channel)
    const limitScripts = [beatScript, takeScript, correctScript, usedScript, yieldScript, leaveScript]
    this.#connection = new Connection(settings, [...limitScripts, ...circuitScripts], this.channel, {
      ready: () => void this.beat(),
      lost: () => this.lose(),
      message: text => this.#hear(text),
    })
  }

  get state(): RedisState {
    return this.#state
  }
  get problem(): string | undefined {
    return this.#state === 'shared' ? undefined : this.#connection.problem
  }
  /** It has left the fleet, and others have its share. */
  get isDisposed(): boolean {
    return this.#disposed
  }
  get member(): string {
    return this.#membership.member
  }
  /** The limits that this process knows. */
  get uses(): Map<string, LimitUse> {
    return this.#membership.uses
  }
  get epoch(): string {
    return this.#membership.epoch
  }
  /** How often it has said that it lives. */
  get beats(): string {
    return this.#membership.beats
  }
  /** Of every limit, in millionths. */
  get share(): number {
    return this.#membership.share
  }
  get members(): number {
    return this.#membership.members
  }
  get whenAway(): RedisSettings['whenAway'] {
    return this.#settings.whenAway
  }
  get timeoutMs(): number {
    return this.#settings.timeoutMs
  }
  /** What scripts are to take for the time; nothing for Redis's own. */
  get time(): string {
    return this.#membership.time
  }
  /** By when a Redis that still serves others keeps this process's share for it. */
  get noticedBy(): number {
    return this.#membership.noticedBy
  }
  /** Redis is being told that this process is back. */
  get returning(): Promise<void> | undefined {
    return this.#connection.isReady ? this.#beating : undefined
  }

  monotonic(): number {
    return this.#settings.clock.monotonic()
  }

  /** Redis's time, as far as it is known here. */
  now(): number {
    return this.#membership.now()
  }

  sleep(ms: number): Promise<void> {
    return new Promise(resolve => this.#settings.clock.timer(ms, resolve))
  }

  listen(listener: FleetListener): void {
    this.#listeners.push(listener)
  }

  open(): void {
    this.#connection.open()
    this.#schedule()
  }

  key(name: string): string {
    return `{${this.#settings.prefix}}:${name}`
  }

  /** Runs a script over the fleet's own key and those of limits. @throws {RedisAway} */
  run(which: Script, limits: readonly string[], args: readonly string[]): Promise<Reply> {
    const keys = [this.key('fleet'), ...limits.map(limit => this.key(`limit:${limit}`))]
    return this.#connection.run(which, keys, args)
  }

  /** Runs a script over other keys. @throws {RedisAway} */
  runOver(which: Script, keys: readonly string[], args: readonly string[]): Promise<Reply> {
    return this.#connection.run(
      which,
      keys.map(key => this.key(key)),
      args,
    )
  }

  /** Redis did not answer, or says that it has forgotten. */
  lose(): void {
    if (this.#state === 'shared') this.#become('away')
  }

  /** Says now that this process lives. Never rejects. */
  beat(): Promise<void> {
    // who has left must not come back
    if (this.#disposed) return Promise.resolve()
    this.#beating ??= this.#beat().finally(() => {
      this.#beating = undefined
    })
    return this.#beating
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return
    this.#disposed = true
    this.#timer?.cancel()
    await this.#beating
    try {
      if (this.#connection.isReady) await this.run(leaveScript, [...this.uses.keys()], [this.member, this.beats])
    } catch {
      // then it is forgotten like one that died
    }
    this.#connection.close()
  }

  #become(state: RedisState): void {
    if (this.#state === state) return
    this.#state = state
    try {
      this.#settings.onState?.(state)
    } catch {
      // whoever listens must not break what it hears of
    }
  }

  #schedule(): void {
    if (this.#disposed) return
    this.#timer?.cancel()
    const { heartbeatMs } = this.#settings.times
    const next = this.#state === 'shared' ? heartbeatMs : Math.min(heartbeatMs, soonMs)
    this.#timer = this.#settings.clock.timer(next, () => {
      void this.beat().then(() => this.#schedule())
    })
  }

  async #beat(): Promise<void> {
    if (!this.#connection.isReady) return this.#miss(Math.ceil((2 * connectTimeout(this.#settings)) / soonMs))
    try {
      for (const listener of this.#listeners) listener.alive()
      await this.#exchange()
      this.#missed = 0
    } catch {
      this.lose()
      this.#miss(patience)
    }
  }

  #miss(most: number): void {
    if (++this.#missed < most || this.#disposed) return
    this.#missed = 0
    this.#connection.open()
  }

  async #exchange(): Promise<void> {
    for (let round = 0; round < 8; round++) {
      const { isAnew, share } = this.#membership
      // one that was away is held alive only once it has heard an answer
      const isAlive = this.#state !== 'away' || round > 0
      const answer = await this.#membership.tell((limits, args) => this.run(beatScript, limits, args), isAlive)
      if (answer.type === 'stale') continue
      if (answer.type === 'forgotten') {
        this.lose()
        continue
      }
      this.#anew ||= isAnew
      if (!isAlive) continue
      if (!answer.isReady || answer.share === 0) return
      if (this.#state !== 'shared') this.#return()
      // others wait to hear that it knows how its share shrank
      if (answer.share >= share) return
    }
  }

  #return(): void {
    // what was taken while the answer was on its way is told before anything is taken again
    const moment = this.now()
    const late: { readonly key: string; readonly use: LimitUse; readonly at: number; readonly by: number }[] = []
    for (const [key, use] of this.uses) {
      use.returned()
      for (const [bucket, by] of use.report(moment, false)) {
        late.push({ key, use, at: Math.ceil(bucket * (use.windowMs / 60)), by })
      }
    }
    if (late.length > 0) {
      const args = late.flatMap(({ use, at, by }) => [String(use.windowMs), String(at), String(by)])
      const keys = late.map(({ key }) => key)
      this.run(correctScript, keys, [this.epoch, this.time, ...args]).catch(() => {
        for (const { use, at, by } of late) use.owe(at, by)
        this.lose()
      })
    }
    this.#become('shared')
    for (const listener of this.#listeners) listener.returned(this.#anew)
    this.#anew = false
  }

  #hear(text: string): void {
    // others are short of what this process has too much of
    if (text.startsWith('share ')) {
      if (this.share > Number(text.slice(6))) void this.beat()
    } else for (const listener of this.#listeners) listener.message(text)
  }
}
