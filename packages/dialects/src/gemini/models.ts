import { type JsonObject, type ModelInfo, SwitchyardError } from '@switchyard/core/contract'
import { isObject } from '../json.ts'
import { modelName, modelResource } from './model-resource.ts'

/** One page of `GET /models`. @throws {SwitchyardError} `protocol` where it is none. */
export function decodeModels(body: unknown): ModelInfo[] {
  // the last page may hold none, and then leaves the list out
  const empty = isObject(body) && Object.keys(body).length === 0
  const list = isObject(body) && !empty ? body.models : empty ? [] : undefined
  if (!Array.isArray(list)) throw new SwitchyardError('protocol', 'The list of models is not a list.')
  return list
    .filter(isObject)
    .flatMap(entry => (typeof entry.name === 'string' ? [decodeModel(entry.name, entry)] : []))
}

/** What asks for the page after this one, where there is one. */
export function nextPageToken(body: unknown): string | undefined {
  const token = isObject(body) ? body.nextPageToken : undefined
  return typeof token === 'string' && token !== '' ? token : undefined
}

function decodeModel(resource: string, entry: JsonObject): ModelInfo {
  const contextWindow = count(entry.inputTokenLimit)
  const maxOutputTokens = count(entry.outputTokenLimit)
  const methods = Array.isArray(entry.supportedGenerationMethods) ? entry.supportedGenerationMethods : undefined
  const capabilities = {
    ...(methods && { streaming: methods.includes('generateContent') || methods.includes('streamGenerateContent') }),
    ...(typeof entry.thinking === 'boolean' && { reasoning: entry.thinking }),
  }
  return {
    id: modelName(resource),
    ...(typeof entry.displayName === 'string' && { displayName: entry.displayName }),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(Object.keys(capabilities).length > 0 && { capabilities }),
  }
}

export function encodeModels(models: readonly ModelInfo[]): JsonObject {
  return {
    models: models.map(({ id, displayName, contextWindow, maxOutputTokens, capabilities }) => ({
      name: modelResource(id),
      ...(displayName !== undefined && { displayName }),
      ...(contextWindow !== undefined && { inputTokenLimit: contextWindow }),
      ...(maxOutputTokens !== undefined && { outputTokenLimit: maxOutputTokens }),
      ...(typeof capabilities?.streaming === 'boolean' && {
        supportedGenerationMethods: capabilities.streaming ? ['generateContent', 'countTokens'] : ['embedContent'],
      }),
      ...(typeof capabilities?.reasoning === 'boolean' && { thinking: capabilities.reasoning }),
    })),
  }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}
