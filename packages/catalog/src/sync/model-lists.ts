import { type Capability, capabilityNames, type ModelCapabilities, type ModelInfo } from '@switchyard/core'
import type { GoneModel } from '../provider-models.ts'

/** What one provider told, and when. */
export interface ModelList {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly models: readonly ModelInfo[]
  readonly gone: readonly GoneModel[]
}

/** The lists of all providers, by their ids. */
export type ModelLists = ReadonlyMap<string, ModelList>

/** A model of a list, with what is well-formed of it; `undefined` where it has no id. */
export function modelInfo(value: unknown): ModelInfo | undefined {
  if (!isObject(value) || typeof value.id !== 'string' || value.id === '') return undefined
  const { id, displayName, created, ownedBy, contextWindow, maxOutputTokens, retiresAt } = value
  const capabilities = capabilitiesOf(value.capabilities)
  return {
    id,
    ...(typeof displayName === 'string' && { displayName }),
    ...(isCount(created) && { created }),
    ...(typeof ownedBy === 'string' && { ownedBy }),
    ...(isCount(contextWindow) && { contextWindow }),
    ...(isCount(maxOutputTokens) && { maxOutputTokens }),
    ...(typeof retiresAt === 'string' && !Number.isNaN(Date.parse(retiresAt)) && { retiresAt }),
    ...(capabilities && { capabilities }),
  }
}

function capabilitiesOf(value: unknown): Partial<ModelCapabilities> | undefined {
  if (!isObject(value)) return undefined
  const known = capabilityNames.flatMap(name => (isCapability(value[name]) ? [[name, value[name]] as const] : []))
  return known.length === 0 ? undefined : Object.fromEntries(known)
}

/** The lists as text for a file. */
export function writeModelLists(lists: ModelLists): string {
  const providers = [...lists].map(([id, { at, ...list }]) => [id, { at: new Date(at).toISOString(), ...list }])
  return `${JSON.stringify({ version: 1, providers: Object.fromEntries(providers) }, null, 1)}\n`
}

/** The lists in a file's text. @throws {Error} saying what is wrong with it. */
export function readModelLists(text: string): ModelLists {
  const file: unknown = JSON.parse(text)
  if (!isObject(file) || file.version !== 1 || !isObject(file.providers)) {
    throw new Error('it is not a list of models of version 1')
  }
  return new Map(Object.entries(file.providers).map(([id, list]) => [id, listOf(id, list)]))
}

function listOf(provider: string, value: unknown): ModelList {
  const at = isObject(value) && typeof value.at === 'string' ? Date.parse(value.at) : Number.NaN
  if (!isObject(value) || Number.isNaN(at) || !Array.isArray(value.models) || !Array.isArray(value.gone)) {
    throw new Error(`the list of ${provider} has no time, no models or no gone models`)
  }
  const models = value.models.map(modelInfo)
  const gone = value.gone.filter((entry): entry is GoneModel => {
    return isObject(entry) && typeof entry.id === 'string' && isCount(entry.since)
  })
  if (models.includes(undefined) || gone.length < value.gone.length) {
    throw new Error(`the list of ${provider} holds what is no model`)
  }
  return { at, models: models.filter(model => model !== undefined), gone }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

function isCapability(value: unknown): value is Capability {
  return typeof value === 'boolean' || value === 'unknown'
}
