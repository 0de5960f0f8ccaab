import type { LimitAnswer, LimitAsk, LimitCorrection, LimitKey, LimitStore } from '@switchyard/core'
import type { Reply } from './connection.ts'
import type { Fleet } from './fleet.ts'
import { correctScript, usedScript, yieldScript } from './limit-scripts.ts'
import { LimitUse } from './limit-use.ts'
import { takeScript } from './take-script.ts'

/** How soon to ask again where nothing better is known. */
const askAgainMs = 1_000

/** Limits of the whole fleet while Redis answers, and this process's part of them while it does not. */
export class RedisLimits implements LimitStore {
  readonly #fleet: Fleet
  readonly #uses: Map<string, LimitUse>
  // somebody who should give back is silent: until then nobody waits for it
  #heldBackUntil = Number.NEGATIVE_INFINITY

  constructor(fleet: Fleet) {
    this.#fleet = fleet
    this.#uses = fleet.uses
  }

  take(wanted: readonly LimitAsk[]): LimitAnswer | Promise<LimitAnswer> {
    // not even what is no number
    const never = wanted.find(({ amount, limit }) => !(amount <= limit))
    if (never !== undefined) return { taken: false, key: never.key, retryAfterMs: undefined }
    const asks = wanted.map(ask => ({ ...ask, limit: counted(Math.floor(ask.limit)), amount: counted(ask.amount) }))
    for (const ask of asks) this.#learn(ask)
    if (asks.length === 0) return { taken: true, at: this.#fleet.now() }
    return this.#fleet.state === 'shared' ? this.#takeShared(asks) : this.#takeAlone(asks)
  }

  correct(given: readonly LimitCorrection[]): void | Promise<void> {
    const corrections = given.flatMap(({ by, at, ...limit }) =>
      Number.isNaN(by) || !Number.isFinite(at) ? [] : { ...limit, at: Math.floor(at), by: counted(by) },
    )
    if (corrections.length === 0) return
    const shared = this.#fleet.state === 'shared'
    for (const correction of corrections) this.#learn(correction).correct(correction.at, correction.by, !shared)
    if (shared) return this.#correctShared(corrections)
  }

  async left(limit: LimitKey): Promise<number> {
    const use = this.#learn(limit)
    const fleet = this.#fleet
    if (fleet.state === 'shared') {
      try {
        const args = [fleet.time, String(limit.windowMs)]
        const [used] = await fleet.run(usedScript, [limit.key], args)
        return Math.max(0, limit.limit - Number(used))
      } catch {
        fleet.lose()
      }
    }
    const share = this.#shareOf(use)
    return share.type === 'part' ? share.left : Math.max(0, share.most - use.used(fleet.now()))
  }

  /** Others need what is set aside for this process. */
  recall(key: string): void {
    const use = this.#uses.get(key)
    const fleet = this.#fleet
    // what is on its way gives all of it back
    if (use === undefined || use.isYielding || fleet.state !== 'shared') return
    use.yieldPart(() => fleet.run(yieldScript, [key], [fleet.member, fleet.beats])).catch(() => fleet.lose())
  }

  #learn(limit: LimitKey): LimitUse {
    let use = this.#uses.get(limit.key)
    if (use === undefined) {
      use = new LimitUse(limit)
      this.#uses.set(limit.key, use)
      // so that it has a part of it soon
      if (this.#fleet.state === 'shared') void this.#fleet.beat()
    }
    use.limit = limit.limit
    return use
  }

  async #takeShared(asks: readonly LimitAsk[]): Promise<LimitAnswer> {
    const fleet = this.#fleet
    const keys = asks.map(({ key }) => key)
    let waited = 0
    for (let pause = 1; ; pause *= 2) {
      const args = [fleet.epoch, fleet.member, fleet.time, fleet.channel]
      for (const { limit, windowMs, amount } of asks) args.push(String(limit), String(windowMs), String(amount))
      let reply: Reply
      try {
        reply = await fleet.run(takeScript, keys, args)
      } catch {
        fleet.lose()
        return this.#takeAlone(asks)
      }
      switch (reply[0]) {
        case 'taken':
          return this.#taken(asks, reply)
        case 'refused': {
          const retryAfterMs = Number(reply[2])
          const { key } = asks[Number(reply[1])] as LimitAsk
          return { taken: false, key, retryAfterMs: retryAfterMs < 0 ? undefined : retryAfterMs }
        }
        case 'recall':
          // others give back what was set aside for them, at once unless they are silent
          if (fleet.monotonic() < this.#heldBackUntil) return refused(asks)
          waited += pause
          if (waited > fleet.timeoutMs) {
            this.#heldBackUntil = fleet.monotonic() + askAgainMs
            return refused(asks)
          }
          await fleet.sleep(pause)
          break
        default:
          fleet.lose()
          await fleet.beat()
      }
      if (fleet.state !== 'shared') return this.#takeAlone(asks)
      if (pause > fleet.timeoutMs) return refused(asks)
    }
  }

  #taken(asks: readonly LimitAsk[], reply: Reply): LimitAnswer {
    const moment = Number(reply[1])
    const away = this.#fleet.state !== 'shared'
    asks.forEach((ask, at) => {
      const use = this.#learn(ask)
      use.taken(moment, ask.amount)
      use.counted(Number(reply[3 + 2 * at]), away)
    })
    return { taken: true, at: moment }
  }

