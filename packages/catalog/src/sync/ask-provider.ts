import { abortedError, type Clock, type IAIProvider, type ModelInfo, SwitchyardError } from '@switchyard/core'
import { modelInfo } from './model-lists.ts'

/** Whoever tells its models: a provider. */
export type ModelSource = Pick<IAIProvider, 'id' | 'getModels'>

/**
 * A provider's models, within a time. An abort and the time's end are heard at once, whether the provider obeys or not.
 *
 * @throws {SwitchyardError} `aborted`, `timeout`, `protocol` where it gives no list, or what the provider throws.
 */
export async function askProvider(
  provider: ModelSource,
  clock: Clock,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly ModelInfo[]> {
  if (signal.aborted) throw abortedError(signal.reason)
  const own = new AbortController()
  let stop: (() => void) | undefined
  const ended = new Promise<never>((_, reject) => {
    const end = (error: SwitchyardError) => {
      reject(error)
      own.abort(error)
    }
    const aborted = () => end(abortedError(signal.reason))
    signal.addEventListener('abort', aborted, { once: true })
    const timer = clock.timer(timeoutMs, () => {
      const message = `Provider "${provider.id}" did not tell its models within ${timeoutMs} ms.`
      end(new SwitchyardError('timeout', message, { provider: provider.id, phase: 'total' }))
    })
    stop = () => {
      timer.cancel()
      signal.removeEventListener('abort', aborted)
    }
  })
  try {
    const models: unknown = await Promise.race([provider.getModels({ signal: own.signal }), ended])
    if (Array.isArray(models)) return eachOnce(models.map(modelInfo).filter(model => model !== undefined))
    throw new SwitchyardError('protocol', `Provider "${provider.id}" gave no list of models.`, {
      provider: provider.id,
    })
  } finally {
    stop?.()
  }
}

function eachOnce(models: readonly ModelInfo[]): readonly ModelInfo[] {
  const seen = new Set<string>()
  return models.filter(({ id }) => seen.size < seen.add(id).size)
}
