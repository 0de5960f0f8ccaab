import { type ModelInfo, SwitchyardError } from '@switchyard/core/contract'
import { isObject } from '@switchyard/dialects/building-blocks'

/** The list of models. @throws {SwitchyardError} `protocol` for what is none. */
export function decodeModels(body: unknown): readonly ModelInfo[] {
  if (!isObject(body) || !Array.isArray(body.models)) {
    throw new SwitchyardError('protocol', 'The list of models has no `models`.')
  }
  return body.models.flatMap((wire: unknown) => {
    if (!isObject(wire) || typeof wire.name !== 'string') return []
    const window = wire.context_window
    return [{ id: wire.name, ...(typeof window === 'number' && { contextWindow: window }) }]
  })
}
