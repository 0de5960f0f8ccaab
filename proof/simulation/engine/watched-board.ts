import {
  type AdmissionPermit,
  type AttemptInfo,
  type AttemptOutcome,
  BreakerBoard,
  type BreakerBoardOptions,
  type ErrorKind,
  type EventHub,
} from '@switchyard/core'
import { CircuitModel, type CircuitTerms, type ModelOutcome, type ModelPermit } from './circuit-model.ts'

export interface WatchedBoardOptions extends BreakerBoardOptions {
  readonly events: EventHub
  readonly terms: CircuitTerms
  /** Told what a circuit did that it must not. */
  readonly problem: (text: string) => void
}

type Watched = 'process' | 'account' | 'model'

/** Whose trouble a failure tells of, as the design says. */
const concerns: Partial<Record<ErrorKind, Watched>> = {
  timeout: 'model',
  'rate-limit': 'model',
  overloaded: 'model',
  unavailable: 'model',
  truncated: 'model',
  protocol: 'model',
  network: 'process',
  quota: 'account',
  authentication: 'account',
}

interface Guard {
  readonly watched: Watched
  readonly model: CircuitModel
}

/** The breakers of a process, each with an independent model at its side that judges what it lets through. */
export class WatchedBoard extends BreakerBoard {
  readonly #models = new Map<string, CircuitModel>()
  readonly #options: WatchedBoardOptions

  constructor(options: WatchedBoardOptions) {
    super(options)
    this.#options = options
    const { events } = options
    events.on('circuit-opened', ({ target, openForMs }) => this.#model(target).claim({ to: 'open', openForMs }))
    events.on('circuit-half-opened', ({ target }) =>
      this.#model(target).claim({ to: 'half-open', openForMs: undefined }),
    )
    events.on('circuit-closed', ({ target }) => this.#model(target).claim({ to: 'closed', openForMs: undefined }))
  }

  override target(...given: Parameters<BreakerBoard['target']>): ReturnType<BreakerBoard['target']> {
    const breaker = super.target(...given)
    const [provider, model] = given
    const guards: readonly Guard[] = [
      { watched: 'process', model: this.#model(`${provider} (network)`) },
      { watched: 'account', model: this.#model(provider) },
      { watched: 'model', model: this.#model(`${provider}/${model}`) },
    ]
    const admit = breaker.admit.bind(breaker)
    const admitEarly = breaker.admitEarly.bind(breaker)
    breaker.admit = (info: AttemptInfo, now: number) => this.#judged(guards, now, false, () => admit(info, now))
    breaker.admitEarly = (now: number) => this.#judged(guards, now, true, () => admitEarly(now))
    return breaker
  }

  #judged(
    guards: readonly Guard[],
    now: number,
    early: boolean,
    admit: () => AdmissionPermit | Promise<AdmissionPermit>,
  ): AdmissionPermit {
    let permit: AdmissionPermit
    try {
      permit = admit() as AdmissionPermit
    } catch (error) {
      this.#refused(guards, now, early)
      throw error
    }
    const given = guards.map(({ watched, model }) => ({ watched, model, permit: model.admitted(now, early) }))
    return {
      firstToken: at => {
        permit.firstToken?.(at)
        for (const { model, permit } of given) model.firstToken(permit)
      },
      settle: (outcome, at) => {
        permit.settle(outcome, at)
        for (const { watched, model, permit } of given) model.settled(permit, at, outcomeFor(watched, outcome))
      },
    }
  }

  /** Those before the one that refused had let it through, and were told that nothing was sent. */
  #refused(guards: readonly Guard[], now: number, early: boolean): void {
    const passed: { readonly model: CircuitModel; readonly permit: ModelPermit }[] = []
    for (const { model } of guards) {
      if (!model.wouldAdmit(now, early)) {
        for (const { model, permit } of passed) model.settled(permit, now, { type: 'ignored' })
        return
      }
      passed.push({ model, permit: model.admitted(now, early) })
    }
    const states = guards.map(({ model }) => model.state)
    this.#options.problem(`refused without reason: the circuits are ${states.join(', ')}`)
  }

  #model(key: string): CircuitModel {
    let model = this.#models.get(key)
    if (model === undefined) {
      model = new CircuitModel(this.#options.terms, text => this.#options.problem(`${text} (${key})`))
      this.#models.set(key, model)
    }
    return model
  }
}

function outcomeFor(watched: Watched, outcome: AttemptOutcome): ModelOutcome {
  if (outcome.type === 'completed') return { type: 'success' }
  if (outcome.type !== 'failed') return { type: 'ignored' }
  const { kind, phase, status, retryAfterMs } = outcome.error
  // who answers was reached
  if (watched === 'process' && status !== undefined) return { type: 'success' }
  const concerned = phase === 'connect' ? 'process' : phase === 'consumer-idle' ? undefined : concerns[kind]
  return concerned === watched ? { type: 'failure', retryAfterMs } : { type: 'ignored' }
}
