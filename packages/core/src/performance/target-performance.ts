import type { MessageRequest } from '../contract/request.ts'
import type { Forgetting } from './fading.ts'
import type { PerformanceRecord } from './performance-record.ts'
import type { LearnedLimits } from './performance-view.ts'
import { requestClass } from './request-class.ts'
import { RequestWaits, type WaitsSnapshot } from './request-waits.ts'
import { Tally, type TallySnapshot } from './tally.ts'

const mostTasks = 8
const mostClasses = 16

export interface TargetSnapshot {
  readonly target: string
  readonly all: TallySnapshot
  readonly tasks: Readonly<Record<string, TallySnapshot>>
  readonly waits: Readonly<Record<string, WaitsSnapshot>>
}

/** Everything that is kept of one target. */
export class TargetPerformance {
  readonly target: string
  readonly all: Tally
  readonly #forgetting: Forgetting
  readonly #tasks = new Map<string, Tally>()
  readonly #waits = new Map<string, RequestWaits>()
  inFlight = 0

  constructor(target: string, forgetting: Forgetting) {
    this.target = target
    this.#forgetting = forgetting
    this.all = new Tally(forgetting)
  }

  knownTask(task: string): Tally | undefined {
    return this.#tasks.get(task)
  }

  /** Made where it is new; the longest unseen makes room for it. */
  task(task: string): Tally {
    let tally = this.#tasks.get(task)
    if (tally === undefined) {
      if (this.#tasks.size >= mostTasks) this.#tasks.delete(longestUnseen(this.#tasks))
      tally = new Tally(this.#forgetting)
      this.#tasks.set(task, tally)
    }
    return tally
  }

  waits(request: MessageRequest, at: number): RequestWaits {
    const waits = this.#waitsOf(requestClass(request))
    waits.lastSeenAt = at
    return waits
  }

  limits(request: MessageRequest, now: number): LearnedLimits | undefined {
    return this.#waits.size === 0 ? undefined : this.#waits.get(requestClass(request))?.limits(now)
  }

  *records(now: number): Generator<PerformanceRecord, undefined> {
    const { target, inFlight } = this
    const limits: Record<string, LearnedLimits> = {}
    for (const [requests, waits] of this.#waits) {
      const learned = waits.limits(now)
      if (learned !== undefined) limits[requests] = learned
    }
    const all = this.all.record(target, inFlight, now)
    yield Object.keys(limits).length === 0 ? all : { ...all, limits }
    for (const [task, tally] of this.#tasks) yield tally.record(target, inFlight, now, task)
    return undefined
  }

  snapshot(now: number): TargetSnapshot {
    const tasks = [...this.#tasks].map(([task, tally]) => [task, tally.snapshot(now)] as const)
    const waits = [...this.#waits].map(([requests, known]) => [requests, known.snapshot(now)] as const)
    return {
      target: this.target,
      all: this.all.snapshot(now),
      tasks: Object.fromEntries(tasks),
      waits: Object.fromEntries(waits),
    }
  }

  restore({ all, tasks, waits }: TargetSnapshot, agedMs: number, now: number): void {
    const worth = 2 ** (-agedMs / this.#forgetting.halfLifeMs)
    this.all.restore(all, worth, now)
    for (const task in tasks) this.task(task).restore(tasks[task] as TallySnapshot, worth, now)
    for (const requests in waits) this.#waitsOf(requests).restore(waits[requests] as WaitsSnapshot, agedMs, now)
  }

  #waitsOf(requests: string): RequestWaits {
    let waits = this.#waits.get(requests)
    if (waits === undefined) {
      if (this.#waits.size >= mostClasses) this.#waits.delete(longestUnseen(this.#waits))
      waits = new RequestWaits()
      this.#waits.set(requests, waits)
    }
    return waits
  }
}

function longestUnseen(kept: ReadonlyMap<string, { readonly lastSeenAt: number }>): string {
  let oldest = ''
  let at = Number.POSITIVE_INFINITY
  for (const [name, { lastSeenAt }] of kept) {
    if (lastSeenAt < at) {
      oldest = name
      at = lastSeenAt
    }
  }
  return oldest
}
