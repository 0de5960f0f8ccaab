import { RequestRefusal } from '../error-wording.ts'
import { jsonReply } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import type { GeminiAccount } from './gemini-account.ts'
import { signs } from './gemini-models.ts'
import { InvalidArgument } from './refusal.ts'

const usualPage = 50
const longestPage = 1_000

/** The models page by page, and each of them. */
export function modelEndpoints(account: GeminiAccount): readonly Endpoint[] {
  const list = ({ query }: ReceivedRequest) => {
    const start = placeOf(query.get('pageToken'))
    const size = Math.min(pageSize(query.get('pageSize')), longestPage)
    const models = account.models.all.slice(start, start + size).map(model => entry(model, account.marked))
    const more = start + size < account.models.all.length
    return jsonReply({ ...(models.length > 0 && { models }), ...(more && { nextPageToken: tokenOf(start + size) }) })
  }
  const one = (_: ReceivedRequest, path: RegExpExecArray) => {
    const name = decodeURIComponent(path[2] as string)
    const found = account.models.all.find(({ id }) => id === name)
    if (found !== undefined) return jsonReply(entry(found, account.marked))
    const message = `Model is not found: models/${name} for api version ${path[1]}`
    throw new RequestRefusal({ status: 404, type: 'NOT_FOUND', message })
  }
  return [
    { method: 'GET', path: /^\/(v1|v1beta)\/models$/, answer: list },
    { method: 'GET', path: /^\/(v1|v1beta)\/models\/([^/:]+)$/, answer: one },
  ]
}

function pageSize(asked: string | null): number {
  const size = Number(asked ?? usualPage)
  if (Number.isInteger(size) && size >= 0) return size === 0 ? usualPage : size
  throw new InvalidArgument(`Invalid value at 'page_size' (TYPE_INT32), ${JSON.stringify(asked)}`, 'page_size')
}

function tokenOf(place: number): string {
  return Buffer.from(`place ${place}`).toString('base64')
}

function placeOf(token: string | null): number {
  if (token === null || token === '') return 0
  const place = /^place (\d+)$/.exec(Buffer.from(token, 'base64').toString())?.[1]
  if (place !== undefined) return Number(place)
  throw new InvalidArgument('The page token is invalid.', 'page_token')
}

function entry(model: SimulatedModel, marked: boolean): object {
  const { id, contextWindow = 1_048_576, maxOutputTokens = 65_536, dimensions } = model
  return {
    name: `models/${id}`,
    version: '001',
    displayName: id,
    inputTokenLimit: contextWindow,
    outputTokenLimit: dimensions === undefined ? maxOutputTokens : 1,
    supportedGenerationMethods: dimensions === undefined ? ['generateContent', 'countTokens'] : ['embedContent'],
    ...(dimensions === undefined && { temperature: 1, topP: 0.95, topK: 64, maxTemperature: 2 }),
    ...(signs(model) && { thinking: true }),
    ...(marked && { simulated: true }),
  }
}
