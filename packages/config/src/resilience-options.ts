import type { ChainOptions, ChainTarget, HedgePolicy, RequestDefaults } from '@switchyard/core'
import { hedging } from '@switchyard/core/routing'
import type { TargetSection } from './chain-lists.ts'
import type { Config } from './schema.ts'

type Resilience = NonNullable<Config['defaults']>
/** What `createChain` takes of a configuration's settings. */
export type ResilienceOptions = Required<Pick<ChainOptions, 'retry' | 'timeouts' | 'circuitBreaker'>> &
  Pick<ChainOptions, 'midStream' | 'holdBack' | 'hedge'>

/** A chain's settings over the defaults, in the engine's words. */
export function resilienceOptions(defaults: Resilience = {}, own: Resilience = {}): ResilienceOptions {
  const midStream = own.midStream ?? defaults.midStream
  // a chain that sets one says all of it: the wait and the percentile exclude each other
  const hedge = own.hedge ?? defaults.hedge
  return {
    retry: inMilliseconds({ ...defaults.retry, ...own.retry }),
    timeouts: inMilliseconds({ ...defaults.timeouts, ...own.timeouts }),
    circuitBreaker: inMilliseconds({ ...defaults.circuitBreaker, ...own.circuitBreaker }),
    ...(midStream !== undefined && { midStream }),
    ...holdBackOptions({ ...defaults.holdBack, ...own.holdBack }),
    ...(hedge && { hedge: hedgePolicy(hedge) }),
  }
}

// a call that was shown cannot be made again, and nobody acts upon half of one: it is held back unless somebody minds
function holdBackOptions({ text, toolCalls }: NonNullable<Resilience['holdBack']>): Pick<ChainOptions, 'holdBack'> {
  const nothing = !text && toolCalls === 0
  return nothing ? {} : { holdBack: compact({ textMs: text, toolCallMs: toolCalls }) }
}

function hedgePolicy({ after, ...rest }: Exclude<NonNullable<Resilience['hedge']>, false>): HedgePolicy {
  return hedging(compact({ afterMs: after, ...rest }))
}

/** One target's own settings, and what its provider adds to requests that say nothing. */
export function targetOptions(
  target: TargetSection,
  provider: { readonly maxTokens?: number | undefined; readonly temperature?: number | undefined },
): Pick<ChainTarget, 'retry' | 'timeouts' | 'defaults' | 'weight' | 'when'> {
  const { connect, headers, firstToken, idle, attempts } = target
  const defaults: RequestDefaults = compact({
    maxOutputTokens: target.maxTokens ?? provider.maxTokens,
    temperature: target.temperature ?? provider.temperature,
  })
  return {
    timeouts: inMilliseconds({ connect, headers, firstToken, idle }),
    retry: compact({ attempts }),
    ...(Object.keys(defaults).length > 0 && { defaults }),
    ...choiceOptions(target),
  }
}

/** Which requests a target gets, which a chain in its place is told too. */
export function choiceOptions({ weight, when }: TargetSection): Pick<ChainTarget, 'weight' | 'when'> {
  return { ...(weight !== undefined && { weight }), ...(when && { when: compact(when) }) }
}

const durations = new Set([
  ...['baseDelay', 'maxDelay', 'maxRetryAfter'],
  ...['connect', 'headers', 'firstToken', 'idle', 'total', 'consumerIdle'],
  ...['window', 'slowCall', 'openFor', 'maxOpenFor', 'probeLease'],
])

type InMilliseconds<Settings> = {
  [Key in keyof Settings as Key extends Durations ? `${Key}Ms` : Key]: Exclude<Settings[Key], undefined>
}
type Durations =
  | keyof Omit<NonNullable<Resilience['retry']>, 'attempts'>
  | keyof Omit<NonNullable<Resilience['timeouts']>, 'minThroughput'>
  | 'window'
  | 'slowCall'
  | 'openFor'
  | 'maxOpenFor'
  | 'probeLease'

// the file says `idle: 15s`, the engine `idleMs: 15_000`
function inMilliseconds<Settings extends object>(settings: Settings): InMilliseconds<Settings> {
  const renamed = Object.entries(settings).map(([key, value]) => [durations.has(key) ? `${key}Ms` : key, value])
  return compact(Object.fromEntries(renamed)) as InMilliseconds<Settings>
}

function compact<Fields extends object>(fields: Fields): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
