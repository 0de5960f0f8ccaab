import type { ConfiguredModel, Switchyard } from '@switchyard/config'
import { type ModelInfo, SwitchyardError } from '@switchyard/core'
import { openaiChat } from '@switchyard/dialects'

/** The body of `GET /v1/models`. */
export function modelList(switchyard: Switchyard): unknown {
  return openaiChat.encodeModels(switchyard.models().map(modelInfo))
}

/** The body of `GET /v1/models/{id}`. @throws {SwitchyardError} `not-found`, naming what there is. */
export function oneModel(switchyard: Switchyard, id: string): unknown {
  // anything that a request may name has a page, listed or not
  switchyard.resolve(id)
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
