import { chatEndpoint } from '../openai-chat/chat-endpoint.ts'
import { now } from '../request-log.ts'
import type { SimulatedApi, SimulatedApiOptions } from '../simulated-api.ts'
import { embeddingsEndpoint } from './embeddings.ts'
import { errorBody, errorOfIntake, errorOfKind, errorOfStatus, keyRefusal } from './error-wording.ts'
import { modelEndpoints } from './model-endpoints.ts'
import { OpenAIAccount } from './openai-account.ts'
import { simulatedModels } from './openai-models.ts'

/** OpenAI's chat completions, embeddings and models. */
export function openaiApi(options: SimulatedApiOptions): SimulatedApi {
  const account = new OpenAIAccount(options, simulatedModels)
  return {
    basePath: '/v1',
    models: account.models.roles,
    endpoints: [chatEndpoint(account), embeddingsEndpoint(account), ...modelEndpoints(account)],
    credential: ({ headers }) => /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1],
    credentialHeaders: ['authorization'],
    keyRefusal,
    errorOfStatus,
    errorOfKind,
    errorOfIntake,
    errorBody,
    headers: request => ({
      'x-request-id': request.id,
      'openai-processing-ms': String(Math.round(now() - request.receivedAt)),
      'openai-version': '2020-10-01',
      'openai-organization': 'org-sim',
      ...account.limitHeaders(),
    }),
  }
}
