import type { SimulatedApi, SimulatedApiOptions } from '../simulated-api.ts'
import { chatEndpoint } from './chat-endpoint.ts'
import { embedEndpoint } from './embed-endpoint.ts'
import { errorBody, errorOfIntake, errorOfKind, errorOfStatus, keyRefusal } from './error-wording.ts'
import { modelEndpoints } from './model-endpoints.ts'
import { OllamaAccount } from './ollama-account.ts'

/** Ollama's chat, embeddings and models. It needs no key, and refuses a wrong one. */
export function ollamaApi(options: SimulatedApiOptions): SimulatedApi {
  const account = new OllamaAccount(options)
  return {
    basePath: '',
    models: account.models.roles,
    endpoints: [chatEndpoint(account), embedEndpoint(account), ...modelEndpoints(account)],
    credential: ({ headers }) => /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1],
    credentialHeaders: ['authorization'],
    needsKey: false,
    keyRefusal,
    errorOfStatus,
    errorOfKind,
    errorOfIntake,
    errorBody,
    headers: () => ({}),
  }
}
