import { randomUUID } from 'node:crypto'
import type { Clock, SlabAsk, Timer } from '@switchyard/core'
import type { LedgerConnections } from '../database/connections.ts'
import { databaseFailure } from '../database/database-failure.ts'
import type { DurableWrites } from './durable-writes.ts'
import { anyExpired, expireSlabs, renewLeases } from './leases.ts'
import { ledgerFailure } from './ledger-failure.ts'
import { takeSlab } from './take-slab.ts'

export interface SlabOwnerOptions {
  readonly connections: LedgerConnections
  readonly clock: Clock
  /** How long a slab stays its owner's after the last heartbeat, in milliseconds. */
  readonly leaseMs: number
  readonly writes: Pick<DurableWrites, 'write' | 'isAway' | 'lost'>
  readonly onError: (error: Error) => void
}

const beatsPerLease = 3

/** The slabs of this process, and the heartbeat that keeps them its own. */
export class SlabOwner {
  readonly id = randomUUID()
  readonly #options: SlabOwnerOptions
  readonly #held = new Set<string>()
  readonly #asked = new Set<string>()
  #timer: Timer | undefined
  #beating: Promise<void> | undefined
  #ended = false

  constructor(options: SlabOwnerOptions) {
    this.#options = options
    this.#wait()
  }

  async take(ask: SlabAsk): Promise<{ readonly slab: string; readonly amount: bigint } | undefined> {
    const { connections, leaseMs } = this.#options
    const slab = randomUUID()
    this.#asked.add(slab)
    try {
      const amount = await takeSlab(connections, { ask, slab, owner: this.id, leaseMs })
      if (amount === undefined) return undefined
      this.#held.add(slab)
      return { slab, amount }
    } finally {
      this.#asked.delete(slab)
    }
  }

  /** From now on its lease is not renewed. */
  letGo(slab: string): void {
    this.#held.delete(slab)
  }

  async end(): Promise<void> {
    this.#ended = true
    this.#timer?.cancel()
    await this.#beating
  }

  #wait(): void {
    if (this.#ended) return
    this.#timer = this.#options.clock.timer(this.#options.leaseMs / beatsPerLease, () => {
      this.#beating = this.#beat()
    })
  }

  async #beat(): Promise<void> {
    const { connections, leaseMs, writes, onError } = this.#options
    try {
      if (!writes.isAway) {
        const rows = await renewLeases(connections, this.id, [...this.#held], leaseMs)
        // granted by a statement whose answer never came
        const strangers = rows.filter(slab => !this.#held.has(slab) && !this.#asked.has(slab))
        await Promise.all(strangers.map(slab => writes.write({ type: 'close', slab })))
        if (await anyExpired(connections)) await expireSlabs(connections)
      }
    } catch (error) {
      if (databaseFailure(error) === 'away') writes.lost(error)
      else onError(ledgerFailure('The ledger cannot keep its reservations', connections.place, error))
    }
    this.#wait()
  }
}
