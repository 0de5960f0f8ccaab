import { type JsonObject, type ModelInfo, SwitchyardError } from '@switchyard/core/contract'
import { isObject } from '../json.ts'

/** The models of `GET /models`, in the shapes that OpenAI and its imitators give. @throws `protocol`. */
export function decodeModels(body: unknown): ModelInfo[] {
  const list = Array.isArray(body) ? body : isObject(body) ? (body.data ?? body.models) : undefined
  if (!Array.isArray(list)) throw new SwitchyardError('protocol', 'The list of models is not a list.')
  return list.filter(isObject).flatMap(entry => {
    const id = entry.id ?? entry.name
    return typeof id === 'string' ? [decodeModel(id, entry)] : []
  })
}

function decodeModel(id: string, entry: JsonObject): ModelInfo {
  const contextWindow = count(entry.context_window ?? entry.context_length ?? entry.max_model_len)
  const maxOutputTokens = count(entry.max_completion_tokens ?? entry.max_output_tokens)
  const displayName = entry.display_name ?? (entry.id === undefined ? undefined : entry.name)
  return {
    id,
    ...(typeof displayName === 'string' && { displayName }),
    ...(typeof entry.created === 'number' && { created: entry.created }),
    ...(typeof entry.owned_by === 'string' && { ownedBy: entry.owned_by }),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(typeof entry.shutdown_date === 'string' && { retiresAt: entry.shutdown_date }),
  }
}

export function encodeModels(models: readonly ModelInfo[]): JsonObject {
  return {
    object: 'list',
    data: models.map(model => ({
      id: model.id,
      object: 'model',
      created: model.created ?? 0,
      owned_by: model.ownedBy ?? 'switchyard',
      ...(model.displayName !== undefined && { display_name: model.displayName }),
      ...(model.contextWindow !== undefined && { context_window: model.contextWindow }),
      ...(model.maxOutputTokens !== undefined && { max_completion_tokens: model.maxOutputTokens }),
      ...(model.retiresAt !== undefined && { shutdown_date: model.retiresAt }),
    })),
  }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}
