import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'

/** What stands in the budget's window, in pico-USD. */
export interface Standing {
  readonly settled: bigint
  readonly reserved: bigint
  readonly charged: bigint
}

export interface AttemptRow {
  readonly requestId: string
  readonly provider: string
  readonly outcome: string
  readonly cost: bigint
  readonly costIs: string
}

const nothing: Standing = { settled: 0n, reserved: 0n, charged: 0n }

/** Looks at the budget in the database all the time, as nobody of the fleet. */
export class BudgetWatch {
  looks = 0
  /** The most that was ever spoken for. */
  highest = 0n
  /** Whether a slab of a process that was not heard of in time was ever seen. */
  sawExpired = false
  #stopped = false
  readonly #client: Client
  #running: Promise<void> = Promise.resolve()

  private constructor(client: Client) {
    this.#client = client
  }

  static async start(url: string): Promise<BudgetWatch> {
    const client = new Client({ connectionString: url })
    await client.connect()
    const watch = new BudgetWatch(client)
    watch.#running = watch.#watch()
    return watch
  }

  async standing(): Promise<Standing> {
    const { rows } = await this.#client.query<Record<keyof Standing, string>>(
      "select settled, reserved, charged from budget_windows where budget = 'fleet'",
    )
    const [row] = rows
    if (row === undefined) return nothing
    return { settled: BigInt(row.settled), reserved: BigInt(row.reserved), charged: BigInt(row.charged) }
  }

  async slabs(state: 'open' | 'expired'): Promise<number> {
    const { rows } = await this.#client.query('select 1 from budget_slabs where state = $1', [state])
    return rows.length
  }

  /** Breaks everybody else's connections to the database, whatever they are doing. @returns how many. */
  async cutConnections(): Promise<number> {
    const { rows } = await this.#client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    )
    return rows.length
  }

  async attempts(): Promise<readonly AttemptRow[]> {
    const { rows } = await this.#client.query<Record<string, string>>(
      'select request_id, provider, outcome, cost, cost_is from ledger_attempts',
    )
    return rows.map(row => ({
      requestId: row.request_id as string,
      provider: row.provider as string,
      outcome: row.outcome as string,
      cost: BigInt(row.cost as string),
      costIs: row.cost_is as string,
    }))
  }

  /** The ids of requests that were recorded as completed, as often as they were. */
  async completedRequests(): Promise<readonly string[]> {
    const { rows } = await this.#client.query<{ request_id: string }>(
      "select request_id from ledger_requests where outcome = 'completed'",
    )
    return rows.map(row => row.request_id)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async end(): Promise<void> {
    await this.stop()
    await this.#client.end()
  }

  async #watch(): Promise<void> {
    while (!this.#stopped) {
      const { settled, reserved, charged } = await this.standing()
      // what is negative would hide what is too much
      const spoken = settled + positive(reserved) + positive(charged)
      if (spoken > this.highest) this.highest = spoken
      if (!this.sawExpired) this.sawExpired = (await this.slabs('expired')) > 0
      this.looks++
      await pause(10)
    }
  }
}

function positive(amount: bigint): bigint {
  return amount > 0n ? amount : 0n
}
