import {
  type AdmissionPermit,
  type AdmissionStep,
  type AttemptInfo,
  type AttemptOutcome,
  SwitchyardError,
} from '@switchyard/core'
import type { SimulatedProcess } from '../world/simulated-process.ts'
import type { World } from '../world/world.ts'
import type { GatePlan } from './engine-plan.ts'
import type { VendorCall } from './vendor-call.ts'

/** What the gate knows of one attempt that it has let through. */
export interface GatePass {
  readonly info: AttemptInfo
  readonly process: SimulatedProcess
  /** The call that was made with it. */
  call: VendorCall | undefined
  outcome: AttemptOutcome | undefined
  /** It was asked for beside another one. */
  isHedge: boolean
  /** What it came to is kept. */
  isKept: boolean
  /** What it came to can't be kept, and that was told. */
  isLost: boolean
}

export interface GateOptions {
  readonly plan: GatePlan
  /** Told of each settlement, before it is kept. */
  readonly onSettled: (pass: GatePass, outcome: AttemptOutcome) => void
  /** Told when something happened to an attempt: `gate: refuses`. */
  readonly onEvent: (requestId: string, event: string) => void
}

/** The step before all others: it takes its time, refuses and fails as the seed wants, and keeps every pass in mind. */
export class Gate {
  readonly passes: GatePass[] = []
  /** Requests that wait for it, and how often. */
  readonly admitting = new Map<string, number>()
  readonly settling = new Map<string, number>()
  /** Nothing goes wrong any more. */
  isWell = false
  readonly #world: World
  readonly #options: GateOptions

  constructor(world: World, options: GateOptions) {
    this.#world = world
    this.#options = options
  }

  /** Somebody waits for it. */
  get isBusy(): boolean {
    return [...this.admitting.values(), ...this.settling.values()].some(count => count > 0)
  }

  /** As one process has it. */
  step(process: SimulatedProcess): AdmissionStep {
    return { admit: info => this.#admit(process, info) }
  }

  /** The newest pass that a call can have been made with: one that is not settled, and has none yet. */
  passFor({ requestId, target }: VendorCall): GatePass | undefined {
    return this.passes.findLast(
      ({ info, outcome, call }) =>
        info.requestId === requestId && info.target === target && !info.nested && outcome === undefined && !call,
    )
  }

  #admit(process: SimulatedProcess, info: AttemptInfo): AdmissionPermit | Promise<AdmissionPermit> {
    const { random } = this.#world
    const { slow, refuses } = this.#options.plan
    const isRefused = !this.isWell && random.chance(refuses)
    const answer = (): AdmissionPermit => {
      this.#options.onEvent(info.requestId, isRefused ? 'gate: refuses' : 'gate: lets it through')
      if (isRefused) throw new SwitchyardError('rate-limit', 'Too much.', { retryAfterMs: 500 })
      return this.#pass(process, info)
    }
    if (this.isWell || !random.chance(slow)) return answer()
    return this.#slowly(process, info.requestId, this.admitting, 'gate: answers', answer)
  }

  #pass(process: SimulatedProcess, info: AttemptInfo): AdmissionPermit {
    const pass: GatePass = {
      info,
      process,
      call: undefined,
      outcome: undefined,
      isHedge: false,
      isKept: false,
      isLost: false,
    }
    this.passes.push(pass)
    return { settle: outcome => this.#settle(pass, outcome) }
  }

  #settle(pass: GatePass, outcome: AttemptOutcome): void | Promise<void> {
    const { random } = this.#world
    const { slow, fails } = this.#options.plan
    this.#options.onSettled(pass, outcome)
    pass.outcome = outcome
    const isLost = !this.isWell && random.chance(fails)
    const keep = (): void => {
      this.#options.onEvent(pass.info.requestId, isLost ? 'gate: can not keep it' : 'gate: keeps it')
      pass.isLost = isLost
      if (isLost) throw new SwitchyardError('unavailable', 'The gate is away.')
      pass.isKept = true
    }
    if (this.isWell || !random.chance(slow)) return keep()
    return this.#slowly(pass.process, pass.info.requestId, this.settling, 'gate: settles', keep)
  }

  #slowly<Value>(
    process: SimulatedProcess,
    requestId: string,
    waiting: Map<string, number>,
    kind: string,
    answer: () => Value,
  ): Promise<Value> {
    waiting.set(requestId, (waiting.get(requestId) ?? 0) + 1)
    return new Promise((resolve, reject) => {
      this.#world.later({
        kind,
        to: process,
        detail: () => requestId,
        run: () => {
          try {
            resolve(answer())
          } catch (error) {
            reject(error)
          }
          waiting.set(requestId, (waiting.get(requestId) ?? 0) - 1)
        },
      })
    })
  }
}
