import type { SeededRandom } from './seeded-random.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { Trace } from './trace.ts'

/** Something outside that comes to an end, and that somebody hears of. */
export interface Completion {
  /** What it is, without numbers: `timer`, `ledger: reply`. */
  readonly kind: string
  /** Heard by this process alone: later while it is stopped, never once it is dead. */
  readonly to?: SimulatedProcess
  /** On its way from this process: it may be lost when that dies. */
  readonly from?: SimulatedProcess
  readonly detail?: (() => string) | undefined
  readonly run: () => void
}

interface Timed extends Completion {
  readonly due: number
}

export interface WorldOptions {
  readonly random: SeededRandom
  readonly trace: Trace
  /** Milliseconds since 1970 at the beginning. */
  readonly startsAt: number
  /** How likely what has no time of its own comes before the next timer, from 0 to 1. */
  readonly haste: number
  /** Milliseconds after which it comes before any timer. */
  readonly patienceMs: number
  /** How likely a port answers at once, from 0 to 1. */
  readonly promptness: number
}

// taken before anybody forbids or fakes it
const nextTurn = setImmediate

/**
 * Everything outside of the code under test. Between two completions all microtasks run, in their order; which
 * completion comes next is the seed's choice, equal timers included. Time passes only from timer to timer.
 */
export class World {
  readonly random: SeededRandom
  readonly trace: Trace
  readonly problems: string[] = []
  /** Told before each completion runs. */
  onCompletion: ((completion: Completion) => void) | undefined
  #now = 0
  #stopped = false
  readonly #options: WorldOptions
  readonly #timed = new Set<Timed>()
  readonly #ready: Timed[] = []

  constructor(options: WorldOptions) {
    this.#options = options
    this.random = options.random
    this.trace = options.trace
  }

  /** Milliseconds since the beginning. */
  get now(): number {
    return this.#now
  }

  /** Milliseconds since 1970. */
  get wall(): number {
    return this.#options.startsAt + this.#now
  }

  problem(text: string): void {
    this.problems.push(text)
    this.trace.add('PROBLEM', () => text)
  }

  /** Comes after `ms` milliseconds, or later; never earlier. */
  timer(ms: number, completion: Completion): { cancel(): void } {
    const timed: Timed = { ...completion, due: this.#now + Math.max(0, ms) }
    this.#timed.add(timed)
    return { cancel: () => void this.#timed.delete(timed) }
  }

  /** Comes at some time. */
  later(completion: Completion): void {
    this.#ready.push({ ...completion, due: this.#now + this.#options.patienceMs })
  }

  /** Comes at once, before this returns, or at some time. */
  soon(completion: Completion): void {
    if (this.random.chance(this.#options.promptness) && completion.to?.state !== 'stopped') this.#happen(completion)
    else this.later(completion)
  }

  /** What a dead process had set and was to hear is gone; of what it had sent some is lost. */
  bury(process: SimulatedProcess): void {
    for (const timed of this.#timed) if (timed.to === process) this.#timed.delete(timed)
    for (let at = this.#ready.length - 1; at >= 0; at--) {
      const { to, from } = this.#ready[at] as Completion
      if (to === process || (from === process && this.random.chance(0.5))) this.#ready.splice(at, 1)
    }
  }

  /** Timers that a process has set and that have not come. */
  timersOf(process: SimulatedProcess): number {
    let count = 0
    for (const { to, kind } of this.#timed) if (to === process && kind === 'timer') count++
    return count
  }

  /** Lets everything happen that can, up to `limit` completions. Nothing happens after a problem. */
  async run(limit: number): Promise<void> {
    await microtasks()
    for (let happened = 0; this.problems.length === 0 && !this.#stopped; happened++) {
      const next = this.#choose()
      if (next === undefined) return
      if (happened === limit) {
        this.problem(`no end: after ${limit} completions something still happens`)
        return
      }
      this.#happen(next)
      await microtasks()
    }
  }

  #happen(completion: Completion): void {
    if (completion.to?.state === 'dead') return
    this.onCompletion?.(completion)
    this.trace.add(completion.to === undefined ? completion.kind : `${completion.to.name} ${completion.kind}`, () =>
      `${completion.detail?.() ?? ''} @${this.#now}`.trimStart(),
    )
    completion.run()
  }

  #choose(): Completion | undefined {
    const { random } = this
    const timed = this.#nextTimed()
    const ready = this.#hearable()
    if (timed === undefined && ready.length === 0) return undefined
    const overdue = ready.some(at => (this.#ready[at] as Timed).due < (timed?.due ?? 0))
    if (ready.length > 0 && (timed === undefined || overdue || random.chance(this.#options.haste))) {
      const at = random.pick(ready)
      const completion = this.#ready[at] as Timed
      this.#ready[at] = this.#ready.at(-1) as Timed
      this.#ready.pop()
      return completion
    }
    const next = timed as Timed
    this.#timed.delete(next)
    this.#now = Math.max(this.#now, next.due)
    return next
  }

  #hearable(): number[] {
    const found: number[] = []
    for (let at = 0; at < this.#ready.length; at++) if (this.#ready[at]?.to?.state !== 'stopped') found.push(at)
    return found
  }

  /** The next timer; of equal ones any. */
  #nextTimed(): Timed | undefined {
    let first: Timed | undefined
    let equal = 0
    for (const timed of this.#timed) {
      if (timed.to?.state === 'stopped') continue
      if (first === undefined || timed.due < first.due) {
        first = timed
        equal = 1
      } else if (timed.due === first.due && this.random.chance(1 / ++equal)) first = timed
    }
    return first
  }
}

function microtasks(): Promise<void> {
  return new Promise(resolve => nextTurn(resolve))
}
