import { systemClock, systemRandom } from '../clock/system-clock.ts'
import { type ModelCapabilities, modelCapabilities } from '../contract/capabilities.ts'
import { SwitchyardError } from '../contract/errors.ts'
import type { IAIProvider } from '../contract/provider.ts'
import { BreakerBoard } from '../engine/breaker-board.ts'
import type { EnginePorts } from '../engine/ports.ts'
import { RetryBudget } from '../engine/retry-budget.ts'
import type { Leg } from '../engine/route.ts'
import type { Target } from '../engine/target.ts'
import type { Timeouts } from '../engine/timeouts.ts'
import { EventHub } from '../events/event-hub.ts'
import { parseMoney } from '../money/money.ts'
import type { TargetLists } from '../selection/planner.ts'
import type { Chain } from './chain.ts'
import { retryPolicy, timeouts } from './chain-limits.ts'
import type { ChainOptions, ChainTarget } from './chain-options.ts'

/** What the chain takes from outside, the machine's own where nothing is given. */
export function chainPorts(options: ChainOptions): EnginePorts {
  return {
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    events: options.events ?? new EventHub(),
    ...(options.performance && { performance: options.performance }),
  }
}

/** The chain's targets, ready for the engine. @throws {SwitchyardError} `invalid-request`, naming the place. */
export function chainTargets(options: ChainOptions, ports: EnginePorts): TargetLists {
  if (options.id === '' || options.id.includes('/')) {
    throw invalid(`A chain's name must not be empty or contain "/": "${options.id}".`, 'id')
  }
  if (options.targets.length === 0) throw invalid(`The chain "${options.id}" has no targets.`, 'targets')
  const breakers = options.breakers ?? new BreakerBoard(ports)
  const list = (name: keyof TargetLists): Leg | undefined => {
    const whose = name === 'targets' ? `the chain "${options.id}"` : `${name} of the chain "${options.id}"`
    const targets = options[name]?.map((target, at) => {
      const place = { name: `target ${at + 1} of ${whose}`, param: `${name}[${at}]` }
      return engineTarget(options, target, place, breakers)
    })
    return targets && { targets, passedOver: [] }
  }
  return {
    targets: list('targets') as Leg,
    onContextLength: list('onContextLength'),
    onContentFilter: list('onContentFilter'),
  }
}

/** The most attempts that one request over these targets may make, where answers that break are gone on with or not. */
export function attemptBound(targets: readonly Target[], goesOn: boolean): number {
  let bound = 0
  for (const target of targets) {
    const { provider, retry } = target
    bound += isChain(provider) ? provider.attemptBound : retry.attempts
    // who refuses to go on from a text is asked once more for all of it
    if (goesOn && takesPrefill(target)) bound++
  }
  return bound
}

function takesPrefill(target: Target): boolean {
  return target.model !== undefined && capabilitiesOf(target).prefill === true
}

/** What it can do as far as anybody can say. */
export function capabilitiesOf({ provider, model = provider.id }: Target): ModelCapabilities {
  try {
    return provider.getCapabilities(model)
  } catch {
    // why it cannot be asked is told when it is its turn
    return modelCapabilities({})
  }
}

interface Place {
  readonly name: string
  readonly param: string
}

function engineTarget(options: ChainOptions, target: ChainTarget, at: Place, breakers: BreakerBoard): Target {
  const { provider, model, defaults, when, weight = 1 } = target
  const place = at.name
  const nested = isChain(provider)
  if (nested && model !== undefined && model !== provider.id) {
    throw invalid(`T${place.slice(1)} is a chain, which takes no model.`, `${at.param}.model`)
  }
  if (!nested && (model === undefined || model === '')) {
    throw invalid(`T${place.slice(1)} names no model.`, `${at.param}.model`)
  }
  if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
    throw invalid(`The weight of ${place} must be a number from 0, not ${weight}.`, `${at.param}.weight`)
  }
  if (when?.maxCost !== undefined && (parseMoney(when.maxCost) === undefined || options.pricing === undefined)) {
    const cure = options.pricing === undefined ? 'needs the chain to have pricing' : 'is an amount such as "0.02 USD"'
    throw invalid(`The maxCost of ${place} ${cure}.`, `${at.param}.when.maxCost`)
  }
  const circuitBreaker = { ...options.circuitBreaker, ...target.circuitBreaker }
  const breaker = nested ? undefined : breakers.target(provider.id, model as string, circuitBreaker)
  // first, so that who waits for room is counted as on the way; a nested chain's own targets are seen there
  const watch = nested ? undefined : options.performance?.step
  const isUnset = (limit: 'firstTokenMs' | 'idleMs'): boolean =>
    !nested && target.timeouts?.[limit] === undefined && options.timeouts?.[limit] === undefined
  return {
    key: nested ? provider.id : `${provider.id}/${model}`,
    provider,
    model: nested ? undefined : model,
    retry: retryPolicy(place, options.retry, target.retry),
    timeouts: nested ? nestedTimeouts(place, target) : timeouts(place, options.timeouts, target.timeouts),
    firstTokenIsFixed: target.timeouts?.firstTokenMs !== undefined,
    learns: { firstTokenMs: isUnset('firstTokenMs'), idleMs: isUnset('idleMs') },
    defaults,
    retryBudget: nested ? new RetryBudget() : breakers.retryBudget(provider.id, model as string),
    breaker,
    steps: [
      ...(watch === undefined ? [] : [watch]),
      ...(options.steps ?? []),
      ...(breaker === undefined ? [] : [breaker]),
    ],
    weight,
    models: nested ? provider.models : [`${provider.id}/${model}`],
    when,
    retryAfterMs: now => (nested ? provider.retryAfterMs() : (breaker?.retryAfterMs(now) ?? 0)),
  }
}

// a nested chain has limits of its own; what is said for it here comes on top
function nestedTimeouts(place: string, target: ChainTarget): Timeouts {
  const silence = Number.POSITIVE_INFINITY
  return timeouts(place, { firstTokenMs: silence, idleMs: silence, minThroughput: 0 }, target.timeouts)
}

export function isChain(provider: IAIProvider): provider is Chain {
  return 'attemptBound' in provider && typeof provider.attemptBound === 'number'
}

function invalid(message: string, param: string): SwitchyardError {
  return new SwitchyardError('invalid-request', message, { param })
}
