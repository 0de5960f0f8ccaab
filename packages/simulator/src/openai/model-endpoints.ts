import { jsonReply } from '../reply.ts'
import type { Endpoint } from '../simulated-api.ts'
import type { SimulatedModel } from '../simulated-model.ts'
import type { OpenAIAccount } from './openai-account.ts'

/** The list of models, and each of them. */
export function modelEndpoints(account: OpenAIAccount): readonly Endpoint[] {
  const entry = (model: SimulatedModel) => ({
    id: model.id,
    object: 'model',
    created: 1_790_640_000,
    owned_by: 'simulator',
    shutdown_date: null,
    ...account.flavour.modelFields?.(model),
    ...(account.marked && { simulated: true }),
  })
  const named = (name: string) => {
    const found = account.models.all.find(({ id }) => encodeURIComponent(id) === name || id === name)
    return found ?? account.model(name, 'answers')
  }
  return [
    {
      method: 'GET',
      path: account.path('models'),
      answer: () => jsonReply({ object: 'list', data: account.models.all.map(entry) }),
    },
    {
      method: 'GET',
      path: account.path('models/(.+)'),
      answer: (_, path) => jsonReply(entry(named(path[1] as string))),
    },
  ]
}
