import type { ConfiguredModel, Switchyard } from '@switchyard/config'
import { type Chain, SwitchyardError } from '@switchyard/core'
import type { Caller } from './callers.ts'

/** The models that a caller may name, in the configuration's order. */
export function permittedModels(switchyard: Switchyard, { chains }: Caller): readonly ConfiguredModel[] {
  const models = switchyard.models()
  if (chains === undefined) return models
  return models.filter(({ id, kind, targets }) =>
    kind === 'chain' ? chains.has(id) : kind === 'alias' && targets.some(target => chains.has(target)),
  )
}

/**
 * What answers for a request's model.
 *
 * @throws {SwitchyardError} `not-found` for what is not there and for what this caller may not ask: no key learns of
 * the chains of others.
 */
export function resolvePermitted(switchyard: Switchyard, caller: Caller, model: string | undefined): Chain {
  if (caller.chains === undefined) return switchyard.resolve(model)
  const permitted = permittedModels(switchyard, caller).map(({ id }) => id)
  if (model !== undefined && permitted.includes(model)) return switchyard.resolve(model)
  const there = `The key "${caller.name}" may ask ${permitted.join(', ')}.`
  if (!model) throw new SwitchyardError('invalid-request', `Name a model. ${there}`, { param: 'model' })
  const shown = JSON.stringify(model.length > 100 ? `${model.slice(0, 100)}...` : model)
  throw new SwitchyardError('not-found', `There is no model ${shown} for this key. ${there}`, { param: 'model' })
}
