import { RequestRefusal } from '../error-wording.ts'
import { chatEndpoint } from '../openai-chat/chat-endpoint.ts'
import { responsesEndpoints } from '../openai-responses/responses-endpoints.ts'
import type { Endpoint, SimulatedApi, SimulatedApiFactory, SimulatedApiOptions } from '../simulated-api.ts'
import { embeddingsEndpoint } from './embeddings.ts'
import { modelEndpoints } from './model-endpoints.ts'
import { OpenAIAccount } from './openai-account.ts'
import type { OpenAIFlavour } from './openai-flavour.ts'
import { openai } from './openai-itself.ts'
import { InvalidRequest } from './refusal.ts'

/** OpenAI's chat completions, Responses, embeddings and models. */
export const openaiApi: SimulatedApiFactory = options => openaiLikeApi(openai, options)

/** The api of a provider that speaks OpenAI's dialect in its own way. */
export function openaiLikeApi(flavour: OpenAIFlavour, options: SimulatedApiOptions): SimulatedApi {
  const account = new OpenAIAccount(options, flavour)
  const { basePath, keyRefusal, errorOfStatus, errorOfKind, errorOfIntake, errorBody } = flavour
  const vectors = flavour.embeddings ? [embeddingsEndpoint(account)] : []
  const responses = flavour.responses ? responsesEndpoints(account) : []
  const endpoints = [chatEndpoint(account), ...responses, ...vectors, ...modelEndpoints(account)]
  return {
    basePath,
    models: account.models.roles,
    endpoints: endpoints.map(endpoint => inOwnWords(endpoint, flavour)),
    credential: ({ headers }) => /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1],
    credentialHeaders: ['authorization'],
    keyRefusal,
    errorOfStatus,
    errorOfKind,
    errorOfIntake,
    errorBody,
    headers: request => ({ ...flavour.headers(request), ...flavour.limitHeaders(account.limits) }),
  }
}

function inOwnWords(endpoint: Endpoint, { reworded }: OpenAIFlavour): Endpoint {
  if (reworded === undefined) return endpoint
  const answer: Endpoint['answer'] = async (request, path) => {
    try {
      return await endpoint.answer(request, path)
    } catch (error) {
      throw error instanceof InvalidRequest ? new RequestRefusal(reworded(error.error)) : error
    }
  }
  return { ...endpoint, answer }
}