  #takeAlone(asks: readonly LimitAsk[]): LimitAnswer | Promise<LimitAnswer> {
    const fleet = this.#fleet
    if (fleet.whenAway === 'refuse' || fleet.state === 'joining' || fleet.isDisposed) return refused(asks)
    const now = fleet.now()
    for (const ask of asks) {
      const use = this.#learn(ask)
      const share = this.#shareOf(use)
      if (share.type === 'part') {
        if (ask.amount > share.left) return refused([ask])
      } else {
        // Redis may be hearing that this process is back, and give its share to others
        const returning = fleet.returning
        if (returning !== undefined) {
          return returning.then(() => (fleet.state === 'shared' ? this.#takeShared(asks) : this.#takeAlone(asks)))
        }
        if (use.used(now) + ask.amount > share.most) return refused([ask])
      }
    }
    for (const ask of asks) this.#learn(ask).takenAlone(now, ask.amount)
    return { taken: true, at: now }
  }

  /**
   * Its part at first; and once all that Redis counted has left the window, and Redis, where it still serves others,
   * must have noticed that this process is away, its share.
   */
  #shareOf(
    use: LimitUse,
  ): { readonly type: 'part'; readonly left: number } | { readonly type: 'share'; readonly most: number } {
    const fleet = this.#fleet
    if (fleet.monotonic() < fleet.noticedBy + use.windowMs * (61 / 60)) return { type: 'part', left: use.part }
    return { type: 'share', most: Math.floor((use.limit / 1_000_000) * fleet.share) }
  }

  async #correctShared(corrections: readonly LimitCorrection[]): Promise<void> {
    const fleet = this.#fleet
    const args = [fleet.epoch, fleet.time]
    for (const { windowMs, at, by } of corrections) args.push(String(windowMs), String(at), String(by))
    try {
      const keys = corrections.map(({ key }) => key)
      await fleet.run(correctScript, keys, args)
    } catch {
      for (const correction of corrections) {
        if (correction.by > 0) this.#learn(correction).owe(correction.at, correction.by)
      }
      fleet.lose()
    }
  }
}

function refused(asks: readonly LimitAsk[]): LimitAnswer {
  return { taken: false, key: (asks[0] as LimitAsk).key, retryAfterMs: askAgainMs }
}

/** What Redis can count: whole, rounded up, and as far as numbers are exact. */
function counted(number: number): number {
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.ceil(number)))
}
