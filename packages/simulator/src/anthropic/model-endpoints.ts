import { RequestRefusal } from '../error-wording.ts'
import { jsonReply } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { type AnthropicAccount, versionOf } from './anthropic-account.ts'
import { InvalidRequest } from './refusal.ts'

/** The models page by page, and each of them. */
export function modelEndpoints(account: AnthropicAccount): readonly Endpoint[] {
  const list = (request: ReceivedRequest) => {
    versionOf(request)
    const page = pageOf(account.models.all, request.query)
    const data = page.models.map(model => entry(model, account.marked))
    const [first_id, last_id] = [page.models[0]?.id ?? null, page.models.at(-1)?.id ?? null]
    return jsonReply({ data, has_more: page.hasMore, first_id, last_id })
  }
  const one = (request: ReceivedRequest, path: RegExpExecArray) => {
    versionOf(request)
    const name = path[1] as string
    const found = account.models.all.find(({ id }) => id === name || encodeURIComponent(id) === name)
    if (found !== undefined) return jsonReply(entry(found, account.marked))
    throw new RequestRefusal({ status: 404, type: 'not_found_error', message: `model: ${name}` })
  }
  return [
    { method: 'GET', path: /^\/v1\/models$/, answer: list },
    { method: 'GET', path: /^\/v1\/models\/([^/]+)$/, answer: one },
  ]
}

function pageOf(models: readonly SimulatedModel[], query: URLSearchParams) {
  const limit = Number(query.get('limit') ?? 20)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) {
    throw new InvalidRequest('limit', 'Input should be a whole number from 1 to 1000')
  }
  const after = placeOf(models, query.get('after_id'))
  const before = placeOf(models, query.get('before_id'))
  if (before !== undefined) {
    const start = Math.max(0, before - limit)
    return { models: models.slice(start, before), hasMore: start > 0 }
  }
  const start = after === undefined ? 0 : after + 1
  return { models: models.slice(start, start + limit), hasMore: start + limit < models.length }
}

function placeOf(models: readonly SimulatedModel[], id: string | null): number | undefined {
  if (id === null) return undefined
  const place = models.findIndex(model => model.id === id)
  if (place < 0) throw new InvalidRequest('', `invalid cursor: ${id}`)
  return place
}

function entry(model: SimulatedModel, marked: boolean): object {
  return {
    type: 'model',
    id: model.id,
    display_name: model.id,
    created_at: '2026-09-01T00:00:00Z',
    lifecycle: 'active',
    deprecated_at: null,
    retires_at: null,
    line: null,
    max_input_tokens: model.contextWindow ?? 200_000,
    max_tokens: model.maxOutputTokens ?? 64_000,
    capabilities: null,
    ...(marked && { simulated: true }),
  }
}
