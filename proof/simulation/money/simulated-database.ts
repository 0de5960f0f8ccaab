import {
  type LedgerRecord,
  type LedgerStore,
  type MemoryLedger,
  type Money,
  SwitchyardError,
  type WindowKey,
} from '@switchyard/core'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'

/** What happens to one word to the database. */
export type Fate = 'heard' | 'heard twice' | 'refused' | 'answer lost'

export interface DatabaseOptions {
  readonly ledger: MemoryLedger
  readonly leaseMs: number
  /** Drawn from for each call. */
  readonly fates: readonly Fate[]
  readonly limitOf: (budget: string) => Money
  /** While it is away every call is refused. */
  readonly isAway: () => boolean
  /** Told of each record, once. */
  readonly onRecord: (record: LedgerRecord) => void
  /** Told after anything may have changed. */
  readonly onChange: () => Promise<void>
}

interface Slab extends WindowKey {
  left: Money
  readonly process: SimulatedProcess
  expiresAt: number
  state: 'open' | 'expired' | 'closed'
}

/** One ledger for all processes, at the far end of connections that fail; it keeps leases as a real one does. */
export class SimulatedDatabase {
  /** What was committed, by the id of its entry; a record that came twice is here once. */
  readonly records = new Map<string, LedgerRecord>()
  /** Ids of the requests that have an entry. */
  readonly requests = new Set<string>()
  /** Every window that anybody asked for, and the limit it had. */
  readonly windows = new Map<string, WindowKey & { readonly limit: Money }>()
  readonly #pending = new Map<SimulatedProcess, Map<string, number>>()
  /** Slabs that expired while their owner lived, or was dead. */
  expired = 0
  readonly #world: World
  readonly #options: DatabaseOptions
  readonly #slabs = new Map<string, Slab>()
  readonly #committing = new Map<string, number>()

  constructor(world: World, options: DatabaseOptions) {
    this.#world = world
    this.#options = options
  }

