import { type JsonObject, type ModelInfo, SwitchyardError } from '@switchyard/core/contract'
import { isObject } from '../json.ts'
import { timeText } from './answer-start.ts'
import { capabilitiesOf, capabilityWords } from './model-capabilities.ts'

/** The models of `GET /api/tags`. @throws {SwitchyardError} `protocol`. */
export function decodeModels(body: unknown): ModelInfo[] {
  const list = isObject(body) ? body.models : undefined
  if (!Array.isArray(list)) throw new SwitchyardError('protocol', 'The list of models is not a list.')
  return list.filter(isObject).flatMap(entry => {
    const id = entry.model ?? entry.name
    if (typeof id !== 'string') return []
    const changed = typeof entry.modified_at === 'string' ? Date.parse(entry.modified_at) : Number.NaN
    const window = isObject(entry.details) ? entry.details.context_length : undefined
    return [
      {
        id,
        ...(!Number.isNaN(changed) && { created: Math.floor(changed / 1000) }),
        ...(typeof window === 'number' && window > 0 && { contextWindow: window }),
        ...(Array.isArray(entry.capabilities) && { capabilities: capabilitiesOf(entry.capabilities) }),
      },
    ]
  })
}

export function encodeModels(models: readonly ModelInfo[]): JsonObject {
  return {
    models: models.map(model => ({
      name: model.id,
      model: model.id,
      modified_at: timeText(model.created ?? 0),
      size: 0,
      digest: '',
      details: encodeDetails(model),
      ...(model.capabilities && { capabilities: capabilityWords(model.capabilities) }),
    })),
  }
}

/** What `POST /api/show` says of a model beside what the list did. */
export function decodeModelDetails(body: unknown, model: ModelInfo): ModelInfo {
  if (!isObject(body)) return model
  const window = contextWindowOf(body.model_info)
  return {
    ...model,
    ...(window !== undefined && { contextWindow: window }),
    ...(Array.isArray(body.capabilities) && { capabilities: capabilitiesOf(body.capabilities) }),
  }
}

// the field is named for the model's architecture: `qwen3.context_length`
function contextWindowOf(info: unknown): number | undefined {
  if (!isObject(info)) return undefined
  const window =
    info[`${info['general.architecture']}.context_length`] ??
    Object.entries(info).find(([field]) => field.endsWith('.context_length'))?.[1]
  return typeof window === 'number' && window > 0 ? window : undefined
}

export function encodeModelDetails(model: ModelInfo): JsonObject {
  return {
    details: encodeDetails(model),
    model_info: {
      'general.architecture': 'switchyard',
      ...(model.contextWindow !== undefined && { 'switchyard.context_length': model.contextWindow }),
    },
    ...(model.capabilities && { capabilities: capabilityWords(model.capabilities) }),
    modified_at: timeText(model.created ?? 0),
  }
}

function encodeDetails({ contextWindow }: ModelInfo): JsonObject {
  return {
    parent_model: '',
    format: '',
    family: '',
    families: [],
    parameter_size: '',
    quantization_level: '',
    ...(contextWindow !== undefined && { context_length: contextWindow }),
  }
}
