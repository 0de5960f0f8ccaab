import type { ChainOptions, ChainTarget, RequestDefaults } from '@switchyard/core'
import type { ChainConfig, Config, TargetConfig } from './schema.ts'

type Resilience = NonNullable<Config['defaults']>
/** What `createChain` takes of a configuration's settings. */
export type ResilienceOptions = Required<Pick<ChainOptions, 'retry' | 'timeouts' | 'circuitBreaker'>>

/** A chain's settings over the defaults, in the engine's words. */
export function resilienceOptions(defaults: Resilience = {}, own: Resilience = {}): ResilienceOptions {
  return {
    retry: inMilliseconds({ ...defaults.retry, ...own.retry }),
    timeouts: inMilliseconds({ ...defaults.timeouts, ...own.timeouts }),
    circuitBreaker: inMilliseconds({ ...defaults.circuitBreaker, ...own.circuitBreaker }),
  }
}

/** One target's own settings, and what its provider adds to requests that say nothing. */
export function targetOptions(
  target: Exclude<TargetConfig, string>,
  provider: { readonly maxTokens?: number | undefined; readonly temperature?: number | undefined },
): Pick<ChainTarget, 'retry' | 'timeouts' | 'defaults'> {
  const { connect, headers, firstToken, idle, attempts } = target
  const defaults: RequestDefaults = compact({
    maxOutputTokens: target.maxTokens ?? provider.maxTokens,
    temperature: target.temperature ?? provider.temperature,
  })
  return {
    timeouts: inMilliseconds({ connect, headers, firstToken, idle }),
    retry: compact({ attempts }),
    ...(Object.keys(defaults).length > 0 && { defaults }),
  }
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
  | keyof NonNullable<Resilience['timeouts']>
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

/** A target as a section, whichever way it was written. */
export function targetSection(target: ChainConfig['targets'][number]): Exclude<TargetConfig, string> {
  return typeof target === 'string' ? { model: target } : target
}
