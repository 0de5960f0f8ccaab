import type { SimulatedApi, SimulatedApiOptions } from '../simulated-api.ts'
import { AnthropicAccount } from './anthropic-account.ts'
import { countTokensEndpoint } from './count-tokens-endpoint.ts'
import { errorBody, errorOfIntake, errorOfKind, errorOfStatus, keyRefusal } from './error-wording.ts'
import { messagesEndpoint } from './messages-endpoint.ts'
import { modelEndpoints } from './model-endpoints.ts'

/** Anthropic's messages, token counts and models. */
export function anthropicApi(options: SimulatedApiOptions): SimulatedApi {
  const account = new AnthropicAccount(options)
  return {
    basePath: '',
    models: account.models.roles,
    endpoints: [messagesEndpoint(account), countTokensEndpoint(account), ...modelEndpoints(account)],
    credential: ({ headers }) => headers['x-api-key'] ?? /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1],
    credentialHeaders: ['x-api-key', 'authorization'],
    keyRefusal,
    errorOfStatus,
    errorOfKind,
    errorOfIntake,
    errorBody,
    headers: ({ id }) => ({ 'request-id': id, 'anthropic-organization-id': 'org-sim', ...account.limitHeaders() }),
  }
}
