import type { ConfiguredModel, Switchyard } from '@switchyard/config'
import { type ModelInfo, SwitchyardError } from '@switchyard/core'
import { openaiChat } from '@switchyard/dialects'
import type { Caller } from './callers.ts'
import { permittedModels, resolvePermitted } from './permitted-models.ts'

/** The body of `GET /v1/models`: what this caller may name. */
export function modelList(switchyard: Switchyard, caller: Caller): unknown {
  return openaiChat.encodeModels(permittedModels(switchyard, caller).map(modelInfo))
}

/** The body of `GET /v1/models/{id}`. @throws {SwitchyardError} `not-found`, naming what there is. */
export function oneModel(switchyard: Switchyard, caller: Caller, id: string): unknown {
  // anything that a request may name has a page, listed or not
  resolvePermitted(switchyard, caller, id)
  const known = switchyard.models().find(model => model.id === id) ?? { id, kind: 'model', targets: [] }
  const { data } = openaiChat.encodeModels([modelInfo(known)]) as { readonly data: readonly unknown[] }
  const [model] = data
  if (model === undefined) throw new SwitchyardError('not-found', `There is no model ${JSON.stringify(id)}.`)
  return model
}

function modelInfo(model: ConfiguredModel): ModelInfo {
  const owner = model.kind === 'model' ? model.id.split('/', 1)[0] : undefined
  return { id: model.id, created: 0, ownedBy: owner ?? 'switchyard' }
}