  /** The ledger as one process has it, with the heartbeat that renews its leases. */
  connect(process: SimulatedProcess): LedgerStore & Disposable {
    const { ledger, leaseMs } = this.#options
    // slabs that the process has heard of
    const known = new Set<string>()
    const beat = (): { cancel(): void } =>
      process.clock.timer(leaseMs / 3, () => {
        const renewed = [...known]
        if (!this.isPending(process, 'heartbeat')) {
          this.#word(process, 'heartbeat', async () => this.#renew(renewed)).catch(() => undefined)
        }
        heartbeat = beat()
      })
    let heartbeat = beat()
    return {
      takeSlab: async ask => {
        this.#meet(ask)
        const answer = await this.#word(process, 'takeSlab', async () => {
          const taken = await ledger.takeSlab(ask)
          if (taken.granted) this.#lease(process, ask, taken.slab, taken.amount)
          return taken
        })
        if (answer.granted) known.add(answer.slab)
        return answer
      },
      closeSlab: async slab => {
        await this.#word(process, 'closeSlab', async () => {
          await ledger.closeSlab(slab)
          const lease = this.#slabs.get(slab)
          if (lease !== undefined) lease.state = 'closed'
        })
        known.delete(slab)
      },
      commit: async record => {
        const { requestId = '' } = record.attempt ?? record.request ?? {}
        this.#committing.set(requestId, (this.#committing.get(requestId) ?? 0) + 1)
        try {
          await this.#word(process, 'commit', () => this.#commit(record))
        } finally {
          this.#committing.set(requestId, (this.#committing.get(requestId) ?? 0) - 1)
        }
      },
      budgets: windows => this.#word(process, 'budgets', () => ledger.budgets(windows)),
      alertOnce: (window, threshold) => this.#word(process, 'alertOnce', () => ledger.alertOnce(window, threshold)),
      [Symbol.dispose]: () => {
        heartbeat.cancel()
      },
    }
  }

  /** What a process waits for. */
  isPending(process: SimulatedProcess, name: string): boolean {
    return (this.#pending.get(process)?.get(name) ?? 0) > 0
  }

  /** What of a slab no record has used up. */
  leftOf(slab: string): Money {
    return this.#slabs.get(slab)?.left ?? 0n
  }

  /** The window that a slab was taken from. */
  windowOf(slab: string): WindowKey | undefined {
    return this.#slabs.get(slab)
  }

  isCommitting(requestId: string): boolean {
    return (this.#committing.get(requestId) ?? 0) > 0
  }

  #meet({ budget, window }: WindowKey): void {
    const key = `${budget} ${window}`
    if (!this.windows.has(key)) this.windows.set(key, { budget, window, limit: this.#options.limitOf(budget) })
  }

  async #commit(record: LedgerRecord): Promise<void> {
    for (const charge of record.charges) this.#meet(charge)
    await this.#options.ledger.commit(record)
    const id = record.attempt?.id ?? record.request?.id
    if (record.request !== undefined) this.requests.add(record.request.requestId)
    // the first of a kind counts: what came later was ignored, charges and all
    if (id === undefined || this.records.has(id)) return
    this.records.set(id, record)
    for (const { slabs } of record.charges) {
      for (const { slab, amount } of slabs) {
        const lease = this.#slabs.get(slab)
        if (lease !== undefined) lease.left -= amount
      }
    }
    this.#options.onRecord(record)
  }

  #lease(process: SimulatedProcess, { budget, window }: WindowKey, slab: string, left: Money): void {
    const expiresAt = this.#world.now + this.#options.leaseMs
    const lease: Slab = { process, budget, window, left, expiresAt, state: 'open' }
    this.#slabs.set(slab, lease)
    this.#watch(slab, lease)
  }

  #watch(slab: string, lease: Slab): void {
    this.#world.timer(lease.expiresAt - this.#world.now, {
      kind: 'ledger: looks for expired leases',
      run: () => {
        if (lease.state !== 'open') return
        if (lease.expiresAt > this.#world.now) {
          this.#watch(slab, lease)
          return
        }
        lease.state = 'expired'
        this.expired++
        this.#world.trace.add('ledger: a lease expires')
        this.onExpiry?.(lease.process)
        this.#options.ledger.expireSlab(slab)
        void this.#options.onChange()
      },
    })
  }

  onExpiry: ((process: SimulatedProcess) => void) | undefined

  #renew(slabs: readonly string[]): void {
    for (const slab of slabs) {
      const lease = this.#slabs.get(slab)
      if (lease?.state === 'open') lease.expiresAt = this.#world.now + this.#options.leaseMs
    }
  }

  /** One call over the connection: it may come late, be refused, or be done with nobody told. */
  #word<Value>(process: SimulatedProcess, name: string, work: () => Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (!process.speaks()) return
      const { random } = this.#world
      const fate = this.#options.isAway() ? 'refused' : random.pick(this.#options.fates)
      this.#count(process, name, 1)
      const answer = (how: string, settle: () => void): void =>
        this.#world.soon({
          kind: `ledger: ${name} ${how}`,
          to: process,
          run: () => {
            this.#count(process, name, -1)
            settle()
          },
        })
      const lost = new SwitchyardError('unavailable', `The ledger did not answer: ${name}.`)
      if (fate === 'refused') {
        answer('refused', () => reject(lost))
        return
      }
      this.#world.soon({
        kind: `ledger: ${name} arrives`,
        from: process,
        run: () => {
          void work()
            .then(
              value => () => resolve(value),
              (error: unknown) => () => reject(error),
            )
            .then(async settle => {
              await this.#options.onChange()
              // a connection that broke is tried again, with the same words
              if (fate === 'heard twice' && name === 'commit') {
                await work()
                await this.#options.onChange()
              }
              if (fate === 'answer lost') answer('answer lost', () => reject(lost))
              else answer('answer', settle)
            })
        },
      })
    })
  }

  #count(process: SimulatedProcess, name: string, by: number): void {
    const calls = this.#pending.get(process) ?? new Map<string, number>()
    this.#pending.set(process, calls)
    calls.set(name, (calls.get(name) ?? 0) + by)
  }
}
