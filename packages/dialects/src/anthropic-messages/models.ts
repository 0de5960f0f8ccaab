import { type JsonObject, type ModelCapabilities, type ModelInfo, SwitchyardError } from '@switchyard/core/contract'
import { isObject } from '../json.ts'

/** One page of `GET /v1/models`. @throws {SwitchyardError} `protocol`. */
export function decodeModels(body: unknown): ModelInfo[] {
  if (!isObject(body) || !Array.isArray(body.data))
    throw new SwitchyardError('protocol', 'The list of models is not a list.')
  return body.data
    .filter(isObject)
    .flatMap(entry => (typeof entry.id === 'string' ? [decodeModel(entry.id, entry)] : []))
}

/** The id after which the next page begins; `undefined` for the last page. */
export function nextModelsPage(body: unknown): string | undefined {
  if (!isObject(body) || body.has_more !== true || typeof body.last_id !== 'string') return undefined
  return body.last_id
}

function decodeModel(id: string, entry: JsonObject): ModelInfo {
  const created = Date.parse(String(entry.created_at))
  const contextWindow = count(entry.max_input_tokens)
  const maxOutputTokens = count(entry.max_tokens)
  const capabilities = isObject(entry.capabilities) ? decodeCapabilities(entry.capabilities) : undefined
  return {
    id,
    ...(typeof entry.display_name === 'string' && { displayName: entry.display_name }),
    ...(!Number.isNaN(created) && { created: created / 1000 }),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(typeof entry.retires_at === 'string' && { retiresAt: entry.retires_at.slice(0, 10) }),
    ...(capabilities && { capabilities }),
  }
}

const told = [
  ['images', 'image_input'],
  ['documents', 'pdf_input'],
  ['jsonSchema', 'structured_outputs'],
  ['reasoning', 'thinking'],
] as const satisfies readonly (readonly [keyof ModelCapabilities, string])[]

function decodeCapabilities(wire: JsonObject): Partial<ModelCapabilities> {
  const found: { -readonly [Key in keyof ModelCapabilities]?: ModelCapabilities[Key] } = {}
  for (const [capability, field] of told) {
    const support = wire[field]
    if (isObject(support) && typeof support.supported === 'boolean') found[capability] = support.supported
  }
  return found
}

/** All models as one page. */
export function encodeModels(models: readonly ModelInfo[]): JsonObject {
  return {
    data: models.map(encodeModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  }
}

function encodeModel(model: ModelInfo): JsonObject {
  return {
    type: 'model',
    id: model.id,
    display_name: model.displayName ?? model.id,
    created_at: new Date((model.created ?? 0) * 1000).toISOString().replace('.000Z', 'Z'),
    lifecycle: model.retiresAt === undefined ? 'active' : 'deprecated',
    deprecated_at: null,
    retires_at: model.retiresAt === undefined ? null : `${model.retiresAt.slice(0, 10)}T00:00:00Z`,
    line: null,
    max_input_tokens: model.contextWindow ?? null,
    max_tokens: model.maxOutputTokens ?? null,
    // what the wire wants to be told whole or not at all
    capabilities: null,
  }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}
