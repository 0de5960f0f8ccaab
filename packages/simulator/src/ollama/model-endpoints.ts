import { createHash } from 'node:crypto'
import type { Json } from '../json-value.ts'
import { jsonReply, wholeReply } from '../reply.ts'
import type { Endpoint, ReceivedRequest } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import { bodyOf, type OllamaAccount } from './ollama-account.ts'
import { capabilitiesOf, trainedContext } from './ollama-models.ts'
import { optional } from './refusal.ts'

const modified = '2026-11-01T00:00:00Z'

/** The models that are there, what each can do, and that the server runs. */
export function modelEndpoints(account: OllamaAccount): readonly Endpoint[] {
  const mark = account.marked && { simulated: true }
  const tags = () => jsonReply({ models: account.models.all.map(listed), ...mark })
  const show = (request: ReceivedRequest) => {
    const { model, name } = bodyOf(request, 'ShowRequest')
    optional(model, 'string', 'ShowRequest.model')
    return jsonReply({ ...shown(account.model(model || name, 'answers')), ...mark })
  }
  const running = () => wholeReply(200, 'Ollama is running', { 'content-type': 'text/plain; charset=utf-8' })
  const version = () => jsonReply({ version: '0.30.0', ...mark })
  return [
    { method: 'GET', path: /^\/$/, answer: running },
    { method: 'HEAD', path: /^\/$/, answer: running },
    { method: 'GET', path: /^\/api\/version$/, answer: version },
    { method: 'GET', path: /^\/api\/tags$/, answer: tags },
    { method: 'POST', path: /^\/api\/show$/, answer: show },
  ]
}

function listed(model: SimulatedModel): Json {
  return {
    name: model.id,
    model: model.id,
    modified_at: modified,
    size: 5_200_000_000,
    digest: createHash('sha256').update(model.id).digest('hex'),
    details: detailsOf(model),
    capabilities: capabilitiesOf(model),
  }
}

function shown(model: SimulatedModel): Json {
  const { family } = detailsOf(model)
  return {
    modelfile: `FROM ${model.id}`,
    template: '{{ .Prompt }}',
    details: detailsOf(model),
    model_info: {
      'general.architecture': family,
      [`${family}.context_length`]: trainedContext(model),
      ...(model.dimensions !== undefined && { [`${family}.embedding_length`]: model.dimensions }),
    },
    capabilities: capabilitiesOf(model),
    modified_at: modified,
  }
}

function detailsOf({ id }: SimulatedModel) {
  const family = id.split(/[:/]/, 1)[0] as string
  return {
    parent_model: '',
    format: 'gguf',
    family,
    families: [family],
    parameter_size: '8.2B',
    quantization_level: 'Q4_K_M',
  }
}
