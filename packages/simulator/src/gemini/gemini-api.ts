import type { SimulatedApi, SimulatedApiOptions } from '../simulated-api.ts'
import { countTokensEndpoint } from './count-tokens-endpoint.ts'
import { embedEndpoint } from './embed-endpoint.ts'
import { errorBody, errorOfIntake, errorOfKind, errorOfStatus, keyRefusal } from './error-wording.ts'
import { GeminiAccount } from './gemini-account.ts'
import { generateEndpoints } from './generate-endpoint.ts'
import { modelEndpoints } from './model-endpoints.ts'

/** Google's Gemini: answers, token counts, embeddings and models. */
export function geminiApi(options: SimulatedApiOptions): SimulatedApi {
  const account = new GeminiAccount(options)
  return {
    basePath: '',
    models: account.models.roles,
    endpoints: [
      ...generateEndpoints(account),
      countTokensEndpoint(account),
      embedEndpoint(account),
      ...modelEndpoints(account),
    ],
    credential: ({ headers, query }) => headers['x-goog-api-key'] ?? query.get('key') ?? undefined,
    credentialHeaders: ['x-goog-api-key'],
    keyRefusal,
    errorOfStatus,
    errorOfKind,
    errorOfIntake,
    errorBody,
    retryAfterIn: 'body',
    headers: () => ({ server: 'scaffolding on HTTPServer2', 'x-gemini-service-tier': 'standard' }),
  }
}
